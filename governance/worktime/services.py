"""The writers of the working calendar."""

from datetime import date

from django.db import transaction

from governance.worktime.models import CalendarDay, Source
from governance.worktime.published_days import days_of
from governance.worktime.selectors import calendar_forget


def calendar_fill(*, year: int) -> tuple[int, int]:
    """Write every day of a year, except rows edited by hand; return how many were written and how many kept.

    Days of a year without published notice are marked as estimates, and become published ones when filled again.
    """
    with transaction.atomic():
        by_hand = set(
            CalendarDay.objects.filter(date__year=year, source=Source.MANUAL)
            .select_for_update()
            .values_list("date", flat=True)
        )
        days = [
            CalendarDay(
                date=day.date,
                is_workday=day.is_workday,
                name=day.name,
                name_en=day.name_en,
                source=Source.ESTIMATE if day.is_estimate else Source.PUBLISHED,
            )
            for day in days_of(year)
            if day.date not in by_hand
        ]
        CalendarDay.objects.bulk_create(
            days,
            update_conflicts=True,
            unique_fields=["date"],
            update_fields=["is_workday", "name", "name_en", "source", "reason"],
        )
    transaction.on_commit(calendar_forget)  # inside a larger transaction, another thread may read the old days again
    calendar_forget()
    return len(days), len(by_hand)


def calendar_day_set(*, day: date, is_workday: bool, name: str, name_en: str, reason: str = "") -> CalendarDay:
    """Decide about one day by hand; `calendar_fill` leaves it alone from then on."""
    values = {"is_workday": is_workday, "name": name, "name_en": name_en, "reason": reason}
    row, _created = CalendarDay.objects.update_or_create(date=day, defaults={**values, "source": Source.MANUAL})
    transaction.on_commit(calendar_forget)
    calendar_forget()
    return row


def calendar_day_reset(*, day: date) -> CalendarDay:
    """Give one day back to the notice: what was decided by hand is forgotten, later fillings change it again."""
    published = next(one for one in days_of(day.year) if one.date == day)
    row, _created = CalendarDay.objects.update_or_create(
        date=day,
        defaults={
            "is_workday": published.is_workday,
            "name": published.name,
            "name_en": published.name_en,
            "source": Source.ESTIMATE if published.is_estimate else Source.PUBLISHED,
            "reason": "",
        },
    )
    transaction.on_commit(calendar_forget)
    calendar_forget()
    return row
