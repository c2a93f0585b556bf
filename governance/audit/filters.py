"""What a review of the trail is narrowed to: as a value, as JSON for a job, and as it stands in the trail itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from governance.outbox.telling import TrailKind

LONGEST_REF = 64  # what the trail takes as one value


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFilter:
    """Empty means everything. `people` are those who acted, `refs` references of the record and what belongs to it.

    `people` and `refs` are None where nobody was named, and empty where nobody was found.
    """

    kind: str = ""
    people: tuple[int, ...] | None = None
    refs: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "kind": self.kind,
            "people": None if self.people is None else list(self.people),
            "refs": None if self.refs is None else list(self.refs),
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "words": self.words,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return the filter that `as_json` wrote."""
        return cls(
            kind=values["kind"],
            people=None if values["people"] is None else tuple(values["people"]),
            refs=None if values["refs"] is None else tuple(values["refs"]),
            since=parse_datetime(values["since"]) if values["since"] else None,
            until=parse_datetime(values["until"]) if values["until"] else None,
            words=values["words"],
        )

    def as_payload(self) -> dict[str, Any]:
        """Return what the trail keeps of it: never the words, which may be somebody's name."""
        record = self.refs[0] if self.refs else None
        return {
            "kind": self.kind or None,
            "people": list(self.people) if self.people is not None else None,
            "record": record if record is None or len(record) <= LONGEST_REF else None,
            "since": _day(self.since),
            "until": _day(self.until),
            "has_words": True if self.words else None,
        }

    @property
    def wants_reads(self) -> bool:
        """Whether rows of the log of reading are wanted."""
        return self.kind in ("", TrailKind.READ)


def _day(moment: datetime | None) -> datetime | None:
    return timezone.localtime(moment) if moment is not None else None
