"""How things of the portal are named to programs: public numbers and codes, never a row's key."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.access import areas
from requests_intake.models import Category
from requests_intake.questions import OPTIONS_MAX


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


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "maxItems": 12}]})
class AnswerField(serializers.Field[Any, Any, Any, Any]):
    """An answer to an extra question: text, or the codes of the options chosen."""

    default_error_messages = {"invalid": _("回答要是文字，或者选项代码的列表")}

    def to_internal_value(self, data: Any) -> str | list[str]:
        """Return it as it came."""
        options = data if isinstance(data, list) else []
        if (
            not isinstance(data, str | list)
            or len(options) > OPTIONS_MAX
            or not all(isinstance(o, str) for o in options)
        ):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        """As it came."""
        return value


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
