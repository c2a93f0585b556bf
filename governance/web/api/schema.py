"""How the interface describes itself: the token, and the refusals that every operation has in common."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse

from governance.web.api.authentication import SCHEME
from governance.web.api.errors import ErrorSerializer

_READ = {
    400: "A parameter or field that nobody knows, or that cannot be read.",
    401: "No token, or one that is wrong, expired or revoked.",
    403: "The token may not do this.",
    406: "Only JSON is spoken here.",
    429: "Too many calls in this minute; see Retry-After.",
}
_ONE = {404: "There is none, or this token may not know of it."}
_WRITE = {
    409: "Somebody was faster, or the key was used for something else; the message says what happened.",
    413: "The body is too large.",
    415: "The body is of a type that is not read here.",
    422: "A rule of the portal is not met; the message is the one that the page shows.",
}


class TokenSchema(AutoSchema):
    """Adds the common refusals to each operation, so that what a caller must expect stands beside it."""

    def _get_response_bodies(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The view's own answers, and the refusals; `responses` of a view would replace them further up."""
        answers: dict[str, Any] = super()._get_response_bodies(*args, **kwargs)
        refusals = dict(_READ)
        if "{" in self.path:
            refusals |= _ONE
        if self.method != "GET":
            refusals |= _WRITE
        for code, words in refusals.items():
            if str(code) not in answers:
                refusal = OpenApiResponse(ErrorSerializer, description=words)
                answers[str(code)] = self._get_response_for_code(refusal, str(code))
        return answers


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Names the token in the description."""

    target_class = "governance.web.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """HTTP bearer."""
        return {
            "type": "http",
            "scheme": SCHEME.lower(),
            "description": "Issued by an administrator under 接口令牌 for one organisation; shown once.",
        }
