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
from governance.access.models import ApiToken, Grant, GrantLife, Role, RoleChange, User, UserKind
from governance.access.permissions import Capability
from governance.access.sync import permission_modules
from governance.access.viewer import Viewer
from governance.organisations.models import Organisation
from governance.organisations.selectors import organisations_within

PEOPLE_SHOWN = 20
COMMUNITY_DIGITS = 12
GRANT_PARTS = ("user", "role", "organisation", "granted_by", "stands_in_for__user")  # what a page says of a grant


@dataclass(frozen=True, slots=True)
class GrantFilter:
    """What the grants list is narrowed to. Empty means everything."""

    words: str = ""
    role: str = ""
    capability: str = ""
    life: GrantLife | None = None
    person: uuid.UUID | None = None
    ending_days: int = 0  # only those in force that end within so many days


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
        return User.objects.filter(kind=UserKind.STAFF)
    return User.objects.filter(pk=viewer.user_id) if viewer.user_id else User.objects.none()


def people_search(*, viewer: Viewer, words: str, capability: str = Capability.GIVE_GRANT) -> list[User]:
    """At most 20 active people whose name, e-mail address or staff number contains the words. 1 SQL; none for no words.

    For those who may give grants, or hold what the page they search on needs; anybody else finds nobody.
    """
    words = words.strip()
    if not words or not viewer.can(capability):
        return []
    matching = User.objects.filter(_named(words), is_active=True, kind=UserKind.STAFF).select_related("organisation")
    return list(matching.order_by("display_name", "pk")[:PEOPLE_SHOWN])


def colleagues(*, viewer: Viewer, words: str = "", public_id: uuid.UUID | None = None) -> list[User]:
    """At most 20 people of staff by name, address or number, closed accounts too, or the one of this id. 1 SQL.

    Who is named exactly is meant alone.

    For those who may explain access; anybody else finds nobody.
    """
    if not viewer.can(Capability.EXPLAIN) or not (words.strip() or public_id):
        return []
    words = words.strip()
    wanted = _named(words) if words else Q(public_id=public_id)
    matching = User.objects.filter(wanted, kind=UserKind.STAFF).select_related("organisation")
    found = list(matching.order_by("display_name", "pk")[:PEOPLE_SHOWN])
    exact = [one for one in found if words and words in (one.email, one.staff_no, one.display_name)]
    return exact if len(exact) == 1 else found


def grants_for(viewer: Viewer, *, narrowed: GrantFilter, at: datetime) -> "QuerySet[Grant]":
    """Grants the viewer may see, with person, role, organisation and giver, narrowed and unordered."""
    rows = Grant.objects.visible_to(viewer).select_related(*GRANT_PARTS)
    if narrowed.words.strip():
        people = User.objects.filter(_named(narrowed.words.strip()), kind=UserKind.STAFF)
        rows = rows.filter(user__in=people)
    if narrowed.person is not None:
        rows = rows.filter(user__public_id=narrowed.person)
    if narrowed.role:
        rows = rows.filter(role__key=narrowed.role)
    if narrowed.capability:
        app_label, _dot, codename = narrowed.capability.partition(".")
        holding = Permission.objects.filter(content_type__app_label=app_label, codename=codename)
        rows = rows.filter(role__group__permissions__in=holding)
    if narrowed.ending_days:
        return rows.ending(at, narrowed.ending_days)  # type: ignore[no-any-return]
    match narrowed.life:
        case GrantLife.LIVE:
            return rows.live(at)
        case GrantLife.FUTURE:
            return rows.future(at)
        case GrantLife.ENDED:
            return rows.ended(at)
        case _:
            return rows


def holders_of(capability: str, at: datetime) -> list[int]:
    """Primary keys of the active people who hold a capability anywhere at `at`, in order. 1 SQL."""
    app_label, _, codename = str(capability).partition(".")
    holding = Permission.objects.filter(content_type__app_label=app_label, codename=codename)
    live = Grant.objects.live(at).people().filter(role__group__permissions__in=holding)
    return sorted(set(live.order_by().values_list("user_id", flat=True)))


def may_give_where(at: datetime) -> list[tuple[int, str]]:
    """Active people who give grants in an area at `at`, with its code, in order. 1 SQL."""
    app_label, _dot, codename = str(Capability.GIVE_GRANT).partition(".")
    holding = Permission.objects.filter(content_type__app_label=app_label, codename=codename)
    live = Grant.objects.live(at).people().filter(organisation=None, role__group__permissions__in=holding)
    return sorted(set(live.order_by().values_list("user_id", "area_code")))


def token_by_digest(digest: str, *, at: datetime) -> ApiToken | None:
    """Return the token if it opens anything at `at`, with its account; a closed organisation's does not. 1 SQL."""
    return (
        ApiToken.objects.select_related("user__organisation")
        .filter(digest=digest, revoked_at=None, expires_at__gt=at, user__is_active=True, organisation__is_active=True)
        .first()
    )


def tokens_for(viewer: Viewer) -> "QuerySet[ApiToken]":
    """Tokens the viewer may see, with account, organisation and giver, unordered."""
    rows = ApiToken.objects.visible_to(viewer)
    return rows.select_related("user", "organisation", "issued_by", "revoked_by").prefetch_related("user__grants__role")


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
    roles = list(Role.objects.filter(retired_at=None))
    held: dict[int, set[str]] = {role.group_id: set() for role in roles}
    permissions = Permission.objects.filter(group__in=list(held)).order_by()
    for group_id, app_label, codename in permissions.values_list("group", "content_type__app_label", "codename"):
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


def last_role_change() -> int:
    """Primary key of the newest change of roles; 0 before the first. 1 SQL."""
    return RoleChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def role_changes() -> "QuerySet[RoleChange]":
    """Changes of roles with who made them, what they say of each role, and what took them back."""
    return RoleChange.objects.select_related("by", "undoes", "undone_by").prefetch_related("rows__role")


def people_holding(keys: Iterable[str], *, at: datetime) -> int:
    """How many active people hold at least one of these roles (by key) at `at`. 1 SQL."""
    live = Grant.objects.live(at).people().filter(role__key__in=list(keys))
    return live.aggregate(people=Count("user", distinct=True))["people"]  # type: ignore[no-any-return]


def organisations_to_grant_in(viewer: Viewer) -> "QuerySet[Organisation]":
    """Active organisations inside the areas in which the viewer may give grants."""
    if viewer.kind == "system":
        return Organisation.objects.filter(is_active=True)
    return organisations_within(viewer.areas(Capability.GIVE_GRANT))


def areas_to_grant_in(viewer: Viewer) -> list[AreaGroup]:
    """Areas inside which the viewer may give grants: the wide ones first, then each community with its grids.

    Micro-grids are left out: no role is given for a stairwell. 1 SQL an area held, and 1 for their names.
    """
    wide: list[tuple[str, str]] = []
    groups: dict[str, list[tuple[str, str]]] = {}
    titles: dict[str, str] = {}
    for code, name in _areas_held(viewer):
        match areas.level(code):
            case "district" | "subdistrict":
                wide.append((code, name))
            case "community":
                titles[code] = name
                groups[code] = [(code, gettext("整个%(area)s") % {"area": name})]
            case "grid":
                groups.setdefault(code[:COMMUNITY_DIGITS], []).append((code, name))
    first = [AreaGroup(gettext("整个区或街道"), tuple(wide))] if wide else []
    return first + [AreaGroup(titles.get(code, gettext("网格")), tuple(rows)) for code, rows in groups.items()]


def _areas_held(viewer: Viewer) -> list[tuple[str, str]]:
    if viewer.kind == "system":
        return areas.below("")
    prefixes = viewer.areas(Capability.GIVE_GRANT)
    names = areas.names(prefixes) if prefixes else {}
    held: list[tuple[str, str]] = []
    for prefix in prefixes:
        held += [(prefix, names.get(prefix, prefix)), *areas.below(prefix)]
    return held


def _named(words: str) -> Q:
    return Q(display_name__icontains=words) | Q(email__icontains=words) | Q(staff_no__iexact=words)
