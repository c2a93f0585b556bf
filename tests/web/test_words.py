"""Dates and spans the way people write them: a table by hand, and the English twins once the catalogue has them."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from governance.web import words

# Friday 2026-11-20, 14:20 in Shanghai
NOW = datetime(2026, 11, 20, 6, 20, tzinfo=UTC)


def at(text: str) -> datetime:
    """A local time as UTC."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "full", "short"),
    [
        (at("2026-11-19T18:00"), "11月19日（周四）18:00", "昨天 18:00"),
        (at("2026-11-20T18:00"), "11月20日（周五）18:00", "今天 18:00"),
        (at("2026-11-21T09:05"), "11月21日（周六）09:05", "明天 09:05"),
        (at("2026-11-18T15:30"), "11月18日（周三）15:30", "11月18日 15:30"),
        (at("2026-01-05T00:00"), "1月5日（周一）00:00", "1月5日 00:00"),
        (at("2025-12-31T23:59"), "2025年12月31日（周三）23:59", "2025年12月31日 23:59"),
        (at("2027-02-28T08:30"), "2027年2月28日（周日）08:30", "2027年2月28日 08:30"),
        (date(2026, 11, 23), "11月23日（周一）", "11月23日"),
        # 16:30 UTC is already the next day in Shanghai
        (datetime(2026, 11, 19, 16, 30, tzinfo=UTC), "11月20日（周五）00:30", "今天 00:30"),
    ],
)
def test_dates_in_chinese(moment: date, full: str, short: str):
    assert words.date_words(moment, NOW) == full
    assert words.short_words(moment, NOW) == short


@pytest.mark.parametrize(
    ("due", "staff", "resident", "level"),
    [
        (at("2026-11-18T18:00"), "超期 1 天 20 小时", "晚了 1 天 20 小时", "late"),
        (at("2026-11-19T18:00"), "超期 20 小时", "晚了 20 小时", "late"),
        (at("2026-11-20T12:00"), "超期 2 小时", "晚了 2 小时", "late"),
        (at("2026-11-20T13:55"), "超期 25 分", "晚了 25 分", "late"),
        (at("2026-11-11T14:20"), "超期 9 天", "晚了 9 天", "late"),
        (at("2026-11-20T14:20"), "超期 1 分", "晚了 1 分", "late"),
        (at("2026-11-20T18:00"), "剩 3 小时 40 分", "还有 3 小时 40 分", "soon"),
        (at("2026-11-20T17:20"), "剩 3 小时", "还有 3 小时", "soon"),
        (at("2026-11-21T10:45"), "剩 20 小时", "还有 20 小时", "soon"),
        (at("2026-11-21T18:00"), "剩 1 天 3 小时", "还有 1 天 3 小时", "active"),
        (at("2026-11-21T14:20"), "剩 1 天", "还有 1 天", "active"),
        (at("2026-11-22T18:00"), "剩 2 天", "还有 2 天", "active"),
        (at("2026-11-20T14:45"), "剩 25 分", "还有 25 分", "soon"),
    ],
)
def test_deadlines_in_chinese(due: datetime, staff: str, resident: str, level: str):
    assert words.due_words(due, NOW) == staff
    assert words.due_words(due, NOW, resident=True) == resident
    assert words.due_level(due, NOW) == level


def test_the_warning_time_decides_where_it_is_known():
    due = at("2026-11-25T18:00")
    assert words.due_level(due, NOW, warn_at=NOW + timedelta(minutes=1)) == "active"
    assert words.due_level(due, NOW, warn_at=NOW) == "soon"
    assert words.due_level(due, due, warn_at=NOW) == "late"


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (timedelta(seconds=30), "刚刚"),
        (timedelta(minutes=25), "25 分前"),
        (timedelta(hours=3, minutes=40), "3 小时前"),
        (timedelta(hours=30), "1 天 6 小时前"),
        (timedelta(days=6), "11月14日 14:20"),
    ],
)
def test_how_long_ago(back: timedelta, said: str):
    assert words.ago_words(NOW - back, NOW) == said


def test_tags_write_time_elements_and_nothing_for_none():
    made = Template('{% when moment "day" %}|{% when none %}|{{ none|local_date }}|{{ n|number }}').render(
        Context({"moment": at("2025-11-19T18:00"), "none": None, "n": 1178})
    )
    assert made == '<time datetime="2025-11-19T18:00+08:00">2025年11月19日（周三）</time>|||1,178'


def test_the_badge_carries_what_keeps_it_fresh():
    made = Template("{% due_tag due %}").render(Context({"due": at("2020-01-01T18:00")}))
    assert 'class="lr-tag lr-tag--late" data-due="2020-01-01T18:00+08:00"' in made
    assert "超期" in made
    dictionary = Template("{% due_dictionary %}").render(Context())
    for part in ('data-left="剩 %(span)s"', 'data-day="%(count)d 天"', 'data-hours="%(count)d 小时"', 'data-minute="'):
        assert part in dictionary


def test_icons_are_silent_and_known_when_the_template_is_read():
    assert 'aria-hidden="true"' in Template('{% icon "clock" %}').render(Context())
    assert Template("{% icon name %}").render(Context({"name": "bell"})) == Template('{% icon "bell" %}').render(
        Context()
    )
    with pytest.raises(Exception, match="No icon"):
        Template('{% icon "unicorn" %}')


ENGLISH = [
    ("date", "Thu 19 Nov, 18:00"),
    ("other year", "Wed 31 Dec 2025, 23:59"),
    ("left", "3 h 40 min left"),
    ("late", "1 day 20 h overdue"),
]
CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES" / "django.po"


def _english(key: str) -> str:
    with translation.override("en"):
        return {
            "date": lambda: words.date_words(at("2026-11-19T18:00"), NOW),
            "other year": lambda: words.date_words(at("2025-12-31T23:59"), NOW),
            "left": lambda: words.due_words(at("2026-11-20T18:00"), NOW),
            "late": lambda: words.due_words(at("2026-11-18T18:00"), NOW),
        }[key]()


@pytest.mark.parametrize(("key", "said"), ENGLISH)
def test_english_has_its_own_forms(key: str, said: str):
    """Where the catalogue holds the sentences, they read like English; until then the Chinese form appears whole."""
    made = _english(key)
    if CATALOGUE.exists() and "%(month)s%(day)d日（%(weekday)s）" in CATALOGUE.read_text(encoding="utf-8"):
        assert made == said
    else:
        assert "%(" not in made


def test_every_form_is_a_message_that_a_translator_will_see():
    """The extractor finds messages only inside gettext calls with literal text: names of months and days too."""
    source = Path(words.__file__).read_text(encoding="utf-8")
    found = set(re.findall(r'\b(?:_|gettext|ngettext|pgettext)\(\s*"([^"]+)"', source))
    assert {"周一", "周日", "1月", "12月", "今天", "昨天", "明天", "剩 %(span)s", "超期 %(span)s"} <= found
    assert {"%(count)d 天", "%(count)d 小时", "%(count)d 分", "%(month)s%(day)d日（%(weekday)s）"} <= found
