"""What rows of the trail have in common: a digest made when they are written, and a seal put on them afterwards."""

import hashlib
import json
import secrets
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models


class TransactionId(models.Func):
    """The number of the running transaction, also inside savepoints.

    Row ids are taken before their transactions commit, so a small id may become visible after a large one has been
    sealed. The transaction number tells which rows can no longer be preceded by others.
    """

    template = "(pg_current_xact_id()::text)::bigint"
    output_field = models.BigIntegerField()


class SealedRow(models.Model):
    """A row that is only ever added.

    A subclass names in `SEALED_FIELDS` the columns (attnames) its digest covers, adds `AppendOnly(table)` to its first
    migration, and calls `governance.outbox.sealing.register_sealed(label)` when its app is ready. `save()` stamps the
    digest; before `bulk_create` call `stamp()` on each row.
    """

    SEALED_FIELDS: ClassVar[tuple[str, ...]] = ()

    txid = models.BigIntegerField(db_default=TransactionId(), editable=False)
    digest = models.CharField(max_length=81, editable=False)  # 16 hex digits of salt, a colon, 64 of SHA-256
    seal = models.ForeignKey(
        "outbox.Seal", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row with its digest."""
        self.stamp()
        super().save(*args, **kwargs)

    def stamp(self) -> Self:
        """Set the digest over the sealed columns, once."""
        if not self.digest:
            content = {name: getattr(self, name) for name in self.SEALED_FIELDS}
            self.digest = salted_digest(content, secrets.token_hex(8))
        return self


def salted_digest(content: dict[str, Any], salt: str) -> str:
    """Return "salt:SHA-256" over the salt and the canonical JSON of a row's content.

    Canonical: keys sorted, no spaces, times in UTC with microseconds. The salt keeps a digest that outlives its row
    from being guessed back.
    """
    return f"{salt}:{hashlib.sha256((salt + canonical_json(content)).encode()).hexdigest()}"


def canonical_json(content: Any) -> str:
    """Return the one JSON text of a value, the same before saving and after reading back."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"A sealed row cannot hold a {type(value).__name__}.")
