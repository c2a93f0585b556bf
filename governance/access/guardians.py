"""Somebody must be left who gives grants and somebody who changes roles: else nobody could mend anything again."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import Permission
from django.db import connection
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.models import Grant, Role
from governance.access.permissions import Capability
from governance.errors import DomainError

GUARDED = frozenset({str(Capability.GIVE_GRANT), str(Capability.EDIT_ROLES)})
_LOCK = 7_203_161


def guardians_lock() -> None:
    """Keep others from ending guardians until the transaction ends: two must not take each other out at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def guarding_of(grants: Iterable[Grant]) -> set[int]:
    """Which of these (by primary key) give one of the two capabilities for the whole territory. At most 2 SQL."""
    wide = [grant for grant in grants if grant.organisation_id is None]
    roots = _roots() if wide else []
    wide = [grant for grant in wide if not roots or grant.area_code in roots]
    if not wide:
        return set()
    roles = Role.objects.filter(
        pk__in={grant.role_id for grant in wide},
        group__permissions__content_type__app_label="access",
        group__permissions__codename__in=[name.partition(".")[2] for name in GUARDED],
    )
    giving = set(roles.order_by().values_list("pk", flat=True))
    return {grant.pk for grant in wide if grant.role_id in giving}


def _roots() -> list[str]:
    return [code for code, _name in areas.children("")]


def require_guardians(at: datetime) -> None:
    """Raise `DomainError` unless, in the whole territory, an active person gives grants and one changes roles.

    2 SQL at most.
    """
    for name in sorted(GUARDED):
        app_label, _dot, codename = name.partition(".")
        holding = Permission.objects.filter(content_type__app_label=app_label, codename=codename)
        guarding = Grant.objects.live(at).people().filter(organisation=None, role__group__permissions__in=holding)
        if roots := _roots():
            guarding = guarding.filter(area_code__in=roots)
        if not guarding.exists():
            raise DomainError(
                "last_guardian", _("这是最后一位能授权、能改权限表的管理员。先请另一位接手，再办这件事。")
            )


def guardians_until(at: datetime) -> datetime | None:
    """When nobody would be left any more, as grants stand at `at`; None while somebody holds each without an end.

    1 SQL, and 1 for the territory.
    """
    names = [name.partition(".")[2] for name in GUARDED]
    held = (
        Grant.objects.live(at)
        .people()
        .filter(
            organisation=None,
            role__group__permissions__content_type__app_label="access",
            role__group__permissions__codename__in=names,
        )
    )
    if roots := _roots():
        held = held.filter(area_code__in=roots)
    last: dict[str, datetime | None] = {}
    for name, ends_at in held.order_by().values_list("role__group__permissions__codename", "ends_at"):
        known = last.get(name, at)
        last[name] = None if known is None or ends_at is None else max(known, ends_at)
    return min((until for until in last.values() if until is not None), default=None)
