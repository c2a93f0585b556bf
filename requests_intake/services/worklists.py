"""Worklists that people keep for themselves or for colleagues."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, constraint_errors
from governance.text import clean_text
from governance.web.idempotency import create_once
from requests_intake.models import SavedWorklist, WorklistPage
from requests_intake.permissions import Capability
from requests_intake.query import MAX_LENGTH, parse

MOST = 20
NAME_MAX = 30


def worklist_save(
    *, name: str, page: str, view: str, query: str, share: str, key: UUID, actor: Viewer, at: datetime
) -> SavedWorklist:
    """Keep a query under a name. `share` is "" (own), "office" (the person's own) or "role:<key>" (one they hold).

    Raises `DomainError` on "name" for an empty, long or taken one and for the 21st list, on "query" for an empty one
    and for one that nobody understands, on "share" for who may not.
    """
    if actor.user is None:
        raise Forbidden("worklist_needs_person", _("清单要由登录的人保存"))
    read = parse(query)
    if not read.terms or read.is_cut or read.unknown:
        raise DomainError("worklist_query", _("请先写好条件，再存成清单；看不懂的条件要先改掉"), field="query")
    if read.phone:
        raise DomainError("worklist_phone", _("电话号码不能存进清单，请按别的条件存"), field="query")
    with constraint_errors(), transaction.atomic():
        own = list(SavedWorklist.objects.select_for_update(no_key=True).filter(owner=actor.user).order_by("position"))
        if len(own) >= MOST:
            raise DomainError("worklist_too_many", _("最多存 20 张清单，请先删掉一张"), field="name")
        organisation_id, role = _shared(share, actor)
        worklist, _created = create_once(
            SavedWorklist.objects.filter(owner=actor.user),
            key,
            lambda: SavedWorklist.objects.create(
                owner=actor.user,
                name=_name(name),
                page=page if page in WorklistPage.values else WorklistPage.REQUESTS,
                view=view[:16],
                query=read.text()[:MAX_LENGTH],
                organisation_id=organisation_id,
                role=role,
                position=own[-1].position + 1 if own else 0,
                created_at=at,
                submission_key=key,
            ),
        )
    return worklist


def worklist_change(*, worklist: SavedWorklist, name: str, share: str, actor: Viewer) -> SavedWorklist:
    """Rename a list and say who else uses it."""
    with constraint_errors(), transaction.atomic():
        own = _own(worklist, actor)
        own.name = _name(name)
        own.organisation_id, own.role = _shared(share, actor)
        own.save(update_fields=["name", "organisation", "role"])
    return own


def worklist_move(*, worklist: SavedWorklist, up: bool, actor: Viewer) -> None:
    """Change places with the one above or below; at the end of the row nothing happens."""
    with transaction.atomic():
        rows = list(
            SavedWorklist.objects.select_for_update(no_key=True)
            .filter(owner_id=actor.user_id or 0)
            .order_by("position", "pk")
        )
        here = next((place for place, row in enumerate(rows) if row.pk == worklist.pk), None)
        if here is None:
            raise Forbidden("worklist_not_own", _("只能改自己保存的清单"))
        other = here - 1 if up else here + 1
        if 0 <= other < len(rows):
            rows[here], rows[other] = rows[other], rows[here]
            for place, row in enumerate(rows):
                row.position = place
            SavedWorklist.objects.bulk_update(rows, ["position"])


def worklist_delete(*, worklist: SavedWorklist, actor: Viewer) -> None:
    """Forget a list; the requests in it stay as they are."""
    with transaction.atomic():
        _own(worklist, actor).delete()


def _own(worklist: SavedWorklist, actor: Viewer) -> SavedWorklist:
    found = SavedWorklist.objects.select_for_update(no_key=True).filter(pk=worklist.pk, owner_id=actor.user_id).first()
    if found is None:
        raise Forbidden("worklist_not_own", _("只能改自己保存的清单"))
    return found


def _name(text: str) -> str:
    name = clean_text(text, multiline=False)
    if not name:
        raise DomainError("worklist_name", _("请给清单起个名字"), field="name")
    if len(name) > NAME_MAX:
        raise DomainError("worklist_name_long", _("名字最多 30 个字"), field="name")
    return name


def _shared(share: str, actor: Viewer) -> tuple[int | None, str]:
    if not share:
        return None, ""
    if not actor.can(Capability.SHARE_WORKLIST):
        raise DomainError("worklist_share", _("您的角色不能和别人共用清单"), field="share")
    office = getattr(actor.user, "organisation_id", None)
    if share == "office" and office:
        return office, ""
    role = share.removeprefix("role:")
    if share.startswith("role:") and role in {grant.role for grant in actor.grants}:
        return None, role
    raise DomainError("worklist_share_unknown", _("请选和谁共用"), field="share")
