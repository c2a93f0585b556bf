"""Lists page by key, not by OFFSET: page 1,000 costs what page 1 costs, and nobody counts a million rows."""

from collections.abc import Sequence
from typing import Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import BooleanField, F, Func, Value

SALT = "liren.keyset"
Column = models.Field


class RowCompare(Func):
    """SQL row comparison `(a, b) > (x, y)`: one range of the index on (a, b), ties included."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, fields: Sequence[Column], values: Sequence[Any], operator: str) -> None:
        self.operator = operator
        columns = [F(field.name) for field in fields]
        super().__init__(*columns, *(Value(v, output_field=f) for f, v in zip(fields, values, strict=True)))

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Write both rows with the operator between them."""
        parts = [compiler.compile(expression) for expression in self.get_source_expressions()]
        half = len(parts) // 2
        left, right = (", ".join(sql for sql, _params in side) for side in (parts[:half], parts[half:]))
        return f"({left}) {self.operator} ({right})", [p for _sql, params in parts for p in params]

    def copy(self) -> "RowCompare":
        """Keep the operator when the expression is resolved."""
        clone: RowCompare = super().copy()  # type: ignore[assignment]
        clone.operator = self.operator
        return clone


class KeysetPage:
    """One page of a queryset, with opaque cursors to its neighbours. One SELECT of size + 1 rows, no COUNT.

    `order` names plain columns of the model, all ascending or all descending ("-created_at", "-id"), the last one
    unique. Their values must not be NULL: such rows have no place in the order, so filter them out before; a NULL
    that reaches a page raises `ValueError`. A cursor of another list, or one that was tampered with, is the first page
    (`is_cursor_read` is False then).
    """

    def __init__(
        self,
        queryset: models.QuerySet[Any, Any],
        order: Sequence[str] = ("next_due_at", "id"),
        size: int = 50,
        cursor: str | None = "",
    ) -> None:
        self.size = size
        self.fields, self.descending = _columns(queryset.model, order)
        self._salt = f"{SALT}:{queryset.model._meta.label}:{','.join(order)}"
        back, key = self._read(cursor or "")
        self.is_cursor_read = not cursor or key is not None
        found = self._fetch(queryset, key, back)
        more = len(found) > size
        found = found[:size]
        if back:
            found.reverse()
        self.rows: list[Any] = found
        self.has_next = bool(found) and (more or back)
        self.has_previous = bool(found) and (more if back else key is not None)

    @property
    def next_cursor(self) -> str:
        """Cursor of the page after this one, or ""."""
        return self._write(self.rows[-1], back=False) if self.has_next else ""

    @property
    def previous_cursor(self) -> str:
        """Cursor of the page before this one, or ""."""
        return self._write(self.rows[0], back=True) if self.has_previous else ""

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def _fetch(self, queryset: models.QuerySet[Any, Any], key: list[Any] | None, back: bool) -> list[Any]:
        descending = self.descending != back
        if key is not None:
            queryset = queryset.filter(RowCompare(self.fields, key, "<" if descending else ">"))
        names = [f"-{field.name}" if descending else field.name for field in self.fields]
        rows = list(queryset.order_by(*names)[: self.size + 1])
        for row in rows:
            if any(_value(row, field.attname) is None for field in self.fields):
                raise ValueError("A keyset page met NULL in an ordering column; filter such rows out first.")
        return rows

    def _write(self, row: Any, *, back: bool) -> str:
        values = [field.get_prep_value(_value(row, field.attname)) for field in self.fields]
        texts = [value.isoformat() if hasattr(value, "isoformat") else value for value in values]
        return signing.dumps([int(back), *texts], salt=self._salt, compress=True)

    def _read(self, cursor: str) -> tuple[bool, list[Any] | None]:
        if not cursor:
            return False, None
        try:
            back, *texts = signing.loads(cursor, salt=self._salt)
            return bool(back), [field.to_python(text) for field, text in zip(self.fields, texts, strict=True)]
        except (signing.BadSignature, ValidationError, ValueError):
            return False, None


def _columns(model: type[models.Model], order: Sequence[str]) -> tuple[list[Column], bool]:
    directions = {name.startswith("-") for name in order}
    if len(directions) != 1:
        raise ValueError("A keyset order is all ascending or all descending.")
    try:
        fields: list[Any] = [
            model._meta.pk if name.lstrip("-") == "pk" else model._meta.get_field(name.lstrip("-")) for name in order
        ]
    except FieldDoesNotExist as error:
        raise ValueError(f"A keyset order names columns of the model: {error}") from error
    if not fields[-1].unique:
        raise ValueError("The last column of a keyset order must be unique, or pages would lose rows.")
    return fields, directions.pop()


def _value(row: Any, name: str) -> Any:
    return row[name] if isinstance(row, dict) else getattr(row, name)
