"""The only writers of tables that were handed in: kept, judged, written, forgotten."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState
from governance.files.checked_tables import Line, ReadTable, TableKind
from governance.outbox.services import publish
from grid.district import district_forget
from setup_wizard import events
from setup_wizard.models import HandedTable
from setup_wizard.steps import STEPS

KEPT = timedelta(days=7)


def table_hand_in(*, kind: TableKind, table: ReadTable, file_name: str, actor: Viewer, at: datetime) -> HandedTable:
    """Keep a table to be looked over; it takes the place of one that was not written. Raises `Forbidden`."""
    _require(kind, actor)
    fields = {
        "file_name": file_name[-120:],
        "has_merged": table.has_merged,
        "rows": table.rows,
        "handed_at": at,
        "handed_by": actor.user,
    }
    handed, _made = HandedTable.objects.update_or_create(step=kind.key, defaults=fields)
    return handed


def table_discard(*, kind: TableKind, actor: Viewer) -> None:
    """Forget a table without writing it."""
    _require(kind, actor)
    HandedTable.objects.filter(step=kind.key).delete()


def table_write(*, kind: TableKind, handed_at: datetime, only_clean: bool, actor: Viewer, at: datetime) -> list[Line]:
    """Write what a table changes, all or none, and forget it; return the rows that were written.

    `handed_at` names the table that was looked over. `only_clean` leaves rows with problems out; without it they
    refuse everything. Raises `StaleState` when another table lies there now, `DomainError` for rows with problems and
    for a table that changes nothing, and what the services of the rows raise.
    """
    _require(kind, actor)
    with transaction.atomic():
        handed = HandedTable.objects.select_for_update(of=("self",)).filter(step=kind.key).first()
        if handed is None or handed.handed_at != handed_at:
            raise StaleState("table_gone", _("这张表刚才已经写入，或者换过了，请看现在的"))
        lines = kind.lines(handed.rows, actor, at)
        broken = [line for line in lines if line.problems]
        if broken and not only_clean:
            raise DomainError("rows_broken", _("还有行有问题，什么都没有写"))
        writing = [line for line in lines if line.writes]
        if not writing:
            raise DomainError("nothing_to_write", _("没有可以写入的行"))
        kind.write(writing, actor, at)
        handed.delete()
        payload = {"step": kind.key, "rows": len(writing), "left_out": len(broken)}
        publish(events.TABLE_WRITTEN, subject=events.PROFILE, actor=actor, payload=payload, at=at)
        transaction.on_commit(district_forget)
    return writing


def tables_forget(*, at: datetime) -> int:
    """Delete tables that nobody wrote within a week: they may name people. Returns how many."""
    deleted, _by_model = HandedTable.objects.filter(handed_at__lt=at - KEPT).delete()
    return deleted


def _require(kind: TableKind, actor: Viewer) -> None:
    if not actor.can(STEPS[kind.key].capability):
        raise Forbidden("forbidden", _("您的角色不能在这里做这件事。如果工作需要，请找管理员授权。"))
