"""What people want to be told, how and when: asked at sending, so that a new choice reaches what is waiting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from governance.notifications.groups import NoticeGroup
from governance.notifications.models import NoticePreference
from governance.notifications.registry import EMAIL

AT_ONCE, DIGEST, NEVER = "at_once", "digest", "never"


@dataclass(frozen=True, slots=True)
class Wish:
    """One person's choices, or everybody's; `may_digest`: there is a mailbox that a digest could go to."""

    choices: Mapping[str, Any]
    quiet_from: time | None = None
    quiet_until: time | None = None
    may_digest: bool = False

    def way(self, group: NoticeGroup, channel: str) -> str:
        """Whether a message of this group goes out over this channel at once, in the digest, or never."""
        if group.fixed:
            return AT_ONCE
        chosen = str(self.choices.get(group.key, {}).get(channel, AT_ONCE))
        if chosen == DIGEST and not (channel == EMAIL and self.may_digest):
            return AT_ONCE
        return chosen

    def quiet_end(self, at: datetime) -> datetime | None:
        """When the quiet hours that `at` lies in are over; None outside them."""
        begins, ends = self.quiet_from, self.quiet_until
        if begins is None or ends is None:
            return None
        local = timezone.localtime(at)
        now = local.time()
        is_quiet = begins <= now < ends if begins < ends else now >= begins or now < ends
        if not is_quiet:
            return None
        day = local.date() + timedelta(days=1) if now >= ends else local.date()
        return timezone.make_aware(datetime.combine(day, ends))


NOTHING_CHOSEN = Wish({})


def wishes_of(user_ids: Iterable[int | None]) -> dict[int | None, Wish]:
    """Return the choices of these people, and under None what holds for everybody else: 1 SQL."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    rows = NoticePreference.objects.filter(Q(user__in=wanted) | Q(user__isnull=True)).select_related("user")
    return {None: NOTHING_CHOSEN} | {
        row.user_id: Wish(
            row.choices, row.quiet_from, row.quiet_until, may_digest=bool(row.user is not None and row.user.email)
        )
        for row in rows
    }
