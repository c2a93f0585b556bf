"""Seals rows of the trail in batches, each seal covering its rows and the seal before it.

Writers never queue on a chain lock: they leave the seal empty, and one sealer at a time fills it in.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from governance.outbox.models import Seal
from governance.outbox.sealed_rows import SealedRow, canonical_json

ROWS_PER_SEAL = 5_000
LOCK = 0x4C52534C  # "LRSL": the advisory lock that lets one sealer run at a time

_ID_BYTES = 8
_ENTRY_BYTES = _ID_BYTES + 32

_sealed_labels: list[str] = []


def register_sealed(label: str) -> None:
    """Have the rows of a model ("app_label.Model", a `SealedRow`) sealed. Called when its app is ready."""
    if label not in _sealed_labels:
        _sealed_labels.append(label)


def sealed_models() -> dict[str, type[SealedRow]]:
    """Return the models whose rows are sealed, by label."""
    models: dict[str, type[SealedRow]] = {}
    for label in _sealed_labels:
        model = apps.get_model(label)
        if not issubclass(model, SealedRow):
            raise ImproperlyConfigured(f"{label} is to be sealed and is no SealedRow.")
        models[label] = model
    return models


def seal_due(at: datetime) -> list[Seal]:
    """Seal all rows that no slower transaction can still precede, oldest first, and return the new seals.

    Does nothing while another sealer runs. Each seal is a transaction of its own.
    """
    seals: list[Seal] = []
    for label, model in sealed_models().items():
        while seal := _seal_next(label, model, at):
            seals.append(seal)
            if seal.count < ROWS_PER_SEAL:
                break
    return seals


def seal_digest(seal: Seal) -> str:
    """Return the digest that a seal must carry, over all it says, the seal before it included."""
    head = canonical_json({"kind": seal.kind, "at": seal.at, "count": seal.count, "previous": seal.previous})
    return hashlib.sha256(head.encode() + bytes(seal.manifest)).hexdigest()


def manifest_of(rows: Iterable[tuple[int, str]]) -> bytes:
    """Return the manifest of rows given as (id, digest) in order of id."""
    return b"".join(row_id.to_bytes(_ID_BYTES, "big") + fingerprint(digest) for row_id, digest in rows)


def manifest_entries(manifest: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (id, fingerprint) of the rows that a seal covers, in order of id."""
    for start in range(0, len(manifest), _ENTRY_BYTES):
        entry = manifest[start : start + _ENTRY_BYTES]
        yield int.from_bytes(entry[:_ID_BYTES], "big"), entry[_ID_BYTES:]


def fingerprint(digest: str) -> bytes:
    """Return what stands in the manifest for a row's digest; any text has one, so no forged row can stop the sealer."""
    return hashlib.sha256(digest.encode()).digest()


# Rows of transactions that began before every transaction still running. A number beyond the snapshot can only come
# from the cluster that a backup was taken of: those rows are settled, too.
_SETTLED = """
SELECT id, digest FROM {table}
WHERE seal_id IS NULL
  AND (txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
       OR txid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
  AND txid <> coalesce(pg_current_xact_id_if_assigned()::text::bigint, -1)
ORDER BY id LIMIT %s
"""


def _seal_next(label: str, model: type[SealedRow], at: datetime) -> Seal | None:
    table = connection.ops.quote_name(model._meta.db_table)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(_SETTLED.format(table=table), [ROWS_PER_SEAL])
        rows = cursor.fetchall()
        if not rows:
            return None
        last = Seal.objects.order_by("-pk").values_list("digest", flat=True).first()
        seal = Seal(kind=label, at=at, count=len(rows), previous=last or "", manifest=manifest_of(rows))
        seal.digest = seal_digest(seal)
        seal.save(force_insert=True)
        cursor.execute(
            f"UPDATE {table} SET seal_id = %s WHERE id = ANY(%s) AND seal_id IS NULL",  # noqa: S608 - own table name
            [seal.pk, [row_id for row_id, _ in rows]],
        )
        if cursor.rowcount != len(rows):
            raise RuntimeError(f"{label}: rows were sealed or removed while they were being sealed.")
    return seal
