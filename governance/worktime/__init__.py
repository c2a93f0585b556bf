"""Working calendar and deadline arithmetic; see `arithmetic` for the rules."""

from governance.worktime.arithmetic import add, at_fraction, open_between, postponed
from governance.worktime.calendar import Calendar, HorizonPassed, horizon_warning
from governance.worktime.durations import Duration, Unit
from governance.worktime.explanation import Line, explain
from governance.worktime.selectors import calendar_current, calendar_forget

__all__ = [
    "Calendar",
    "Duration",
    "HorizonPassed",
    "Line",
    "Unit",
    "add",
    "at_fraction",
    "calendar_current",
    "calendar_forget",
    "explain",
    "horizon_warning",
    "open_between",
    "postponed",
]
