"""The only writers of tables of grants: kept while they are looked over, then written at once, then forgotten."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access import events
from governance.access.checks import require
from governance.access.duties import holders, is_separated
from governance.access.guardians import guardians_lock
from governance.access.models import Grant, GrantImport, Role, User
from governance.access.permissions import Capability
from governance.access.services import grants_write
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.organisations.models import Organisation
from governance.outbox.services import publish
from governance.refs import ref_of

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class GrantDraft:
    """One grant that a row asks for; `area_code` is the organisation's where there is one."""

    user: User
    role: Role
    area_code: str
    organisation: Organisation | None
    starts_at: datetime
    ends_at: datetime | None
    reason: str


def import_hand_in(*, rows: Any, has_merged: bool, file_name: str, actor: Viewer, at: datetime) -> GrantImport:
    """Keep a table to be looked over; it takes the place of the actor's last one. Raises `Forbidden`."""
    require(actor, Capability.GIVE_GRANT, None)
    fields = {"rows": rows, "has_merged": has_merged, "file_name": file_name[-120:], "handed_at": at}
    kept, _made = GrantImport.objects.update_or_create(handed_by=actor.user, defaults=fields)
    return kept


def import_discard(*, actor: Viewer) -> None:
    """Forget the actor's table without writing it."""
    GrantImport.objects.filter(handed_by=actor.user).delete()


def import_write(
    *,
    handed_at: datetime,
    judge: Callable[[Any], tuple[Sequence[GrantDraft], int]],
    actor: Viewer,
    at: datetime,
) -> tuple[int, int]:
    """Write what the actor's table adds, and forget it; return how many grants, and how many rows stayed out.

    `judge` reads the kept rows as of now and returns what is to be written, and how many rows it refuses; `handed_at`
    names the table that was looked over. All or none: about 15 SQL for any number. Raises `StaleState` when another
    table lies there, `DomainError` where nothing is to be written or separated duties would meet, `Forbidden` for a
    grant to oneself or out of reach.
    """
    with constraint_errors(), transaction.atomic():
        guardians_lock()
        kept = GrantImport.objects.select_for_update(of=("self",)).filter(handed_by=actor.user).first()
        if kept is None or kept.handed_at != handed_at:
            raise StaleState("table_gone", _("这张表刚才已经写入，或者换过了，请看现在的"))
        drafts, left_out = judge(kept.rows)
        if not drafts:
            raise DomainError("nothing_to_write", _("没有可以写入的行"))
        _grants_give(drafts, actor, at)
        kept.delete()
        payload = {"rows": len(drafts), "left_out": left_out}
        publish(events.GRANTS_IMPORTED, subject=ref_of(actor.user), actor=actor, payload=payload, at=at)
    return len(drafts), left_out


def imports_forget(*, at: datetime) -> int:
    """Delete tables that nobody wrote within a week: they name people. Returns how many."""
    deleted, _by_model = GrantImport.objects.filter(handed_at__lt=at - KEPT).delete()
    return deleted


def _grants_give(drafts: Sequence[GrantDraft], actor: Viewer, at: datetime) -> None:
    """Write grants of which `judge` has asked everything; what must never happen is asked once more, in bulk."""
    for draft in drafts:
        require(actor, Capability.GIVE_GRANT, Scope(draft.area_code))
        if draft.user.pk == actor.user_id:
            raise Forbidden("grant_to_self", _("不能给自己授权，请由另一位管理员办理"))
    people = {draft.user.pk for draft in drafts}
    locked = User.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=people).order_by("pk")
    if not all(user.is_active for user in locked):
        raise DomainError("user_inactive", _("这个人的账号已经停用"))
    rows = [
        Grant(
            user=draft.user,
            role=draft.role,
            area_code=draft.area_code,
            organisation=draft.organisation,
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
            reason=draft.reason,
            granted_by=actor.user,
            created_at=at,
        )
        for draft in drafts
    ]
    grants_write(rows, actor=actor, at=at)
    if is_separated() and any(len(holder.duties) > 1 for holder in holders(at, users=people)):
        raise DomainError("duties_apart", _("系统、安全、审计三种管理已经分开，一个人不能担任其中两种"))
