"""The only writers of roles: what they may do, new ones, and those no longer given."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access import events
from governance.access.checks import require_everywhere
from governance.access.duties import require_roles_apart
from governance.access.guardians import GUARDED, guardians_lock, require_guardians
from governance.access.models import Grant, Role, RoleChange, RoleChangeRow, UserKind
from governance.access.permissions import GIVING, Capability
from governance.access.reasons import checked_reason
from governance.access.sync import all_capabilities, built_in
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.text import clean_text

NAME_MAX, NAME_EN_MAX = 40, 60


@dataclass(frozen=True, slots=True)
class Difference:
    """What a role is to get and to lose: capability names; whether it is to need a second step (None: as it is)."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    second_step: bool | None = None

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.second_step is not None)


def roles_change(
    *,
    differences: Mapping[str, Difference],
    seen: int,
    reason: str,
    submission_key: UUID,
    actor: Viewer,
    at: datetime,
) -> RoleChange:
    """Change what roles may do, all together; it holds from everybody's next request on.

    `differences` by role key; `seen` is the primary key of the last change that the actor had before their eyes (0 for
    none). Raises `StaleState` when one of these roles was changed since, `Forbidden` to whoever may not, or would give
    a role more that they hold themselves, `DomainError` for nothing to change, an unknown name, no reason, a program's
    role that could then give rights, or when nobody would be left who gives grants or changes roles.
    """
    require_everywhere(actor, Capability.EDIT_ROLES)
    why = checked_reason(reason)
    with transaction.atomic():
        roles = _locked(differences)
        newer = RoleChangeRow.objects.filter(change__gt=seen, role__in=roles.values())
        if newer.exists():
            raise StaleState("role_changed_meanwhile", _("刚才别人改过同一个角色，请看清现在的样子再改"))
        return _apply(roles, differences, why, submission_key, actor, at)


def role_change_undo(
    *, change: RoleChange, reason: str, submission_key: UUID, actor: Viewer, at: datetime
) -> RoleChange:
    """Take a change back: what it gave is taken, what it took is given, as far as that is not so already.

    Raises `StaleState` when it was taken back before, else as `roles_change` does.
    """
    require_everywhere(actor, Capability.EDIT_ROLES)
    why = checked_reason(reason)
    known = all_capabilities()
    rows = list(change.rows.select_related("role"))
    differences = {
        row.role.key: Difference(
            frozenset(row.removed) & known,
            frozenset(row.added) & known,
            None if row.second_step is None else not row.second_step,
        )
        for row in rows
    }
    with transaction.atomic():
        roles = _locked(differences)
        if RoleChange.objects.filter(undoes=change).exists():
            raise StaleState("change_undone", _("这次改动已经撤回过了"))
        return _apply(roles, differences, why, submission_key, actor, at, undoes=change)


def role_create(
    *, name: str, name_en: str, like: Role | None, reason: str, submission_key: UUID, actor: Viewer, at: datetime
) -> Role:
    """Make a role of the district's own; it may do what `like` may, or only open the desk.

    Raises `DomainError` on "name" or "name_en" when empty, too long or taken, on "like" for a role that the actor
    holds themselves (a copy could be given to them), and as `roles_change` does.
    """
    require_everywhere(actor, Capability.EDIT_ROLES)
    why = checked_reason(reason)
    title = _checked_name(name, "name", NAME_MAX)
    title_en = _checked_name(name_en, "name_en", NAME_EN_MAX)
    if Role.objects.filter(name=title).exists():
        raise DomainError("role_name_taken", _("已经有叫这个名字的角色"), field="name")
    key = f"own-{secrets.token_hex(4)}"
    given = frozenset({str(Capability.WORK)})
    if like is not None:
        given |= like.capabilities()
    with constraint_errors(), transaction.atomic():
        role = Role.objects.create(
            key=key, name=title, name_en=title_en, group=Group.objects.create(name=key), follows_code=False
        )
        publish(events.ROLE_CREATED, subject=ref_of(role), actor=actor, payload={"role": key}, at=at)
        second_step = like is not None and like.second_step_since is not None
        _apply({key: role}, {key: Difference(given, second_step=second_step or None)}, why, submission_key, actor, at)
    return role


def role_retire(*, role: Role, actor: Viewer, at: datetime) -> Role:
    """Stop giving a role of the district's own. Its history stays; retiring it again changes nothing.

    Raises `DomainError` for a built-in role, and while somebody holds it or will.
    """
    require_everywhere(actor, Capability.EDIT_ROLES)
    with transaction.atomic():
        locked = Role.objects.select_for_update(no_key=True).get(pk=role.pk)
        if locked.is_built_in:
            raise DomainError("role_built_in", _("出厂角色不能停用；不想用，就不给人"))
        if locked.retired_at is not None:
            return locked
        held = Grant.objects.filter(role=locked)
        if held.live(at).exists() or held.future(at).exists():
            raise DomainError("role_in_use", _("还有人担任这个角色，先结束他们的授权"))
        locked.retired_at = at
        locked.save(update_fields=["retired_at"])
        publish(events.ROLE_RETIRED, subject=ref_of(locked), actor=actor, payload={"role": locked.key}, at=at)
    return locked


def _locked(keys: Collection[str]) -> dict[str, Role]:
    """The roles of these keys, each kept from other changes until the transaction ends."""
    found = Role.objects.select_for_update(of=("self",), no_key=True).select_related("group").order_by("pk")
    roles = {role.key: role for role in found.filter(key__in=keys, retired_at=None)}
    if missing := set(keys) - set(roles):
        raise DomainError("role_unknown", _("没有这个角色：%(key)s") % {"key": sorted(missing)[0]})
    return roles


def _apply(
    roles: Mapping[str, Role],
    differences: Mapping[str, Difference],
    reason: str,
    submission_key: UUID,
    actor: Viewer,
    at: datetime,
    undoes: RoleChange | None = None,
) -> RoleChange:
    real = {key: _real(roles[key], difference) for key, difference in differences.items()}
    real = {key: difference for key, difference in real.items() if difference}
    if not real:
        raise DomainError("nothing_changed", _("没有改动：表里已经是这样了"))
    _check_raising(roles, real, actor, at)
    if any(difference.removed & GUARDED for difference in real.values()):
        guardians_lock()
    change = RoleChange.objects.create(
        at=at, by=actor.user, reason=reason, undoes=undoes, submission_key=submission_key
    )
    named = {f"{one.content_type.app_label}.{one.codename}": one for one in _permissions(real)}
    standard = built_in()
    for key, difference in real.items():
        role = roles[key]
        role.group.permissions.add(*(named[name] for name in difference.added))
        role.group.permissions.remove(*(named[name] for name in difference.removed))
        role.follows_code = role.is_built_in and role.capabilities() == standard.get(key)
        if difference.second_step is not None:
            role.second_step_since = at if difference.second_step else None
        role.save(update_fields=["follows_code", "second_step_since"])
        added, removed = sorted(difference.added), sorted(difference.removed)
        RoleChangeRow.objects.create(
            change=change, role=role, added=added, removed=removed, second_step=difference.second_step
        )
        payload = {
            "change_id": change.pk,
            "role": key,
            "added": added,
            "removed": removed,
            "second_step": difference.second_step,
            "undoes_id": undoes.pk if undoes else None,
        }
        publish(events.ROLE_CHANGED, subject=ref_of(role), actor=actor, payload=payload, at=at)
    if any(difference.removed & GUARDED for difference in real.values()):
        require_guardians(at)
    require_roles_apart(roles=[roles[key] for key, difference in real.items() if difference.added], at=at)
    return change


def _real(role: Role, wanted: Difference) -> Difference:
    """What is really different from what the role has now."""
    if unknown := (wanted.added | wanted.removed) - all_capabilities():
        raise DomainError("capability_unknown", _("没有这项权限：%(key)s") % {"key": sorted(unknown)[0]})
    held = role.capabilities()
    needs = role.second_step_since is not None
    second_step = None if wanted.second_step == needs else wanted.second_step
    return Difference(wanted.added - held, wanted.removed & held, second_step)


def _check_raising(roles: Mapping[str, Role], real: Mapping[str, Difference], actor: Viewer, at: datetime) -> None:
    """Nobody raises themselves or spares themselves the second step, and no program gets to give rights."""
    growing = [roles[key] for key, difference in real.items() if difference.added or difference.second_step is False]
    own = Grant.objects.filter(user=actor.user, role__in=growing).exclude(ends_at__lte=at) if actor.user else None
    if own is not None and (mine := own.select_related("role").first()) is not None:
        told = _("您自己担任“%(role)s”，要给它加权限、免掉两步登录，请另一位管理员办理")
        raise Forbidden("role_of_own", told % {"role": mine.role})
    strong = [roles[key] for key, difference in real.items() if difference.added & GIVING]
    programs = Grant.objects.filter(role__in=strong, user__kind=UserKind.PROGRAM).exclude(ends_at__lte=at)
    if programs.exists():
        raise DomainError("role_too_strong", _("有程序担任这个角色，它不能给别人授权"))


def _permissions(real: Mapping[str, Difference]) -> list[Permission]:
    codenames = {
        name.partition(".")[2] for difference in real.values() for name in difference.added | difference.removed
    }
    return list(Permission.objects.filter(codename__in=codenames).select_related("content_type"))


def _checked_name(text: str, field: str, most: int) -> str:
    name = clean_text(text, multiline=False)
    if not name:
        raise DomainError("name_required", _("请写名字"), field=field)
    if len(name) > most:
        raise DomainError("name_too_long", _("名字太长了，最多 %(most)s 个字") % {"most": most}, field=field)
    return name
