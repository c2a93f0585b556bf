"""Who is behind a recipient reference, and where a message reaches them: asked at sending, never stored.

Apps with recipients who do not sign in register a resolver for their prefix ("requests_intake.requestercontact").
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from governance.access.models import User
from governance.notifications.models import OfficeRobot
from governance.notifications.registry import USER_PREFIX

OFFICE_PREFIX = "organisations.organisation"


@dataclass(frozen=True, slots=True)
class Contact:
    """Where and in which language somebody is written to; an address is "" when none is known.

    `phone` as typed: only a mobile number gets messages. `webhook` is the address of an office's group robot.
    `user_id` is the account of this very person, whose choices of what reaches them count.
    """

    email: str
    language: str
    name: str
    phone: str = ""
    webhook: str = ""
    user_id: int | None = None


Resolver = Callable[[Sequence[str]], Mapping[str, Contact]]

_resolvers: dict[str, Resolver] = {}


def register_resolver(prefix: str, resolver: Resolver) -> None:
    """Let `resolver` answer for references "prefix:pk": it gets a list of them and leaves out those it cannot find."""
    if _resolvers.setdefault(prefix, resolver) is not resolver:
        raise ImproperlyConfigured(f"The contact resolver of {prefix!r} is registered twice.")


def unregister_resolver(prefix: str) -> None:
    """Forget a resolver (tests register their own)."""
    _resolvers.pop(prefix, None)


def resolve(refs: Iterable[str]) -> dict[str, Contact]:
    """Return the contact of each reference that has one: one call of a resolver a prefix."""
    by_prefix: defaultdict[str, list[str]] = defaultdict(list)
    for ref in dict.fromkeys(refs):
        by_prefix[ref.partition(":")[0]].append(ref)
    found: dict[str, Contact] = {}
    for prefix, wanted in by_prefix.items():
        if prefix in _resolvers:
            found.update(_resolvers[prefix](wanted))
    return found


def resolve_users(refs: Sequence[str]) -> dict[str, Contact]:
    """Contacts of active people who sign in: 1 SQL."""
    pks = [int(ref.partition(":")[2]) for ref in refs]
    people = (
        User.objects.filter(pk__in=pks, is_active=True)
        .select_related("phone")
        .only("email", "language", "kind", "display_name", "private_name", "phone__number", "phone__verified_at")
    )
    return {f"{USER_PREFIX}:{user.pk}": _contact_of(user) for user in people}


def _contact_of(user: User) -> Contact:
    phone = getattr(user, "phone", None)
    number = str(phone.number) if phone is not None and phone.verified_at is not None else ""
    return Contact(user.email or "", user.language, user.called, phone=number, user_id=user.pk)


def resolve_offices(refs: Sequence[str]) -> dict[str, Contact]:
    """Group robots of offices: 1 SQL. A group reads Chinese."""
    robots = OfficeRobot.objects.filter(organisation_id__in=[int(ref.partition(":")[2]) for ref in refs])
    return {
        f"{OFFICE_PREFIX}:{robot.organisation_id}": Contact(
            "", "zh-hans", robot.organisation.short_name, webhook=str(robot.url)
        )
        for robot in robots.select_related("organisation")
    }


def offices_with_robot(organisation_ids: Iterable[int]) -> set[int]:
    """Return which of these offices read their messages in a group chat, too: 1 SQL."""
    robots = OfficeRobot.objects.filter(organisation_id__in=set(organisation_ids))
    return set(robots.values_list("organisation_id", flat=True))


register_resolver(USER_PREFIX, resolve_users)
register_resolver(OFFICE_PREFIX, resolve_offices)
