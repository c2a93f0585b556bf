"""Amounts of time as policies and people state them."""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """How a time limit is counted. Working units follow the working calendar, natural ones every day and night."""

    NATURAL_HOUR = "natural_hour"
    NATURAL_DAY = "natural_day"
    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"

    @property
    def is_working(self) -> bool:
        """Whether counting needs the working calendar."""
        return self in {Unit.WORKING_HOUR, Unit.WORKING_DAY}

    @property
    def is_hours(self) -> bool:
        """Whether the limit ends to the minute; a limit in days ends when the office closes."""
        return self in {Unit.NATURAL_HOUR, Unit.WORKING_HOUR}


@dataclass(frozen=True)
class Duration:
    """A time limit: a positive whole amount of one unit."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ValueError(f"A time limit is at least 1, not {self.amount}.")
        object.__setattr__(self, "unit", Unit(self.unit))
