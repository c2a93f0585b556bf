"""Giving every encrypted value and every digest the newest key, so that an old one can be retired.

Works on the stored bytes of all models, table by table in order of key, a batch a transaction. A row that has the
newest key already is not touched again, so interrupted work goes on where it stopped, and may be begun again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from governance.privacy.fields import BlindIndexField, encrypted_fields
from governance.privacy.keys import decrypt, encrypt, key_id_of, key_ids


@dataclass(frozen=True)
class Sealed:
    """A table with encrypted columns, and the digests that are made of them."""

    model: type[models.Model]
    columns: tuple[Any, ...]
    digests: tuple[BlindIndexField, ...]

    @property
    def label(self) -> str:
        """Name of the model."""
        return self.model._meta.label

    def place(self, column: Any) -> str:
        """What is bound into the values of a column."""
        return f"{self.model._meta.db_table}.{column}"


@dataclass(frozen=True, slots=True)
class Use:
    """How many values of a column stand under a key; digests tell none, so "old" is any but the newest."""

    column: str
    key: str
    count: int


def sealed_tables() -> list[Sealed]:
    """Return all tables with encrypted columns, in the order of their labels."""
    found = []
    for model in sorted(apps.get_models(), key=lambda one: one._meta.label):
        columns = tuple(encrypted_fields(model))
        digests = tuple(field for field in model._meta.local_fields if isinstance(field, BlindIndexField) and field.of)
        if columns and not model._meta.proxy:
            found.append(Sealed(model, columns, digests))
    return found


def rekey_batch(table: Sealed, after: Any, *, limit: int) -> tuple[int, Any]:
    """Give the next rows of a table the newest key. Returns how many were looked at and the key of the last, or None.

    2 SQL, in one transaction. Rows are locked meanwhile; whoever writes to one of them waits for a moment.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        rows = _rows(cursor, table, after, limit)
        changed = [(row[0], *new) for row in rows if (new := _renewed(table, row)) is not None]
        if changed:
            _write(cursor, table, changed)
    return len(rows), rows[-1][0] if len(rows) == limit else None


def uses() -> Iterator[Use]:
    """Yield for each column how many of its values stand under which key, digests under old keys included.

    1 SQL for each column; tables with digests are read row by row, some 20,000 a second.
    """
    quote = connection.ops.quote_name
    for table in sealed_tables():
        for field in table.columns:
            column, name = quote(field.column), quote(table.model._meta.db_table)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT encode(substring({column} FROM 1 FOR 4), 'hex') AS key, count(*) FROM {name} "  # noqa: S608
                    f"WHERE {column} IS NOT NULL GROUP BY key ORDER BY key"
                )
                for key, count in cursor.fetchall():
                    yield Use(table.place(field.column), key, count)
        for digest in table.digests:
            if old := _old_digests(table, digest):
                yield Use(table.place(digest.column), "old", old)


def _old_digests(table: Sealed, digest: BlindIndexField) -> int:
    rows = table.model._default_manager.exclude(**{digest.attname: ""}).order_by("pk")
    pairs = rows.values_list(digest.of, digest.attname).iterator(chunk_size=2000)
    return sum(bool(value) and digest.digest(value) != kept for value, kept in pairs)


def rekey_waiting(table: Sealed) -> int:
    """Return how many rows of a table `rekey_batch` will look at. 1 SQL."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(table.model._meta.db_table)
        cursor.execute(f"SELECT count(*) FROM {name} WHERE {_wanted(table)}", {"newest": _newest()})  # noqa: S608
        return int(cursor.fetchone()[0])


def _newest() -> bytes:
    return bytes.fromhex(key_ids()[0])


def _wanted(table: Sealed) -> str:
    """Where there are digests all rows, else those with a value under another key than the newest."""
    if table.digests:
        return "TRUE"
    quote = connection.ops.quote_name
    old = (f"substring({quote(field.column)} FROM 1 FOR 4) <> %(newest)s" for field in table.columns)
    return f"({' OR '.join(old)})"


def _rows(cursor: Any, table: Sealed, after: Any, limit: int) -> Sequence[tuple[Any, ...]]:
    quote = connection.ops.quote_name
    primary: Any = table.model._meta.pk
    key = quote(primary.column)
    fields = [quote(field.column) for field in (*table.columns, *table.digests)]
    further = "" if after is None else f"AND {key} > %(after)s"
    cursor.execute(
        f"SELECT {key}, {', '.join(fields)} FROM {quote(table.model._meta.db_table)} "  # noqa: S608 - own names
        f"WHERE {_wanted(table)} {further} ORDER BY {key} LIMIT %(limit)s FOR UPDATE",
        {"newest": _newest(), "after": after, "limit": limit},
    )
    rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _renewed(table: Sealed, row: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The row's values under the newest key, None where they are that already."""
    newest, plain = key_ids()[0], {}
    values: list[Any] = []
    width = len(table.columns)
    for field, stored in zip(table.columns, row[1 : 1 + width], strict=True):
        if stored is None:
            values.append(None)
            continue
        plain[field.name] = decrypt(bytes(stored), place=table.place(field.column))
        is_new = key_id_of(bytes(stored)) == newest
        values.append(bytes(stored) if is_new else encrypt(plain[field.name], place=table.place(field.column)))
    for digest, kept in zip(table.digests, row[1 + width :], strict=True):
        value = plain.get(digest.of, b"").decode()
        values.append(digest.digest(value) if kept and value else kept)
    before = [None if one is None else bytes(one) if not isinstance(one, str) else one for one in row[1:]]
    return None if values == before else tuple(values)


def _write(cursor: Any, table: Sealed, changed: Sequence[tuple[Any, ...]]) -> None:
    quote = connection.ops.quote_name
    fields = [*table.columns, *table.digests]
    types = ["bytea"] * len(table.columns) + ["text"] * len(table.digests)
    key: Any = table.model._meta.pk
    names = [f"n{number}" for number in range(len(fields))]
    puts = ", ".join(f"{quote(field.column)} = new.{name}" for field, name in zip(fields, names, strict=True))
    given = ", ".join(["%s::" + key.db_type(connection) + "[]"] + [f"%s::{one}[]" for one in types])
    cursor.execute(
        f"UPDATE {quote(table.model._meta.db_table)} AS t SET {puts} "  # noqa: S608 - own names
        f"FROM unnest({given}) AS new (k, {', '.join(names)}) WHERE t.{quote(key.column)} = new.k",
        [list(column) for column in zip(*changed, strict=True)],
    )
