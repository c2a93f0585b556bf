"""Proves the trail whole: recomputes every seal and every row's digest, and names the first that does not fit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from governance.outbox.anchors import Anchor
from governance.outbox.models import Seal
from governance.outbox.sealed_rows import SealedRow, salted_digest
from governance.outbox.sealing import fingerprint, manifest_entries, seal_digest, sealed_models

REWRITTEN = "has another digest than the one noted outside: it was rewritten"
CUT_OFF = "was noted outside and is gone: the trail was cut off or replaced"


@dataclass(frozen=True)
class Break:
    """Where the trail is broken: in a row, or (row None) in a seal itself."""

    kind: str
    row: int | None
    seal: int | None
    problem: str

    def __str__(self) -> str:
        where = [f"row {self.row} of {self.kind}"] if self.row is not None else []
        where += [f"seal {self.seal}"] if self.seal is not None else []
        return f"{', '.join(where)}: {self.problem}"


@dataclass(frozen=True)
class Verdict:
    """What was checked, the digest of the last seal, and the first break, if any."""

    seals: int
    rows: int
    unsealed: int
    last_digest: str
    broken: Break | None


def verify(known_digest: str = "", *, anchors: Sequence[Anchor] = ()) -> Verdict:
    """Check the whole trail, seal by seal; memory stays that of one seal.

    `known_digest` is a seal's digest noted earlier outside the database (each is logged when made), `anchors` are those
    that are noted every day: they must still be in the chain. Without them, whoever can rewrite the whole database
    and every later seal goes unseen.
    """
    counts = {"seals": 0, "rows": 0, "unsealed": 0}
    digests = [""]
    broken = next(_breaks(known_digest, anchors, counts, digests), None)
    return Verdict(**counts, last_digest=digests[-1], broken=broken)


def _breaks(
    known_digest: str, anchors: Sequence[Anchor], counts: dict[str, int], digests: list[str]
) -> Iterator[Break]:
    models = sealed_models()
    seen = not known_digest
    noted: dict[int, Anchor] = {anchor.seal: anchor for anchor in reversed(anchors)}  # the first word on a seal counts
    for seal in Seal.objects.order_by("pk").iterator(chunk_size=20):
        model = models.get(seal.kind)
        if model is None:
            yield Break(seal.kind, None, seal.pk, "covers rows of an unknown kind")
            continue
        yield from _broken_rows(seal, model, counts)
        if seal.previous != digests[-1]:
            yield Break(seal.kind, None, seal.pk, "does not follow the seal before it: one was removed or replaced")
        if seal.digest != seal_digest(seal) or seal.count * 40 != len(bytes(seal.manifest)):
            yield Break(seal.kind, None, seal.pk, "was changed")
        counts["seals"] += 1
        digests[:] = [seal.digest]
        seen = seen or seal.digest == known_digest
        anchor = noted.pop(seal.pk, None)
        if anchor is not None and anchor.digest != seal.digest:
            yield Break(seal.kind, None, seal.pk, REWRITTEN)
    for label, model in models.items():
        yield from _misplaced(label, model)
        yield from _broken_unsealed(label, model, counts)
    for number in sorted(noted):
        yield Break("outbox.Seal", None, number, CUT_OFF)
    if not seen:
        yield Break("outbox.Seal", None, None, f"no seal has the digest noted earlier, {known_digest}")


def _broken_rows(seal: Seal, model: type[SealedRow], counts: dict[str, int]) -> Iterator[Break]:
    covered = dict(manifest_entries(bytes(seal.manifest)))
    present = {row["id"]: row for row in _contents(model, seal_id=seal.pk)}
    counts["rows"] += len(present)
    for row_id in sorted(covered.keys() | present.keys()):
        row = present.get(row_id)
        if row is None:
            yield Break(seal.kind, row_id, seal.pk, "was removed")
        elif row_id not in covered:
            yield Break(seal.kind, row_id, seal.pk, "was inserted afterwards: its seal does not cover it")
        elif fingerprint(row["digest"]) != covered[row_id] or not _fits(model, row):
            yield Break(seal.kind, row_id, seal.pk, "was changed")


def _broken_unsealed(label: str, model: type[SealedRow], counts: dict[str, int]) -> Iterator[Break]:
    for row in _contents(model, seal_id__isnull=True):
        counts["unsealed"] += 1
        if not _fits(model, row):
            yield Break(label, row["id"], None, "was changed before it was sealed")


def _misplaced(label: str, model: type[SealedRow]) -> Iterator[Break]:
    """Yield rows that point to a seal of another table, or to none that exists."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.id, r.seal_id FROM {table} r LEFT JOIN outbox_seal s ON s.id = r.seal_id "  # noqa: S608 - own name
            "WHERE r.seal_id IS NOT NULL AND s.kind IS DISTINCT FROM %s ORDER BY r.id LIMIT 1",
            [label],
        )
        for row_id, seal_id in cursor.fetchall():
            yield Break(label, row_id, seal_id, "points to a seal that does not cover it")


def _contents(model: type[SealedRow], **which: Any) -> Iterator[dict[str, Any]]:
    rows = model._default_manager.filter(**which).order_by("id").values("id", "digest", *model.SEALED_FIELDS)
    return iter(rows.iterator(chunk_size=2000))


def _fits(model: type[SealedRow], row: dict[str, Any]) -> bool:
    salt = row["digest"].partition(":")[0]
    return bool(row["digest"] == salted_digest({name: row[name] for name in model.SEALED_FIELDS}, salt))
