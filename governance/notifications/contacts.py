"""Who is behind a recipient reference, and where a message reaches them: asked at sending, never stored.

Apps with recipients who do not sign in register a resolver for their prefix ("requests_intake.requestercontact").
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from governance.access.models import User
from governance.notifications.registry import USER_PREFIX


@dataclass(frozen=True, slots=True)
class Contact:
    """Where and in which language somebody is written to. `email` is "" when none is known."""

    email: str
    language: str
    name: str


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
    people = User.objects.filter(pk__in=pks, is_active=True).only("email", "language", "display_name")
    return {f"{USER_PREFIX}:{user.pk}": Contact(user.email or "", user.language, user.display_name) for user in people}


register_resolver(USER_PREFIX, resolve_users)
