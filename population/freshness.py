"""How old a record is, in words: when it was last confirmed, by whom, how, and whether it is due for a look."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.models import UserKind
from population.models.collected import Collected, Source

YEARS_FROM = 24  # months: from here on whole years are said


@dataclass(frozen=True, slots=True)
class Freshness:
    """`when`: "8 个月前"; `who`: a colleague, or "本人"; `how`: the source in words; `is_due`: time to look again."""

    when: str
    who: str
    how: str
    is_due: bool


def freshness(row: Collected, *, due_months: int, at: datetime) -> Freshness:
    """Say how fresh a record is. `row` comes with `confirmed_by`: no SQL of its own."""
    months = row.months_old(at)
    how = Source(row.source).label if row.source in Source.values else ""
    return Freshness(when=_ago(row, months, at), who=_who(row.confirmed_by), how=str(how), is_due=months >= due_months)


def _ago(row: Collected, months: int, at: datetime) -> str:
    if months >= YEARS_FROM:
        return ngettext("%(count)s 年前", "%(count)s 年前", months // 12) % {"count": months // 12}
    if months:
        return ngettext("%(count)s 个月前", "%(count)s 个月前", months) % {"count": months}
    days = (timezone.localdate(at) - timezone.localdate(row.confirmed_at)).days
    if days <= 0:
        return _("今天")
    return ngettext("%(count)s 天前", "%(count)s 天前", days) % {"count": days}


def _who(user: Any) -> str:
    """A colleague by name, as everywhere in the portal; a resident is never named here."""
    if user is None:
        return ""
    return _("本人") if user.kind == UserKind.RESIDENT else str(user.display_name)
