"""Why an answer is due on its date, line by line: the promise, every pause, the extension, a new start."""

from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from governance.worktime import Line, calendar_current, explain
from governance.worktime.dates import moment_text
from requests_intake.models import Clock, Extension, Pause, PauseKind, ServiceRequest
from requests_intake.selectors.policies import limit_text
from requests_intake.selectors.stages import newest_stages
from requests_intake.services.stepping import limits_for
from requests_intake.workflow import ClockKind

_PAUSED: dict[str, Any] = {
    PauseKind.QUESTION: _("{start} 至 {end} 等居民补充，不算；到期改为 {due}"),
    PauseKind.SUSPENDED: _("{start} 至 {end} 暂停办理，不算；到期改为 {due}"),
    PauseKind.LEDGERED: _("{start} 至 {end} 长期挂账，不算；到期改为 {due}"),
}
_STANDS: dict[str, Any] = {
    PauseKind.QUESTION: _("从 {start} 起等居民补充，现在不算；最晚 {end} 接着算"),
    PauseKind.SUSPENDED: _("从 {start} 起暂停办理，现在不算；{end} 接着算"),
    PauseKind.LEDGERED: _("从 {start} 起长期挂账，现在不算；{end} 接着算"),
}
_UNMOVED = _("{start} 已经超期，以后停着的时间不改变期限")


def why_this_date(request: ServiceRequest) -> list[Line]:
    """Return, line by line, how the answer's date came about; after a rework or reopening it counts from there."""
    started = (
        Clock.objects.filter(request=request, kind=ClockKind.ANSWER)
        .order_by("-started_at", "-pk")
        .values_list("started_at", flat=True)
        .first()
    ) or request.submitted_at
    limits = limits_for(request)
    lines = explain(started, limits.durations[ClockKind.ANSWER], calendar_current())
    if started > request.submitted_at:
        lines.insert(0, Line(_("重新办理，期限重新起算"), started))
    later = [_pause_line(pause) for pause in Pause.objects.filter(request=request, started_at__gte=started)]
    if request.extension_asked:
        later += [
            line
            for row in Extension.objects.filter(
                request=request, is_approved=True, decided_at__gte=started
            ).select_related("decided_by__organisation")
            for line in (_extension_line(row), Line(row.text, row.decided_at))
        ]
    return lines + sorted(later, key=lambda line: line.at or started) + _stage_lines(request)


def _stage_lines(request: ServiceRequest) -> list[Line]:
    """Say of each stage how its date came about: counted from acceptance, and moved where the clocks stood still."""
    lines: list[Line] = []
    for clock in newest_stages(request):
        assert clock.stage is not None  # noqa: S101 - a constraint says so
        explained = explain(clock.started_at, clock.stage.duration, calendar_current())
        lines += [Line(format_lazy(_("阶段“{name}”："), name=clock.stage.label), clock.started_at), *explained]
        if clock.due_at != clock.original_due_at:
            lines.append(
                Line(format_lazy(_("停着的时间不算，到期改为 {due}"), due=_moment(clock.due_at)), clock.due_at)
            )
    return lines


def _pause_line(pause: Pause) -> Line:
    start = _moment(pause.started_at)
    if pause.due_before <= pause.started_at:
        return Line(format_lazy(_UNMOVED, start=_moment(pause.due_before)), pause.started_at)
    if pause.ended_at is None or pause.due_after is None:
        return Line(format_lazy(_STANDS[pause.kind], start=start, end=_moment(pause.until)), pause.started_at)
    words = format_lazy(_PAUSED[pause.kind], start=start, end=_moment(pause.ended_at), due=_moment(pause.due_after))
    return Line(words, pause.started_at)


def _extension_line(row: Extension) -> Line:
    by = row.decided_by
    office = by.organisation.label if by is not None and by.organisation is not None else ""
    words = format_lazy(
        _("{at} {office}同意延期 {amount}，到期改为 {due}，理由："),
        at=_moment(row.decided_at or row.asked_at),
        office=office,
        amount=limit_text(row.duration),
        due=_moment(row.due_after),
    )
    return Line(words, row.decided_at)


def _moment(value: datetime) -> str | Promise:
    return moment_text(calendar_current().local(value))
