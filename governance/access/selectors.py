"""Reads of people, grants and roles: what the grant pages and the capability table show."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Permission
from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext

from governance.access import areas
from governance.access.models import Grant, GrantLife, Role, User
from governance.access.permissions import Capability
from governance.access.sync import permission_modules
from governance.access.viewer import Viewer
from governance.organisations.models import Organisation
from governance.organisations.selectors import organisations_within

PEOPLE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class GrantFilter:
    """What the grants list is narrowed to. Empty means everything."""

    words: str = ""
    role: str = ""
    life: GrantLife | None = None
    person: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class CapabilityText:
    """A capability in plain words, in the language of the page."""

    key: str
    name: str | Promise
    explanation: str | Promise


@dataclass(frozen=True, slots=True)
class RoleColumn:
    """A role with what it may do. `holders` counts the people who hold it now; None where the viewer may not know."""

    role: Role
    capabilities: frozenset[str]
    holders: int | None = None


@dataclass(frozen=True, slots=True)
class CapabilityGroup:
    """The capabilities of one app, under its title."""

    title: str | Promise
    capabilities: tuple[CapabilityText, ...]


@dataclass(frozen=True, slots=True)
class AreaGroup:
    """Areas under one heading of a choice list."""

    title: str
    areas: tuple[tuple[str, str], ...]


def people_visible_to(viewer: Viewer) -> "QuerySet[User]":
    """People a viewer may know of: staff know their colleagues' names, everybody else knows only themselves."""
    if viewer.kind == "system" or viewer.can(Capability.WORK):
        return User.objects.all()
    return User.objects.filter(pk=viewer.user_id) if viewer.user_id else User.objects.none()


def people_search(*, viewer: Viewer, words: str) -> list[User]:
    """At most 20 active people whose name, e-mail address or staff number contains the words. 1 SQL; none for no words.

    For those who may give grants; anybody else finds nobody.
    """
    words = words.strip()
    if not words or not viewer.can(Capability.GIVE_GRANT):
        return []
    matching = User.objects.filter(_named(words), is_active=True).select_related("organisation")
    return list(matching.order_by("display_name", "pk")[:PEOPLE_SHOWN])


def grants_for(viewer: Viewer, *, narrowed: GrantFilter, at: datetime) -> "QuerySet[Grant]":
    """Grants the viewer may see, with person, role, organisation and giver, narrowed and unordered."""
    rows = Grant.objects.visible_to(viewer).select_related("user", "role", "organisation", "granted_by")
    if narrowed.words.strip():
        people = User.objects.filter(_named(narrowed.words.strip()))
        rows = rows.filter(user__in=people)
    if narrowed.person is not None:
        rows = rows.filter(user__public_id=narrowed.person)
    if narrowed.role:
        rows = rows.filter(role__key=narrowed.role)
    match narrowed.life:
        case GrantLife.LIVE:
            return rows.live(at)
        case GrantLife.FUTURE:
            return rows.future(at)
        case GrantLife.ENDED:
            return rows.ended(at)
        case _:
            return rows


def area_names_of(grants: Iterable[Grant]) -> dict[str, str]:
    """Names of the areas of these grants by code, for the page's language; a code nobody knows is its own name."""
    codes = {grant.area_code for grant in grants}
    if not codes:
        return {}
    return {code: code for code in codes} | areas.names(codes)


def capability_groups() -> tuple[CapabilityGroup, ...]:
    """All declared capabilities, by app, what residents feel first on top. No SQL."""
    return tuple(
        CapabilityGroup(
            title=getattr(module, "TITLE", label),
            capabilities=tuple(CapabilityText(str(key), *module.DESCRIPTIONS[key]) for key in module.Capability),
        )
        for label, module in permission_modules()
    )


def roles_with_capabilities(viewer: Viewer | None = None, *, at: datetime | None = None) -> list[RoleColumn]:
    """All roles with what the database gives them. 2 SQL, with a viewer who may see grants 3.

    `holders` then counts the people with a grant that is live at `at` and visible to the viewer: the grants list,
    narrowed to the role and to live grants, shows them.
    """
    roles = list(Role.objects.all())
    held: dict[int, set[str]] = {role.group_id: set() for role in roles}
    pairs = Permission.objects.filter(group__in=list(held)).values_list("group", "content_type__app_label", "codename")
    for group_id, app_label, codename in pairs:
        held[group_id].add(f"{app_label}.{codename}")
    holders: dict[int, int] | None = None
    if viewer is not None and at is not None and viewer.can(Capability.VIEW_GRANT):
        live = Grant.objects.visible_to(viewer).live(at)
        holders = dict(live.order_by().values_list("role").annotate(people=Count("user", distinct=True)))
    return [
        RoleColumn(
            role=role,
            capabilities=frozenset(held[role.group_id]),
            holders=None if holders is None else holders.get(role.pk, 0),
        )
        for role in roles
    ]


def organisations_to_grant_in(viewer: Viewer) -> "QuerySet[Organisation]":
    """Active organisations inside the areas in which the viewer may give grants."""
    if viewer.kind == "system":
        return Organisation.objects.filter(is_active=True)
    return organisations_within(viewer.areas(Capability.GIVE_GRANT))


def areas_to_grant_in(viewer: Viewer) -> list[AreaGroup]:
    """Areas inside which the viewer may give grants: the wide ones first, then each community with its grids."""
    roots = areas.children("") if viewer.kind == "system" else _named_areas(viewer.areas(Capability.GIVE_GRANT))
    wide: list[tuple[str, str]] = []
    communities: list[AreaGroup] = []
    loose: list[tuple[str, str]] = []
    for root in roots:
        _sort_in(root, wide=wide, communities=communities, loose=loose)
    groups = [AreaGroup(gettext("整个区、街道"), tuple(wide)), *communities, AreaGroup(gettext("网格"), tuple(loose))]
    return [group for group in groups if group.areas]


def _named_areas(codes: Iterable[str]) -> list[tuple[str, str]]:
    codes = list(codes)
    names = areas.names(codes) if codes else {}
    return [(code, names.get(code, code)) for code in codes]


def _sort_in(
    area: tuple[str, str],
    *,
    wide: list[tuple[str, str]],
    communities: list[AreaGroup],
    loose: list[tuple[str, str]],
) -> None:
    code, name = area
    level = areas.level(code)
    if level == "community":
        whole = (code, gettext("整个%(area)s") % {"area": name})
        communities.append(AreaGroup(name, (whole, *areas.children(code))))
    elif level in {"district", "subdistrict"}:
        wide.append(area)
        for child in areas.children(code):
            _sort_in(child, wide=wide, communities=communities, loose=loose)
    else:
        loose.append(area)


def _named(words: str) -> Q:
    return Q(display_name__icontains=words) | Q(email__icontains=words) | Q(staff_no__iexact=words)
