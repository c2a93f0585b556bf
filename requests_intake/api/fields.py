"""How things of the portal are named to programs: public numbers and codes, never a row's key."""

from typing import Any

from rest_framework import serializers

from governance.access import areas
from requests_intake.models import Category


class OfficeSerializer(serializers.Serializer[Any]):
    """An organisation (单位)."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="label")

    class Meta:
        ref_name = "Office"


class ItemSerializer(serializers.Serializer[Category]):
    """An item of the service catalogue (事项)."""

    code = serializers.CharField()
    name = serializers.CharField(source="label")

    class Meta:
        ref_name = "Item"


class AreaCodeField(serializers.RegexField):
    """Code of an area that exists today: 6 + 3 + 3 + 3 + 2 digits, each longer one inside the shorter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^[0-9]{6}(?:[0-9]{3}){0,3}(?:[0-9]{2})?$", max_length=17, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Return the code, or fail as for one of the wrong shape."""
        code = str(super().to_internal_value(data))
        if code and not areas.exists(code):
            self.fail("invalid")
        return code
