"""The only writer of the directory of service windows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, cast

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access import areas
from governance.access.checks import require
from governance.access.reasons import checked_reason
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.organisations.models import Organisation
from governance.outbox.services import publish
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import ServiceWindow, WindowHours
from requests_intake.opening import SpecialDay, Stretch
from requests_intake.permissions import Capability

PHONES_MOST, POSITION_MOST, SUBJECTS_MOST, SPECIAL_DAYS_MOST = 5, 999, 20, 60
_REQUIRED: dict[str, str | Promise] = {
    "name": gettext_lazy("请写窗口的名称"),
    "address": gettext_lazy("请写在哪里"),
}
_LINES = ("services", "services_en", "access", "access_en")
_TEXTS = ("name", "name_en", "address", "address_en", *_LINES)
_MOST: dict[str, int] = {name: cast("Any", ServiceWindow._meta.get_field(name)).max_length for name in _TEXTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowDraft:
    """What an editor says of a window. Without an area it lies in that of its organisation."""

    organisation: Organisation | None
    name: str
    address: str
    name_en: str = ""
    address_en: str = ""
    services: str = ""
    services_en: str = ""
    area_code: str = ""
    phones: Sequence[str] = ()
    access: str = ""
    access_en: str = ""
    open_on_holidays: bool = False
    position: int | None = 0
    is_active: bool = True
    hours: Mapping[int, Sequence[Stretch]] = field(default_factory=dict)
    slot_minutes: int | None = None
    slot_seats: int | None = 1
    book_from_days: int | None = 1
    book_until_days: int | None = 14
    cutoff_hours: int | None = 2
    subjects: Sequence[Sequence[str]] = ()
    special_days: Sequence[SpecialDay] = ()


def window_create(*, draft: WindowDraft, actor: Viewer, at: datetime) -> ServiceWindow:
    """Open a window in the directory. Raises `Forbidden` outside the actor's reach, `DomainError` with the field."""
    window = ServiceWindow(changed_at=at, changed_by=actor.user)
    with constraint_errors(), transaction.atomic():
        _apply(window, draft)
        require(actor, Capability.EDIT_WINDOWS, window)
        window.save(force_insert=True)
        _write_hours(window, draft.hours)
        publish(events.WINDOW_CREATED, subject=window, actor=actor, area_code=window.area_code, payload={}, at=at)
    return window


def window_change(
    *, window: ServiceWindow, draft: WindowDraft, reason: str, seen: datetime | None, actor: Viewer, at: datetime
) -> ServiceWindow:
    """Save what changed; residents read it at once. `seen` is the row's `changed_at` as the editor saw it.

    Raises `StaleState` when somebody was faster, `DomainError` with the field, also for no change at all.
    """
    why = checked_reason(reason)
    with constraint_errors(), transaction.atomic():
        locked = ServiceWindow.objects.select_for_update(of=("self",), no_key=True).get(pk=window.pk)
        require(actor, Capability.EDIT_WINDOWS, locked)
        if locked.changed_at != seen:
            raise StaleState("window_changed", _("刚才有人改过这个窗口，请看过最新的再改；您写的还在下面"))
        before, hours = _facts(locked), _hours_of(locked)
        _apply(locked, draft)
        require(actor, Capability.EDIT_WINDOWS, locked)
        after = _facts(locked)
        fields = [name for name in after if after[name] != before[name]]
        if {day: list(one) for day, one in draft.hours.items() if one} != hours:
            fields.append("hours")
            locked.hours.all().delete()
            _write_hours(locked, draft.hours)
        if not fields:
            raise DomainError("nothing_changed", _("和现在的一样，没有改动"))
        locked.changed_at, locked.changed_by, locked.why = at, actor.user, why
        locked.save()
        payload = {"fields": fields}
        publish(events.WINDOW_CHANGED, subject=locked, actor=actor, area_code=locked.area_code, payload=payload, at=at)
    return locked


def week_of(window: ServiceWindow) -> dict[int | date, list[Stretch]]:
    """Return the hours of a window by weekday, and those of its special days by date: 1 SQL, none if read along."""
    return _hours_of(window) | {one.day: list(one.stretches) for one in special_days_of(window)}


def special_days_of(window: ServiceWindow) -> list[SpecialDay]:
    """Return the days unlike their week, in order. 0 SQL."""
    return [
        SpecialDay(date.fromisoformat(day), [(opens, closes) for opens, closes in stretches], why, why_en)
        for day, stretches, why, why_en in window.special_days
    ]


def _hours_of(window: ServiceWindow) -> dict[int | date, list[Stretch]]:
    week: dict[int | date, list[Stretch]] = {}
    for row in window.hours.all():
        week.setdefault(row.weekday, []).append((row.opens, row.closes))
    return week


def _facts(window: ServiceWindow) -> dict[str, Any]:
    names = [name for name in WindowDraft.__slots__ if name not in {"hours", "organisation"}]
    return {"organisation": window.organisation_id} | {name: getattr(window, name) for name in names}


def _apply(window: ServiceWindow, draft: WindowDraft) -> None:
    """Put the cleaned draft into the row; raises `DomainError` with the field."""
    if draft.organisation is None:
        raise DomainError("organisation_required", _("请选是哪个单位的窗口"), field="organisation")
    said = asdict(draft)
    window.organisation = draft.organisation
    for name, most in _MOST.items():
        text = clean_text(said[name], multiline=name in _LINES)
        if not text and name in _REQUIRED:
            raise DomainError(f"{name}_required", _REQUIRED[name], field=name)
        if len(text) > most:
            raise DomainError(f"{name}_too_long", _("太长了，最多 %(limit)s 个字") % {"limit": most}, field=name)
        setattr(window, name, text)
    window.area_code = draft.area_code or draft.organisation.area_code
    if not areas.exists(window.area_code):
        raise DomainError("area_unknown", _("没有这个区域，请从列表里选"), field="area_code")
    window.phones = _phones(draft.phones)
    if draft.position is None or not 0 <= draft.position <= POSITION_MOST:
        message = _("请写 0 到 %(most)s 的整数") % {"most": POSITION_MOST}
        raise DomainError("position_range", message, field="position")
    window.position = draft.position
    _apply_offer(window, draft)
    window.special_days = [_special_day(one) for one in draft.special_days]
    if len(window.special_days) > SPECIAL_DAYS_MOST:
        raise DomainError(
            "special_days_number", _("最多 %(most)s 天") % {"most": SPECIAL_DAYS_MOST}, field="special_days"
        )
    window.open_on_holidays, window.is_active = draft.open_on_holidays, draft.is_active


def _apply_offer(window: ServiceWindow, draft: WindowDraft) -> None:
    """How it takes appointments; without minutes it takes none, and the rest waits."""
    bounds = {"slot_seats": (1, 50), "book_from_days": (0, 30), "book_until_days": (1, 60), "cutoff_hours": (0, 72)}
    if draft.slot_minutes is not None:
        bounds["slot_minutes"] = (5, 240)
    for name, (least, most) in bounds.items():
        value = getattr(draft, name)
        if value is None and draft.slot_minutes is None:
            continue
        if value is None or not least <= value <= most:
            message = _("请写 %(least)s 到 %(most)s 的整数") % {"least": least, "most": most}
            raise DomainError(f"{name}_range", message, field=name)
        setattr(window, name, value)
    if draft.slot_minutes is None:
        window.slot_minutes = None
    if window.book_from_days > window.book_until_days:
        raise DomainError("days_order", _("要不早于“从几天后起”"), field="book_until_days")
    window.subjects = [_subject(pair) for pair in draft.subjects]
    if len(window.subjects) > SUBJECTS_MOST:
        raise DomainError("subjects_number", _("最多 %(most)s 项") % {"most": SUBJECTS_MOST}, field="subjects")


def _subject(pair: Sequence[str]) -> list[str]:
    chinese, english = (clean_text(text, multiline=False) for text in (*pair, "")[:2])
    if not chinese or len(chinese) > 60 or len(english) > 100:
        raise DomainError("subject_shape", _("每项一行，中文不超过 60 个字"), field="subjects")
    return [chinese, english]


def _special_day(one: SpecialDay) -> list[Any]:
    why, why_en = (clean_text(text, multiline=False) for text in (one.why, one.why_en))
    if len(why) > 60 or len(why_en) > 100:
        raise DomainError("special_day_long", _("每天的说明不超过 60 个字"), field="special_days")
    return [one.day.isoformat(), [list(stretch) for stretch in one.stretches], why, why_en]


def _phones(typed: Sequence[str]) -> list[str]:
    phones = list(dict.fromkeys(" ".join(phone.split()) for phone in typed if phone.strip()))
    if len(phones) > PHONES_MOST:
        message = _("最多写 %(most)s 个电话") % {"most": PHONES_MOST}
        raise DomainError("phones_number", message, field="phones")
    for phone in phones:
        if not 3 <= len(phone) <= 30 or set(phone) - set("0123456789+-() "):
            message = _("“%(phone)s”不像电话，请只写数字") % {"phone": phone}
            raise DomainError("phone_shape", message, field="phones")
    return phones


def _write_hours(window: ServiceWindow, hours: Mapping[int, Sequence[Stretch]]) -> None:
    WindowHours.objects.bulk_create(
        WindowHours(window=window, weekday=weekday, opens=opens, closes=closes)
        for weekday, stretches in hours.items()
        for opens, closes in stretches
    )
