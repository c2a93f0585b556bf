"""Tags and filters of every template: icons, the mark of 里, dates like people write them, states, error summaries."""

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm
from django.template.base import FilterExpression, Parser, Token
from django.template.base import Node as TemplateNode
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from governance.privacy.masks import mask_email, mask_name, mask_phone
from governance.web import icons, words
from governance.web.forms import summary

register = template.Library()

# state of a thing -> the icon that says it without colour
STATE_ICONS = {"": "mail", "active": "clock", "done": "check", "soon": "clock", "late": "warn", "staff": "lock"}


class _IconNode(TemplateNode):
    """An icon whose name is written in the template: rendered once, when the template is parsed."""

    def __init__(self, html: str) -> None:
        self.html = mark_safe(html)  # noqa: S308  our own drawing

    def render(self, context: Any) -> SafeString:
        return self.html


class _NamedIconNode(TemplateNode):
    """An icon whose name is known only when the page is made."""

    def __init__(self, name: FilterExpression, extra: str) -> None:
        self.name, self.extra = name, extra

    def render(self, context: Any) -> SafeString:
        return mark_safe(icons.svg(str(self.name.resolve(context)), self.extra))  # noqa: S308  our own drawing


@register.tag("icon")
def icon(parser: Parser, token: Token) -> TemplateNode:
    """`{% icon "clock" %}`, `{% icon "clock" "lr-icon--s" %}`, `{% icon item.icon %}`: a silent line icon."""
    _tag, name, *rest = token.split_contents()
    extra = rest[0].strip("\"'") if rest else ""
    if name[0] in "\"'":
        try:
            return _IconNode(icons.svg(name.strip("\"'"), extra))
        except KeyError as error:
            raise template.TemplateSyntaxError(f"No icon {name}; the set is governance/web/icons.svg") from error
    return _NamedIconNode(parser.compile_filter(name), extra)


@register.simple_tag
def mark() -> SafeString:
    """The mark of 里: two roofs under one line, on common ground."""
    return _MARK


_MARK = mark_safe(  # our own drawing
    '<svg class="lr-brand__mark" viewBox="0 0 40 40" aria-hidden="true" focusable="false">'
    '<rect width="40" height="40" rx="9" fill="currentColor"/>'
    '<path d="M9 9.5h22M8.5 20.5 14.25 15 20 20.5 25.75 15l5.75 5.5M10.5 19.5V27M29.5 19.5V27M20 20.5V31'
    'M10.5 26.5h19M7.5 31h25"/></svg>'
)


@register.filter
def local_date(value: date | None) -> str:
    """11月19日（周四）18:00; a plain date without the time; nothing for None."""
    return words.date_words(value, timezone.now()) if value else ""


@register.filter
def local_day(value: date | None) -> str:
    """11月19日（周四）."""
    return words.day_words(value, timezone.now()) if value else ""


@register.filter
def local_time(value: datetime | None) -> str:
    """18:00."""
    return words.clock_time(value) if value else ""


@register.filter
def short_date(value: date | None) -> str:
    """今天 18:00, 昨天 09:12, 11月18日 15:30: for lists."""
    return words.short_words(value, timezone.now()) if value else ""


@register.filter
def ago(value: datetime | None) -> str:
    """25 分前, 3 小时前, then the date."""
    return words.ago_words(value, timezone.now()) if value else ""


@register.filter
def due_words(value: datetime | None, audience: str = "staff") -> str:
    """剩 3 小时 40 分 / 超期 1 天 20 小时; `due_words:"resident"` says 还有… / 晚了…"""
    return words.due_words(value, timezone.now(), resident=audience == "resident") if value else ""


@register.filter
def due_level(value: datetime | None, warn_at: datetime | None = None) -> str:
    """late, soon or active; "" without a deadline."""
    return words.due_level(value, timezone.now(), warn_at) if value else ""


@register.filter
def number(value: float | None) -> str:
    """1,178: digits in groups of three."""
    return "" if value is None else number_format(value, use_l10n=False, force_grouping=True)


@register.filter
def iso(value: date | None) -> str:
    """Value of a datetime attribute, local with offset."""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="minutes")
    return value.isoformat() if value else ""


@register.simple_tag
def when(value: Any, style: str = "full") -> SafeString | str:
    """`<time datetime=…>` with the words of style full, day, short, time or ago; nothing for None."""
    if not value:
        return ""
    text = {"full": local_date, "day": local_day, "short": short_date, "time": local_time, "ago": ago}[style](value)
    return format_html('<time datetime="{}">{}</time>', iso(value), text)


@register.simple_tag
def state_tag(label: Any, kind: str = "", icon_name: str = "") -> SafeString:
    """A state as colour, word and icon. Kinds: "", active, done, soon, late, staff."""
    return format_html(
        '<span class="lr-tag{}">{}{}</span>',
        f" lr-tag--{kind}" if kind else "",
        mark_safe(icons.svg(icon_name or STATE_ICONS[kind])),  # noqa: S308  our own drawing
        label,
    )


@register.simple_tag
def due_tag(due: datetime | None, warn_at: datetime | None = None, audience: str = "staff") -> SafeString | str:
    """The deadline badge: level and remaining time in words; a script keeps the words fresh while the page is open."""
    if not due:
        return ""
    now = timezone.now()
    level = words.due_level(due, now, warn_at)
    return format_html(
        '<span class="lr-tag lr-tag--{}" data-due="{}" data-audience="{}">{}<span>{}</span></span>',
        level,
        iso(due),
        audience,
        mark_safe(icons.svg(STATE_ICONS[level])),  # noqa: S308  our own drawing
        words.due_words(due, now, resident=audience == "resident"),
    )


@register.filter
def error_lines(form: BaseForm | None) -> list[tuple[str, str]]:
    """(anchor, message) of every error of a form, for the summary at the top."""
    return summary(form) if form is not None and form.is_bound else []


@register.filter
def lang_of(text: Any) -> SafeString | str:
    """` lang="zh-Hans"` for words that people wrote in the other language of the portal, else nothing.

    `<p{{ note.text|lang_of }}>{{ note.text }}</p>`: a screen reader changes its voice there. Any Chinese character
    makes a text Chinese; two Latin words and no Chinese make it English, so that "LED" or a plate does not.
    """
    words_of = str(text or "")
    on_english_page = (get_language() or "").startswith("en")
    if on_english_page and _CHINESE.search(words_of):
        return mark_safe(' lang="zh-Hans"')
    if not on_english_page and not _CHINESE.search(words_of) and _ENGLISH.search(words_of):
        return mark_safe(' lang="en"')
    return ""


_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")


@register.filter
def masked_phone(number: str | None) -> str:
    """139****2046."""
    return mask_phone(number) if number else ""


@register.filter
def masked_name(name: str | None) -> str:
    """周*."""
    return mask_name(name) if name else ""


@register.filter
def masked_email(address: str | None) -> str:
    """z***@example.com."""
    return mask_email(address) if address else ""


@register.filter
def times(count: int) -> range:
    """1..count, for the bar of the step line."""
    return range(1, int(count) + 1)


@register.inclusion_tag("components/due_words.html")
def due_dictionary() -> dict[str, Any]:
    """The words from which a script keeps deadline badges fresh; once on a page that shows any."""
    return {"units": words.unit_forms()}
