"""What all views of the interface share, and the description of it."""

from typing import Any

from django.utils.translation import override
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.decorators import public
from governance.access.viewer import Viewer


class TokenView(APIView):
    """A view of the interface: JSON, by token, kept by no cache on the way."""

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Answers hold personal data."""
        response.headers.setdefault("Cache-Control", "no-store")
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def viewer(self) -> Viewer:
        """Who calls."""
        viewer: Viewer = self.request.viewer  # type: ignore[attr-defined]
        return viewer


@public("describes the interface; holds no data")
class SchemaView(SpectacularAPIView):
    """The OpenAPI description, in English whatever the caller speaks: it is read by programmers and programs."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return it as YAML, or as JSON where that is accepted."""
        with override("en"):
            return super().get(request, *args, **kwargs)
