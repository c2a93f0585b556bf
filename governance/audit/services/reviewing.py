"""Reviewing the trail is recorded in it; an export is made by a job, step by step."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.audit import events
from governance.audit.filters import TrailFilter
from governance.audit.merging import packed, unpacked
from governance.audit.models import TrailExport, TrailExportPart
from governance.audit.permissions import Capability
from governance.audit.rows import About, TrailRow, rows_in_words
from governance.audit.selectors import trail
from governance.errors import Forbidden
from governance.files.tables import table_csv
from governance.jobs.registry import Step
from governance.jobs.services import job_start
from governance.outbox.services import publish

KEPT = timedelta(days=7)
JOB_KIND = "audit.export"
MOST_ROWS = 200_000  # of one export: the newest


def trail_read(*, narrowed: TrailFilter, actor: Viewer, at: datetime) -> None:
    """Record that somebody reviews the trail: one row a search, none for turning its pages. Raises `Forbidden`."""
    _require(actor, Capability.READ_TRAIL)
    with transaction.atomic():
        publish(events.TRAIL_READ, subject=events.TRAIL, actor=actor, at=at, payload=narrowed.as_payload())


def export_start(*, narrowed: TrailFilter, actor: Viewer, at: datetime) -> TrailExport:
    """Write down what is wanted and start the job; who exports what is in the trail. Raises `Forbidden`.

    Rows that come in later are not part of it: the period ends now.
    """
    _require(actor, Capability.EXPORT_TRAIL)
    until = min(narrowed.until, at) if narrowed.until is not None else at
    wanted = narrowed.as_json() | {"until": until.isoformat()}
    with transaction.atomic():
        made = TrailExport.objects.create(owner=actor.user, narrowed=wanted, created_at=at, expires_at=at + KEPT)
        made.job = job_start(kind=JOB_KIND, params={"export": made.pk}, actor=actor, at=at)
        made.save(update_fields=["job"])
        publish(events.TRAIL_EXPORTED, subject=events.TRAIL, actor=actor, at=at, payload=narrowed.as_payload())
    return made


def export_total(export_id: int) -> int:
    """How many rows there will be at most."""
    made = TrailExport.objects.get(pk=export_id)
    sources = trail(TrailFilter.from_json(made.narrowed)).sources
    return min(MOST_ROWS, sum(source.count() for source in sources))


def export_step(*, export_id: int, cursor: list[Any] | None, limit: int, actor: Viewer) -> Step:
    """Write the next rows. Whoever has lost the right meanwhile gets no more: raises `Forbidden`."""
    _require(actor, Capability.EXPORT_TRAIL)
    made = TrailExport.objects.get(pk=export_id)
    position, place = (cursor[0], unpacked(cursor[1])) if cursor else (0, None)
    merged = trail(TrailFilter.from_json(made.narrowed))
    found = merged.fetch(place, count=min(limit, MOST_ROWS - position))
    with translation.override(actor.user.language if actor.user else "zh-hans"):
        rows = rows_in_words([row for _place, row in found], actor)
        titles = [str(title) for title in _titles()] if not position else None
        lines = table_csv(titles or [], (_cells(row) for row in rows))
    TrailExportPart.objects.create(export=made, position=position, lines=lines if titles else _bare(lines))
    done = position + len(found)
    is_over = len(found) < limit or done >= MOST_ROWS
    return Step(len(found), None if is_over else [done, packed(found[-1][0])])


def export_lines(made: TrailExport) -> Iterator[bytes]:
    """Yield the file, part by part."""
    for lines in made.parts.order_by("position").values_list("lines", flat=True).iterator(chunk_size=10):
        yield bytes(lines)


def exports_expire(*, at: datetime) -> int:
    """Forget exports whose week is over."""
    deleted, _per_model = TrailExport.objects.filter(expires_at__lt=at).delete()
    return deleted


def _require(actor: Viewer, capability: Capability) -> None:
    if actor.user is None or not actor.can(capability):
        raise Forbidden("trail_forbidden", _("您的角色不能看或导出操作记录"))


def _bare(lines: bytes) -> bytes:
    """Without the mark and the empty first line of a table that has no titles."""
    return lines.partition(b"\r\n")[2]


def _titles() -> list[str]:
    first = [_("时间"), _("谁"), _("做了什么"), _("代码"), _("种类")]
    return [*first, _("对象"), _("明细"), _("区域代码"), _("封条"), _("摘要")]


def _cells(row: TrailRow) -> list[str]:
    at = timezone.localtime(row.at).isoformat(timespec="seconds")
    facts = "; ".join(
        f"{fact.label}: {_joined(fact.before)} → {_joined(fact.values)}"
        if fact.before
        else f"{fact.label}: {_joined(fact.values)}"
        for fact in row.facts
    )
    about = f"{row.about.what} {row.about.name}".strip()
    seal = str(row.seal) if row.seal is not None else ""
    return [at, row.who, row.text, row.code, row.kind, about, facts, row.area_code, seal, row.digest]


def _joined(values: Sequence[About]) -> str:
    return ", ".join(f"{one.what} {one.name}".strip() for one in values)
