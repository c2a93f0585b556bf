"""The roster: a week is entered at once; who is ill is replaced while the shift runs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.models import User
from governance.access.viewer import Scope, Viewer, viewer_for
from governance.errors import DomainError, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.worktime import calendar_current
from requests_intake import events
from requests_intake.models import DutyShift
from requests_intake.permissions import Capability
from requests_intake.selectors.duty import Window, duty_window

_PHONE = re.compile(r"\+?[0-9][0-9 -]{2,19}")


@dataclass(frozen=True, slots=True)
class DutyEntry:
    """Who is on duty on a day, under which number; nobody without a person."""

    person: User | None
    phone: str = ""


def duty_days_set(*, area_code: str, entries: Mapping[date, DutyEntry], actor: Viewer, at: datetime) -> int:
    """Enter who is on duty on these days and return how many changed. A shift that runs is handed over at `at`.

    Raises `Forbidden` outside the actor's area, `DomainError` on "<day>_person" for somebody who may not answer
    alerts there (a roster widens nothing) or a day that is over, on "<day>_phone" for a number missing or not one.
    """
    require(actor, Capability.EDIT_ROSTER, Scope(area_code))
    calendar = calendar_current()
    windows = {day: duty_window(day, calendar) for day in entries}
    changed = 0
    with constraint_errors(), transaction.atomic():
        # in the order of their days, so that two who plan the same week wait for each other
        for day in sorted(entries):
            changed += _day_set(area_code, day, windows[day], entries[day], actor, at)
    return changed


def _day_set(area_code: str, day: date, window: Window, entry: DutyEntry, actor: Viewer, at: datetime) -> bool:
    found = (
        DutyShift.objects.select_for_update(no_key=True)
        .filter(area_code=area_code, starts_at__lt=window.end, ends_at__gt=max(window.start, at))
        .order_by("starts_at")
        .last()
    )
    phone = " ".join(entry.phone.split())
    if found is None and entry.person is None:
        return False
    if found is not None and (found.person_id, found.phone) == (entry.person.pk if entry.person else None, phone):
        return False
    if window.end <= at:
        raise DomainError("duty_over", _("这一天的班已经值完，不能再改"), field=f"{day}_person")
    if entry.person is not None:
        _check(area_code, day, entry.person, phone, at)
    if found is not None and found.starts_at < at:
        found.ends_at = at
        found.save(update_fields=["ends_at"])
    elif found is not None:
        found.delete()
    if entry.person is not None:
        made = DutyShift.objects.create(
            person=entry.person,
            area_code=area_code,
            phone=phone,
            starts_at=max(window.start, at) if found is not None else window.start,
            ends_at=window.end,
            entered_by=actor.user,
            entered_at=at,
        )
        payload = {"date": day, "person_id": entry.person.pk}
        publish(events.DUTY_SET, subject=ref_of(made), actor=actor, area_code=area_code, payload=payload, at=at)
    return True


def _check(area_code: str, day: date, person: User, phone: str, at: datetime) -> None:
    if not viewer_for(person, at).holds(Capability.ANSWER_ALERT, Scope(area_code)):
        message = _("%(who)s在这里不能处置警报，不能排班；请先授权") % {"who": person.display_name}
        raise DomainError("duty_elsewhere", message, field=f"{day}_person")
    if not phone:
        raise DomainError("phone_required", _("请写值班电话"), field=f"{day}_phone")
    if not _PHONE.fullmatch(phone):
        raise DomainError("phone_shape", _("电话没有看懂，请只写数字"), field=f"{day}_phone")
