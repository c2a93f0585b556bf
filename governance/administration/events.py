"""What the administration pages publish about the working calendar, which stands below the outbox."""

from governance.outbox.events import EventType

# All of them speak of the one calendar; its history is what was published about this.
CALENDAR = "worktime.calendar:1"

DAY_CHANGED = EventType("administration.calendar_day_changed", ("date", "is_workday"))
DAY_RESET = EventType("administration.calendar_day_reset", ("date", "is_workday"))
YEAR_FILLED = EventType("administration.calendar_year_filled", ("year", "written", "kept"))
CALENDAR_ENDING = EventType("administration.calendar_ending", ("horizon", "stage"))
