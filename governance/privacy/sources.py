"""What the portal holds of one person: gathered for the copy they may ask for (个人信息保护法 §45), or let go (§47).

Each app says in `<app>/own_data.py` what it holds and, where it can, how it lets go of it:

    register(PersonalDataSource("accounts.account", _("账号"), _account))

Whoever answers the person's request asks all of them; the kernel knows none.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.functional import Promise

from governance.worktime.dates import moment_text

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Whose:
    """The person: their account (None without one), and a telephone number that is proved to be theirs ("" for none).

    What is found by the number alone must not hold what only the account may know, such as tip-offs.
    """

    user: Any
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of theirs in lines of (what it is, what it says), as text in the active language."""

    title: str
    rows: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PersonalDataSource:
    """One thing that an app holds of people.

    `parts(whose, at)` gives what it holds of this person, nothing where it holds nothing. `erase(whose, actor, at)`
    lets go of what need not be kept and returns how many records; `erases` says in words which. What has no `erase`
    is kept by law, or the person removes it themselves.
    """

    key: str
    title: Words
    parts: Callable[[Whose, datetime], Iterable[Part]]
    erase: Callable[[Whose, Any, datetime], int] | None = None
    erases: Words = ""


_sources: dict[str, PersonalDataSource] = {}


def register(*sources: PersonalDataSource) -> None:
    """Make sources known; a key that stands twice is a fault of the program."""
    for source in sources:
        if _sources.setdefault(source.key, source) != source:
            raise ImproperlyConfigured(f"The source of personal data {source.key!r} is registered twice.")


def sources() -> list[PersonalDataSource]:
    """Return all sources by key: the order of a copy, and of the steps that make it."""
    return [_sources[key] for key in sorted(_sources)]


def moment(value: datetime | None) -> str:
    """Return a moment as local time with its year, "" for none: what is read years later needs one."""
    return str(moment_text(timezone.localtime(value), with_year=True)) if value is not None else ""
