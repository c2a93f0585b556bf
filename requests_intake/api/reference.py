"""What a form needs to be filled in: catalogue, organisations, areas."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import areas
from governance.access.permissions import Capability as Access
from governance.organisations.models import Organisation
from governance.web.api.access import by_token
from governance.web.api.parsing import StrictSerializer
from governance.web.api.views import TokenView
from requests_intake.api.fields import AreaCodeField
from requests_intake.api.showing import AreaSerializer, CatalogueSerializer, OrganisationSerializer
from requests_intake.permissions import Capability
from requests_intake.selectors.catalogue import items_in_use
from requests_intake.selectors.profiles import profile_at

# Whoever may do anything here may read what words mean.
_ANY = (
    Access.WORK,
    Capability.VIEW_REQUEST,
    Capability.VIEW_ORDER,
    Capability.ENTER_REQUEST,
    Capability.IMPORT_ORDERS,
)


class AreaQuerySerializer(StrictSerializer):
    """Which areas."""

    within = AreaCodeField(required=False, help_text="Only those inside this one; default: all.")


class CatalogueQuerySerializer(StrictSerializer):
    """Where."""

    area_code = AreaCodeField(
        required=False, help_text="Only what can be asked for in this place, what matters most there first."
    )


class NoQuerySerializer(StrictSerializer):
    """No parameters."""


@by_token(*_ANY)
class CatalogueView(TokenView):
    """The service catalogue."""

    @extend_schema(
        operation_id="catalogue_list",
        summary="List the catalogue",
        description="Items (事项) in use. Those with `elsewhere` are emergencies: they are not filed here.",
        parameters=[CatalogueQuerySerializer],
        responses=CatalogueSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Return it whole: no SQL while this process read it within the last minute."""
        query = CatalogueQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        items = sorted(items_in_use().values(), key=lambda item: item.code)
        if code := query.validated_data.get("area_code", ""):
            items = profile_at(code).arranged(items)
        return Response(CatalogueSerializer(items, many=True).data)


@by_token(*_ANY)
class OrganisationsView(TokenView):
    """Bodies that act in the portal."""

    @extend_schema(
        operation_id="organisations_list",
        summary="List organisations",
        description="Organisations (单位) in use, in the order of their areas.",
        responses=OrganisationSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Return all: 1 SQL."""
        NoQuerySerializer(data=request.query_params).is_valid(raise_exception=True)
        rows = Organisation.objects.filter(is_active=True).order_by("area_code", "kind", "pk")
        return Response(OrganisationSerializer(rows, many=True).data)


@by_token(*_ANY)
class AreasView(TokenView):
    """The territory."""

    @extend_schema(
        operation_id="areas_list",
        summary="List areas",
        description="District (区县), sub-districts (街道), communities (社区), grids (网格), by code.",
        parameters=[AreaQuerySerializer],
        responses=AreaSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Return codes and names: 1 SQL."""
        query = AreaQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        found: list[dict[str, Any]] = [
            {"code": code, "name": name, "level": areas.level(code)}
            for code, name in areas.below(query.validated_data.get("within", ""))
        ]
        return Response(found)
