"""Reading what programs send: no unknown fields, no text that a database cannot hold, no endless bodies."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from governance.web.api.errors import TooLarge


class StrictJSONParser(BaseParser):
    """JSON in UTF-8, at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes; no NaN, no NUL, no half of a surrogate pair."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the value; raises `ParseError` (400) or `TooLarge` (413)."""
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE  # type: ignore[assignment]
        raw = stream.read(most + 1)
        if len(raw) > most:
            raise TooLarge(_("内容太大了，最多 %(size)s 字节") % {"size": most})
        try:
            return _checked(json.loads(raw.decode("utf-8"), parse_constant=_refuse))
        except (ValueError, RecursionError) as error:
            raise ParseError(_("请求内容不是有效的 JSON（UTF-8）"), "unreadable") from error


class StrictMultiPartParser(MultiPartParser):
    """Files with a few words; no NUL in them either."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return data and files; raises `ParseError` (400)."""
        parsed = super().parse(stream, media_type, parser_context)
        try:
            _checked(dict(parsed.data.lists()))
        except ValueError as error:
            raise ParseError(_("文字里有不能保存的字符"), "unreadable") from error
        return parsed


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _checked(value: Any) -> Any:
    if isinstance(value, str):
        value.encode("utf-8")  # a lone surrogate has no UTF-8: UnicodeEncodeError is a ValueError
        if "\0" in value:
            raise ValueError("NUL")
    elif isinstance(value, float) and not math.isfinite(value):  # 1e999
        raise ValueError("not finite")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _checked(key)
            _checked(inner)
    elif isinstance(value, list):
        for inner in value:
            _checked(inner)
    return value


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know: a misspelt one must not be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        """Coerce; raises `ValidationError` (400) naming each unknown field."""
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            refuse_unknown(set(data) - writable)
        return super().to_internal_value(data)


def refuse_unknown(names: set[str]) -> None:
    """Raise `ValidationError` (400) for fields that nobody knows, if there are any."""
    if names:
        error = serializers.ErrorDetail(_("没有这个字段"), code="unknown_field")
        raise serializers.ValidationError({str(name)[:60]: [error] for name in sorted(map(str, names))})


class FiniteFloatField(serializers.FloatField):
    """A number: "NaN" passes every comparison of limits, so it is refused before."""

    def to_internal_value(self, data: Any) -> float:
        """Return a finite float, or fail as for what is no number; true and false are none."""
        if isinstance(data, bool):
            self.fail("invalid")
        value: float = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("invalid")
        return value
