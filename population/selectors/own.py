"""What a resident reads of themselves: their own record in the clear, of the household only how many there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.files.models import StoredFile
from governance.refs import ref_of
from population.models import Correction, DocumentKind, DwellingBinding, Person, Residency, Sex, Source
from population.models.corrections import PROPOSED
from population.naming import dwelling_name
from population.selectors.homes import my_bindings

OWN_SHOWN = 20
Words = str | Promise


@dataclass(frozen=True, slots=True)
class OwnStay:
    """Where they live or are registered, and how many are in that household, they among them."""

    address: str
    residency: Residency
    people: int


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """One's own record: lines of (what, value), where it comes from and when it was last confirmed, by whom."""

    person: Person
    lines: list[tuple[Words, Words]]
    source: Words
    confirmed_at: datetime
    confirmed_by: str
    stays: list[OwnStay]


def my_record(viewer: Viewer) -> OwnRecord | None:
    """Return the record of the viewer's own person, None without a binding that holds today. 4 SQL with one home."""
    bindings = my_bindings(viewer)
    if not bindings:
        return None
    person = Person.objects.select_related("confirmed_by").get(pk=bindings[0].person_id)
    return OwnRecord(
        person=person,
        lines=[(PERSON_WORDS[name], text) for name, text in shown_of(person).items()],
        source=Source(person.source).label,
        confirmed_at=person.confirmed_at,
        confirmed_by=_who(person.confirmed_by, viewer),
        stays=_stays(person, bindings, timezone.localdate(viewer.at)),
    )


def _words() -> dict[str, Words]:
    field: Any = Person._meta.get_field
    return {name: field(name).verbose_name for name in PROPOSED}


PERSON_WORDS = _words()


def shown_of(person: Person) -> dict[str, Words]:
    """A person's own fields as text, in the clear; "" for what is not known."""
    values = {name: getattr(person, name) or "" for name in PROPOSED}
    return {name: value_words(name, str(text)) for name, text in values.items()}


def value_words(name: str, text: str) -> Words:
    """A value of a field in words: codes by their labels."""
    labels: dict[str, Any] = {"sex": Sex, "document_kind": DocumentKind}
    return labels[name](text).label if name in labels and text in labels[name].values else text


def _stays(person: Person, bindings: Iterable[DwellingBinding], today: Any) -> list[OwnStay]:
    rows = Residency.objects.on(today).filter(person=person)
    rows = rows.select_related("dwelling__entrance", "dwelling__building__address").order_by("-is_main", "pk")
    return [
        OwnStay(
            dwelling_name(row.dwelling), row, Residency.objects.on(today).filter(household=row.household_id).count()
        )
        for row in rows
    ]


def _who(user: Any, viewer: Viewer) -> str:
    """An office, never the colleague; oneself."""
    if user is None:
        return ""
    if user.pk == viewer.user_id:
        return _("您自己")
    return user.organisation.label if user.organisation is not None else ""


def my_corrections(viewer: Viewer) -> list[Correction]:
    """What the viewer proposed, the newest first, also after the binding has ended. 1 SQL."""
    rows = Correction.objects.filter(user=viewer.user_id) if viewer.kind == "resident" else Correction.objects.none()
    return list(rows.order_by("-asked_at", "-pk")[:OWN_SHOWN])


def my_person_refs(viewer: Viewer) -> list[str]:
    """References of the person that the viewer's account is bound to, for the log of reading. 1 SQL."""
    return sorted({ref_of(one.person) for one in my_bindings(viewer)})


def corrections_listed(viewer: Viewer, *, decided: bool = False) -> "QuerySet[Correction]":
    """Corrections of the viewer's areas: open ones by "asked_at", "id", answered ones by "-decided_at", "-id"."""
    rows: Any = Correction.objects.visible_to(viewer)
    rows = rows.filter(state__in=["accepted", "refused"]) if decided else rows.filter(state="open")
    unread = ("person__birth_date", "person__document_number", "person__phone", "proposed", "words", "answer")
    return rows.select_related("person", "decided_by", "dwelling__entrance", "dwelling__building__address").defer(  # type: ignore[no-any-return]
        *unread
    )


def corrections_waiting(viewer: Viewer) -> int:
    """How many wait for an answer, counted up to 100. 1 SQL."""
    rows: Any = Correction.objects.visible_to(viewer)
    return len(rows.filter(state="open").order_by("asked_at").values_list("pk", flat=True)[:100])


def correction_files(correction: Correction) -> list[StoredFile]:
    """What was sent with it. 1 SQL."""
    return list(StoredFile.objects.filter(owner_ref=ref_of(correction)).order_by("created_at", "pk"))


def correction_rows(correction: Correction) -> list[tuple[str, Words, Words]]:
    """(field, what it is, what should stand there) of a proposal, as text in the clear."""
    labels: dict[str, Words] = {"date": _("从哪天起"), "address": _("搬到了哪里"), **PERSON_WORDS}
    order = [*PROPOSED, "date", "address"]
    told = sorted(correction.proposed.items(), key=lambda pair: order.index(pair[0]))
    return [(name, labels[name], value_words(name, text)) for name, text in told]
