"""The viewer: who is looking or acting, with what they were granted, as one frozen value per request."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from django.db import connection

Kind = Literal["anonymous", "staff", "resident", "requester", "external", "system"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a record lies: its area code and the organisations that it concerns."""

    area_code: str = ""
    organisation_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """One live grant: the capabilities of its role, in an area (code prefix) or in an organisation."""

    grant_id: int
    role: str
    capabilities: frozenset[str]
    area_code: str | None
    organisation_id: int | None
    # from then on the role opens nothing without a second step at sign-in; None: a password is enough
    second_step_due: datetime | None = None

    def covers(self, scope: Scope) -> bool:
        """Whether the record lies inside this grant. An organisation grant covers only records that name it."""
        if self.organisation_id is not None:
            return self.organisation_id in scope.organisation_ids
        return self.area_code is not None and scope.area_code.startswith(self.area_code)


@dataclass(frozen=True)
class Viewer:
    """Who looks or acts.

    `anonymous` sees public pages, `staff` what the live grants give, `resident` their own things, `requester` is the
    holder of one request's tracking token (named by `subject`), `external` the holder of a link to one order (named by
    `subject`) who acts for an organisation outside the portal, `system` is a task that acts for a named reason.
    """

    kind: Kind = "anonymous"
    user: Any = None
    grants: tuple[HeldGrant, ...] = ()
    subject: str = ""
    at: datetime | None = field(default=None, compare=False)
    # signed in, but what they hold waits for the second step: no grant counts
    waits_for_second_step: bool = False
    # the three administrators of this portal are different people
    is_separated: bool = False
    # so long two administrators keep the emergency account open
    emergency_until: datetime | None = None
    # minutes after which a session without any sign of its owner ends; None: not read, since nothing is granted
    idle_minutes: int | None = None

    @property
    def second_step_due(self) -> datetime | None:
        """When a role of theirs will want, or began to want, a second step; None where none does."""
        return min((one.second_step_due for one in self.grants if one.second_step_due is not None), default=None)

    @property
    def user_id(self) -> int | None:
        """Primary key of the signed-in person, or None."""
        return self.user.pk if self.user is not None else None

    @property
    def staff_user(self) -> Any:
        """The member of staff, for histories that name colleagues and never residents; else None."""
        return self.user if self.kind == "staff" else None

    @cached_property
    def capabilities(self) -> frozenset[str]:
        """All capabilities held anywhere."""
        return frozenset().union(*(grant.capabilities for grant in self.grants))

    def can(self, capability: str) -> bool:
        """Whether the capability is held *somewhere*: enough to open a page, never enough to write."""
        return self.kind == "system" or str(capability) in self.capabilities

    def areas(self, capability: str) -> tuple[str, ...]:
        """Area-code prefixes within which the capability is held, the shorter absorbing the longer, sorted."""
        codes = sorted({g.area_code for g in self._holding(capability) if g.area_code is not None})
        return tuple(code for code in codes if not any(o != code and code.startswith(o) for o in codes))

    def organisations(self, capability: str) -> tuple[int, ...]:
        """Primary keys of the organisations in which the capability is held, sorted."""
        return tuple(sorted({g.organisation_id for g in self._holding(capability) if g.organisation_id is not None}))

    def holds(self, capability: str, scope: Scope) -> bool:
        """Whether a live grant gives the capability for a record in this scope."""
        return self.kind == "system" or any(grant.covers(scope) for grant in self._holding(capability))

    def holds_in(self, capability: str, area_code: str) -> bool:
        """Whether the capability is held for what lies in this area: for services below access, which know no scope."""
        return self.holds(capability, Scope(area_code))

    def _holding(self, capability: str) -> Iterable[HeldGrant]:
        name = str(capability)
        return (grant for grant in self.grants if name in grant.capabilities)


ANONYMOUS = Viewer()
SYSTEM = Viewer(kind="system")


def requester(subject: str) -> Viewer:
    """Return the viewer who holds the tracking token of the record with this ref."""
    return Viewer(kind="requester", subject=subject)


def external(subject: str, organisation_id: int) -> Viewer:
    """Return the viewer who holds a link to the record with this ref, as this organisation: without any capability."""
    belongs = HeldGrant(0, "", frozenset(), None, organisation_id)
    return Viewer(kind="external", subject=subject, grants=(belongs,))


_LIVE_GRANTS = """
SELECT g.id, r.key, g.area_code, g.organisation_id,
       array_remove(array_agg(ct.app_label || '.' || p.codename), NULL),
       CASE WHEN r.second_step_since IS NOT NULL THEN greatest(g.starts_at, r.second_step_since)
            + make_interval(days => coalesce((SELECT grace_days FROM access_accesspolicy), 7)::integer) END
,
       (SELECT separated_at IS NOT NULL FROM access_accesspolicy),
       (SELECT max(ends_at) FROM access_emergencyrelease WHERE closed_at IS NULL AND ends_at > %s),
       (SELECT idle_minutes FROM access_accesspolicy)
FROM access_grant g
JOIN access_role r ON r.id = g.role_id
LEFT JOIN auth_group_permissions gp ON gp.group_id = r.group_id
LEFT JOIN auth_permission p ON p.id = gp.permission_id
LEFT JOIN django_content_type ct ON ct.id = p.content_type_id
WHERE g.user_id = %s AND g.starts_at <= %s AND (g.ends_at IS NULL OR g.ends_at > %s)
GROUP BY g.id, r.key, r.second_step_since
ORDER BY g.id
"""


def remembered_viewer(user: Any, at: datetime) -> Viewer:
    """Return the viewer of a person, read once for each `user` object.

    A request loads its person anew, so what was remembered lives as long as the request: page, `has_perm` and
    templates share one SQL statement.
    """
    remembered: Viewer | None = getattr(user, "_liren_viewer", None)
    if remembered is None:
        remembered = viewer_for(user, at)
        if user is not None:
            user._liren_viewer = remembered
    return remembered


def viewer_for(user: Any, at: datetime) -> Viewer:
    """Return the viewer for a signed-in person with the grants live at `at`: one SQL, none for residents."""
    if user is None or not user.is_authenticated or not user.is_active:
        return ANONYMOUS
    if user.kind == "resident":
        return Viewer(kind="resident", user=user, at=at)  # holds no grant, even if a row said so
    with connection.cursor() as cursor:
        cursor.execute(_LIVE_GRANTS, [at, user.pk, at, at])
        rows = cursor.fetchall()
    grants = tuple(
        HeldGrant(
            grant_id=pk,
            role=role,
            capabilities=frozenset(capabilities),
            area_code=area_code if organisation_id is None else None,
            organisation_id=organisation_id,
            second_step_due=second_step_due,
        )
        for pk, role, area_code, organisation_id, capabilities, second_step_due, *_of_the_office in rows
    )
    *_own, is_separated, emergency_until, idle_minutes = rows[0] if rows else (False, None, None)
    return Viewer(
        kind="staff",
        user=user,
        grants=grants,
        at=at,
        is_separated=bool(is_separated),
        emergency_until=emergency_until,
        idle_minutes=idle_minutes,
    )
