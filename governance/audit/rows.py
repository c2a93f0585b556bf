"""Rows of the trail as people read them: who, what, about which record, with which details."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from governance.access.selectors import capability_groups
from governance.access.viewer import Viewer
from governance.audit.selectors import EVENT, LOOK
from governance.outbox.models import ActorKind, DomainEvent
from governance.outbox.telling import TrailKind, code_text, key_of, subject_of, words_of
from governance.privacy.models import AccessLog
from governance.refs import Described, describe_many, kind_of


@dataclass(frozen=True, slots=True)
class About:
    """An object that a row speaks of: what it is, what tells it from others, and where it is if one may go there."""

    what: str
    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One detail: its name, and its values in words, each perhaps with an address. `before`: what it was until then."""

    label: str
    values: Sequence[About]
    before: Sequence[About] = ()


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One row. `seal` is the number of its seal, None while it has none."""

    source: str
    pk: int
    at: datetime
    who: str
    is_person: bool
    text: str
    code: str
    kind: str
    about: About
    facts: Sequence[Fact]
    area_code: str
    seal: int | None
    digest: str


def rows_in_words(rows: Sequence[DomainEvent | AccessLog], viewer: Viewer) -> list[TrailRow]:
    """Return rows as they are read. 2 SQL for each kind of object on the page, at most; none that grows with rows."""
    known = _Known(_refs_in(rows), viewer)
    return [_event(row, known) if isinstance(row, DomainEvent) else _look(row, known) for row in rows]


class _Known:
    """What the references of a page are called: described where the viewer may go there, else named by a number."""

    def __init__(self, refs: Iterable[str], viewer: Viewer) -> None:
        wanted = {ref for ref in refs if ref}
        self.owners: dict[str, str] = {}
        for kind, pks in _by_kind(wanted).items():
            if (owners := subject_of(kind).owners) is not None:
                self.owners |= {f"{kind}:{pk}": ref for pk, ref in owners(pks).items()}
        wanted |= set(self.owners.values())
        self.codes = {one.key: one.name for group in capability_groups() for one in group.capabilities}
        self.described: Mapping[str, Described] = describe_many(wanted, viewer)
        self.names: dict[str, str] = {}
        for kind, pks in _by_kind(wanted - self.described.keys()).items():
            if (names := subject_of(kind).names) is not None:
                self.names |= {f"{kind}:{pk}": name for pk, name in names(pks).items()}

    def code(self, code: str) -> str:
        return str(self.codes.get(code) or code_text(code))

    def about(self, ref: str) -> About:
        kind, _colon, key = ref.partition(":")
        subject = subject_of(kind)
        what = str(subject.text)
        for one in (ref, self.owners.get(ref, "")):
            if one in self.described:
                return About(what, self.described[one].label, self.described[one].url)
            if one in self.names:
                return About(what, self.names[one])
        return About(what, "" if subject.is_one else key)


def _by_kind(refs: Iterable[str]) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for ref in sorted(refs):
        kind, _colon, key = ref.partition(":")
        if key.isascii() and key.isdigit() and len(key) < 19:
            found[kind].append(int(key))
    return found


def _refs_in(rows: Iterable[DomainEvent | AccessLog]) -> set[str]:
    refs = {row.subject_ref for row in rows}
    for row in rows:
        if isinstance(row, DomainEvent):
            refs |= {ref for key, value in row.payload.items() for ref in _refs_of(key, value)}
    return refs


def _refs_of(key: str, value: Any) -> list[str]:
    kind = key_of(key).points_at
    values = value if isinstance(value, list) else [value]
    if key == "record":
        return [one for one in values if isinstance(one, str)]
    return [f"{kind}:{one}" for one in values if kind and isinstance(one, int) and not isinstance(one, bool)]


def _event(row: DomainEvent, known: _Known) -> TrailRow:
    words = words_of(row.name)
    named = row.actor is not None and row.actor.kind != "resident"
    return TrailRow(
        source=EVENT,
        pk=row.pk,
        at=row.at,
        who=row.actor.display_name if named and row.actor else str(ActorKind(row.actor_kind).label),
        is_person=named,
        text=str(words.text),
        code=row.name,
        kind=str(words.kind.label),
        about=known.about(row.subject_ref),
        facts=_facts(row.payload, known),
        area_code=row.area_code,
        seal=row.seal_id,
        digest=row.digest,
    )


def _look(row: AccessLog, known: _Known) -> TrailRow:
    fields = [About("", str(code_text(name))) for name in row.fields]
    return TrailRow(
        source=LOOK,
        pk=row.pk,
        at=row.at,
        who=row.user.display_name if row.user else str(ActorKind.SYSTEM.label),
        is_person=row.user is not None,
        text=_("看了个人信息"),
        code=row.purpose,
        kind=str(TrailKind.READ.label),
        about=known.about(row.subject_ref),
        facts=[
            Fact(_("看了什么"), fields),
            Fact(_("为什么"), [About("", str(code_text(row.purpose)))]),
        ],
        area_code="",
        seal=row.seal_id,
        digest=row.digest,
    )


def _facts(payload: Mapping[str, Any], known: _Known) -> list[Fact]:
    """The payload in words, in its order; a value that has one from before stands beside it."""
    facts = []
    for key, value in payload.items():
        later = _later(key, payload)
        if value is None or value in ("", []) or later:
            continue
        before = next((old for old in (f"from_{key}", f"{key}_before", *_OLD.get(key, ())) if old in payload), "")
        facts.append(
            Fact(str(key_of(key).text), _values(key, value, known), _values(before, payload.get(before), known))
        )
    return facts


_OLD = {"due_at": ("due_before",)}


def _later(key: str, payload: Mapping[str, Any]) -> bool:
    """Whether this is the earlier value of another key, which tells it along."""
    later = {old: new for new, olds in _OLD.items() for old in olds}.get(key) or key.removeprefix("from_")
    later = later.removesuffix("_before")
    return later != key and payload.get(later) is not None


def _values(key: str, value: Any, known: _Known) -> list[About]:
    if value is None or not key:
        return []
    return [_value(key, one, known) for one in (value if isinstance(value, list) else [value])]


def _value(key: str, value: Any, known: _Known) -> About:
    for ref in _refs_of(key, value):
        about = known.about(ref)
        return About(about.what if kind_of(ref) != key_of(key).points_at else "", about.name, about.url)
    if isinstance(value, bool):
        return About("", _("是") if value else _("否"))
    return About("", _moment(value) or known.code(str(value)))


def _moment(value: Any) -> str:
    """A payload keeps times as ISO text: to the second, in local time; "" for anything else."""
    if not isinstance(value, str) or len(value) < 10:
        return ""
    try:
        moment = parse_datetime(value)
    except ValueError:
        return ""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}" if moment is not None and moment.tzinfo else ""
