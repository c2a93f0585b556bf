"""The kernel's own message: a day's lines in one letter."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from governance.access.models import User
from governance.errors import DomainError
from governance.notifications import texts
from governance.notifications.groups import OTHER, NoticeGroup, Place, describe_places
from governance.notifications.models import Language, Message
from governance.notifications.registry import NoticeKind, get, nobody, nothing, register

LINES_MAX = 100
CHOICES_STAFF, CHOICES_RESIDENT = "notifications:choices", "account:notices"


def _lines_of(letters: Sequence[Any]) -> list[Mapping[str, Any]]:
    """What each letter tells, by group: 1 SQL, and what the kinds of the lines look up."""
    found: defaultdict[int, list[Message]] = defaultdict(list)
    rows = list(Message.objects.filter(digest__in=[letter.pk for letter in letters]).order_by("digest_id", "pk"))
    for row in rows:
        found[row.digest_id or 0].append(row)
    late = texts.late_values(rows)
    texts.add_staff_links(rows, late)
    values = {row.pk: value for row, value in zip(rows, late, strict=True)}
    overrides = texts.overrides_for(row.kind for row in rows)
    residents = set(
        User.objects.filter(pk__in=[letter.user_id for letter in letters], kind="resident").values_list("pk", flat=True)
    )
    return [
        {
            "count": len(found[letter.pk]),
            "lines": {
                "zh": _told(found[letter.pk], values, overrides, Language.CHINESE),
                "en": _told(found[letter.pk], values, overrides, Language.ENGLISH),
            },
            "link": reverse(CHOICES_RESIDENT if letter.user_id in residents else CHOICES_STAFF),
        }
        for letter in letters
    ]


def _told(
    rows: Sequence[Message], values: Mapping[int, Mapping[str, Any]], overrides: texts.Overrides, language: str
) -> str:
    """The lines in a language, under the titles of their groups; the rest of a very long day is counted."""
    by_group: dict[NoticeGroup, list[str]] = {}
    for row in rows[:LINES_MAX]:
        kind = get(row.kind)
        try:
            subject = texts.render(row, language, overrides, values[row.pk]).subject
        except DomainError:  # of a kind that this release does not know any more
            continue
        address = texts.absolute(str(values[row.pk].get("link", "")))
        by_group.setdefault(kind.group if kind is not None else OTHER, []).append(f"· {subject}\n  {address}".rstrip())
    with override(language):
        parts = [f"{group.title}\n" + "\n".join(lines) for group, lines in by_group.items()]
        if len(rows) > LINES_MAX:
            parts.append(str(_("还有 %(count)d 条，请到里仁里看")) % {"count": len(rows) - LINES_MAX})
    return "\n\n".join(parts)


describe_places(
    "notifications",
    {
        "count": Place(_("汇总里有几条"), 2),
        "lines": Place(
            _("汇总的内容，按类分开"),
            {
                "zh": "同事找您\n· 20261116-000417-3：有人在备注里叫您",
                "en": "Colleagues call on you\n· 20261116-000417-3: a note calls you",
            },
        ),
        "link": Place(_("改提醒方式的链接"), "/staff/inbox/choices/"),
    },
)
DIGEST = register(
    NoticeKind(
        key="notifications.digest",
        event="",
        title=_("每日汇总"),
        group=NoticeGroup("notifications.digest", _("每日汇总"), _("选了汇总的人")),
        is_urgent=True,  # its reader has chosen the hour
        audience=nobody,
        context=nothing,
        context_keys=(),
        late=_lines_of,
        late_keys=("count", "lines"),
        needed=("lines",),
        subject_zh="今天的汇总：{count} 条",
        body_zh="您好：\n\n{lines}\n\n想改成一有就告诉您，或者换个时间：{link}",
        subject_en="Your daily digest ({count})",
        body_en="Hello,\n\n{lines}\n\nTo be told at once instead, or at another hour: {link}",
    )
)
