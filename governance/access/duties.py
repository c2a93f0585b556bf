"""Three administrators who check one another: system, security, audit (三员). What makes somebody one of them.

A duty is what only administrators may do, whatever the role is called: the capabilities that the built-in role of the
duty has and no role for daily work. A custom role with one of them counts, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.contrib.auth.models import Permission
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.guardians import guardians_lock
from governance.access.models import AccessPolicy, Grant, Role, User
from governance.access.permissions import DUTIES, JOINT
from governance.access.sync import built_in
from governance.errors import DomainError

_APART = _("系统、安全、审计三种管理已经分开，一个人不能担任其中两种")


@cache
def duty_of() -> Mapping[str, str]:
    """The duty of each capability that makes one an administrator. No SQL."""
    given = built_in()
    daily = frozenset().union(*(held for role, held in given.items() if role not in (*DUTIES, *JOINT)))
    return {name: duty for duty in DUTIES for name in given[duty] - daily}


def duties_in(capabilities: Iterable[str]) -> frozenset[str]:
    """The duties that these capabilities belong to. No SQL."""
    known = duty_of()
    return frozenset(known[name] for name in capabilities if name in known)


def is_separated() -> bool:
    """Whether the three are apart in this portal. 1 SQL."""
    return AccessPolicy.objects.filter(pk=AccessPolicy.ROW, separated_at__isnull=False).exists()


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a duty: their grants that bring one, in force or still to come, with the duties of each."""

    user: User
    grants: tuple[tuple[Grant, frozenset[str]], ...]

    @property
    def duties(self) -> tuple[str, ...]:
        """All of theirs, in the order of `DUTIES`."""
        held = frozenset().union(*(duties for _grant, duties in self.grants))
        return tuple(duty for duty in DUTIES if duty in held)

    def is_everywhere(self, duty: str, at: datetime) -> bool:
        """Whether they hold it now, for the whole territory."""
        roots = [code for code, _name in areas.children("")]
        return any(
            duty in duties
            and grant.organisation_id is None
            and grant.starts_at <= at
            and (not roots or grant.area_code in roots)
            for grant, duties in self.grants
        )


def holders(at: datetime, *, users: Iterable[int] | None = None) -> list[Holder]:
    """Everybody with a duty at `at` or later, or those of `users`, by name; programs and closed accounts left out.

    3 SQL, in the number of administrators.
    """
    roles = duties_by_role()
    rows = Grant.objects.people().filter(role__in=roles).exclude(ends_at__lte=at)
    if users is not None:
        rows = rows.filter(user__in=list(users))
    found: dict[int, list[Grant]] = {}
    for grant in rows.select_related("user", "role", "organisation").order_by("user__display_name", "user", "pk"):
        if grant.ends_at is None or grant.ends_at > grant.starts_at:  # not taken back before it began
            found.setdefault(grant.user_id, []).append(grant)
    return [Holder(own[0].user, tuple((one, roles[one.role_id]) for one in own)) for own in found.values()]


def duties_by_role() -> dict[int, frozenset[str]]:
    """Roles by primary key with the duties that they bring. 2 SQL."""
    known = duty_of()
    wanted = Q()
    for name in known:
        app_label, _dot, codename = name.partition(".")
        wanted |= Q(content_type__app_label=app_label, codename=codename)
    rows = Permission.objects.filter(wanted, group__in=Role.objects.values("group")).order_by()
    found: dict[int, set[str]] = {}
    for group, app_label, codename in rows.values_list("group", "content_type__app_label", "codename"):
        found.setdefault(group, set()).add(known[f"{app_label}.{codename}"])
    by_group = dict(Role.objects.filter(group__in=found).values_list("group", "pk"))
    return {by_group[group]: frozenset(duties) for group, duties in found.items()}


def require_apart(*, user: User, role: Role, at: datetime) -> None:
    """Raise `DomainError` on "role" where this role would give somebody a second duty in a separated portal.

    1 SQL for a role of daily work, at most 6.
    """
    new = duties_in(role.capabilities())
    if not new:
        return
    guardians_lock()  # administrators are made one at a time, and never while the three are being separated
    if not is_separated():
        return
    held = {duty for holder in holders(at, users=[user.pk]) for duty in holder.duties}
    if len(new | held) > 1:
        raise DomainError("duties_apart", _APART, field="role")


def require_roles_apart(*, roles: Iterable[Role], at: datetime) -> None:
    """Raise `DomainError` where one of these roles, as it is now, mixes duties, or gives one of its holders two.

    Only in a separated portal; called after a change, before the transaction ends. At most 4 SQL and 1 a role.
    """
    mixed = [duties for role in roles if (duties := duties_in(role.capabilities()))]
    if not mixed:
        return
    guardians_lock()
    if not is_separated():
        return
    if any(len(duties) > 1 for duties in mixed) or any(len(holder.duties) > 1 for holder in holders(at)):
        raise DomainError("duties_apart", _APART)
