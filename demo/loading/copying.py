"""Many unsaved rows into their table by COPY: what bulk_create does, at a third of its time.

Constraints, defaults of the columns and triggers hold as ever; signals and `save` do not run, as with bulk_create.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from operator import attrgetter
from typing import Any

from django.db import connection, models
from django.db.models import Model
from psycopg2.extensions import Binary
from psycopg2.extras import Json

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_SPECIAL = re.compile(r"[\\\t\n\r]")
_QUOTES = str.maketrans({"\\": r"\\", '"': r"\""})
# Their values need no more than to be written down.
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.FloatField, models.BooleanField,
          models.DateField, models.UUIDField, models.ForeignKey)  # fmt: skip
CHUNK = 2000


def copy_in(rows: Sequence[Any]) -> None:
    """Insert rows of one model, in their order. Those without a key get one; parents must have had theirs before.

    Rows are unsaved objects of the model, or of `light` rows of it.
    """
    if not rows:
        return
    meta = rows[0]._meta
    give_keys(rows)
    # a column with a default of the database fills itself, and only itself knows with what
    fields = [field for field in meta.concrete_fields if not field.has_db_default()]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values_of = attrgetter(*(field.attname for field in fields))
    special = [(place, field.get_db_prep_save) for place, field in enumerate(fields) if not isinstance(field, _PLAIN)]

    def line(row: Any) -> str:
        values = values_of(row)
        if special:
            values = list(values)
            for place, prepared in special:
                values[place] = prepared(values[place], connection)
        return "\t".join([_TEXT.get(type(value), _text)(value) for value in values])

    with connection.cursor() as cursor:
        for start in range(0, len(rows), CHUNK):
            text = "".join(f"{line(row)}\n" for row in rows[start : start + CHUNK])
            cursor.copy_expert(f'COPY "{meta.db_table}" ({columns}) FROM STDIN', StringIO(text))


def give_keys(rows: Sequence[Any]) -> None:
    """Give the rows that have none their keys, in their order. 1 SQL."""
    if rows and not isinstance(rows[0]._meta.pk, models.AutoField | models.BigAutoField):
        return
    missing = [row for row in rows if row.id is None]
    if missing:
        for row, key in zip(missing, keys(missing[0]._meta, len(missing)), strict=True):
            row.id = key


def keys(meta: Any, count: int) -> Iterator[int]:
    """Take so many keys of a table. 1 SQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [meta.db_table, count]
        )
        return iter([row[0] for row in cursor.fetchall()])


def light(model: type[Model]) -> Callable[..., Any]:
    """Return what makes rows of a model that are only ever written: a twentieth of the time of a model's object.

    Values are given by column (`request_id`); what is not given is the field's default, which must be a constant.
    """
    fixed = {field.attname: field.get_default() for field in model._meta.concrete_fields}

    class Light:
        _meta = model._meta

        def __init__(self, **values: Any) -> None:
            self.__dict__ = values

    for name, value in fixed.items():
        setattr(Light, name, value)
    return Light


def _text(value: Any) -> str:
    """A value as COPY reads it."""
    if isinstance(value, str):
        return value if _SPECIAL.search(value) is None else value.translate(_ESCAPES)
    if isinstance(value, Binary):
        return r"\\x" + bytes(value.adapted).hex()
    if isinstance(value, Json):
        return value.dumps(value.adapted).translate(_ESCAPES)
    if isinstance(value, list):
        return ("{" + ",".join(f'"{str(one).translate(_QUOTES)}"' for one in value) + "}").translate(_ESCAPES)
    return str(value)


_TEXT: dict[type, Callable[[Any], str]] = {
    type(None): lambda _value: r"\N",
    bool: lambda value: "t" if value else "f",
    int: str,
    datetime: datetime.isoformat,
}
