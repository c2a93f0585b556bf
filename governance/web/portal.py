"""Whose portal this is: names, telephone numbers, address.

What an administrator typed in the portal comes first, then LIREN_PORTAL (JSON); a demo has the demo district's, and an
office that has said nothing yet has only the emergency line of every city.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from django.conf import settings
from django.utils.translation import get_language


@dataclass(frozen=True, slots=True)
class Hotline:
    """A number that people may call instead of typing."""

    name: str
    number: str
    hours: str
    name_en: str = ""
    hours_en: str = ""

    @property
    def label(self) -> str:
        """Name in the active language."""
        return in_language(self.name, self.name_en)

    @property
    def when(self) -> str:
        """Hours in the active language."""
        return in_language(self.hours, self.hours_en)

    @property
    def tel(self) -> str:
        """The number as a tel: link writes it."""
        return self.number.replace(" ", "")


@dataclass(frozen=True, slots=True)
class Portal:
    """Names of the office that runs this portal; every text has an English twin, falling back to Chinese."""

    place: str = "澄湾区"
    place_en: str = "Chengwan District"
    operator: str = "澄湾区城市运行管理中心"
    operator_en: str = "Chengwan City Operations Centre"
    address: str = "澄湾区柳塘街 18 号"
    address_en: str = "18 Liutang Street, Chengwan"
    record_number: str = ""  # ICP and public-security numbers, where an office has them
    hotlines: tuple[Hotline, ...] = (
        Hotline("区服务台", "8812 0316", "每天 8:30–18:00", "District service desk", "8:30–18:00 daily"),
        Hotline("市民热线", "12345", "24 小时", "City hotline", "day and night"),
    )

    def text(self, name: str) -> str:
        """Return the field in the active language."""
        return in_language(getattr(self, name), getattr(self, f"{name}_en"))


def in_language(chinese: str, english: str) -> str:
    """Return the English twin of a text on English pages, if there is one."""
    return english if english and (get_language() or "").startswith("en") else chinese


UNNAMED = Portal(
    place="",
    place_en="",
    operator="",
    operator_en="",
    address="",
    address_en="",
    hotlines=(Hotline("市民热线", "12345", "24 小时", "City hotline", "day and night"),),
)

Source = Callable[[], Mapping[str, Any]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Name what returns the fields that were typed in the portal; {} before that. The last one named is asked."""
    _sources[:] = [source]


def portal() -> Portal:
    """Return the portal's names; unknown keys in LIREN_PORTAL are an error."""
    given: dict[str, Any] = dict(settings.LIREN_PORTAL or {})
    for source in _sources:
        given |= source()
    unknown = set(given) - {field.name for field in fields(Portal)}
    if unknown:
        raise ValueError(f"LIREN_PORTAL has keys nobody reads: {', '.join(sorted(unknown))}")
    if "hotlines" in given:
        given["hotlines"] = tuple(Hotline(**hotline) for hotline in given["hotlines"])
    return replace(Portal() if settings.LIREN_DEMO else UNNAMED, **given)
