"""Writing people: entering, correcting, confirming, showing in the clear."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.outbox.events import EventType
from governance.outbox.services import publish
from governance.privacy.blind_index import phone_digits
from governance.privacy.services import log_read
from governance.text import clean_text
from population import events
from population.check_digits import IdentityKind, Judgement, identity_judged, plain
from population.models import DocumentKind, Dwelling, Person, Sex
from population.models.people import FIRST_YEAR, NAME_MAX, NUMBER_MAX
from population.permissions import Capability
from population.services.recording import differing, record_change

# Documents whose numbers carry a check character (GB 11643), and what such a number says its document is.
CHECKED = frozenset({DocumentKind.IDENTITY, DocumentKind.PERMIT, DocumentKind.RESIDENCE})
_KINDS = {
    IdentityKind.RESIDENT: DocumentKind.IDENTITY,
    IdentityKind.PERMIT: DocumentKind.PERMIT,
    IdentityKind.FOREIGNER: DocumentKind.RESIDENCE,
}
REVEALED = ("name", "birth_date", "document_number", "phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonData:
    """What a form or a row of a table says of a person, as it was written."""

    name: str
    sex: str = Sex.UNKNOWN
    birth_date: date | None = None
    document_kind: str = ""
    document_number: str = ""
    phone: str = ""


def person_judged(
    data: PersonData, *, today: date, old_numbers_too: bool = False
) -> tuple[PersonData, list[DomainError]]:
    """Return the data as they are kept, and every fault of them, each beside its field. Asks nobody: no SQL.

    A number proves neither the day of birth nor the sex; what differs from it stays as it was written (PIPL art. 8).
    The kind of a checked document follows its number: 83... is a residence permit, whatever was chosen.
    """
    faults: list[DomainError] = []

    def fault(field: str, message: Any) -> None:
        faults.append(DomainError(f"person_{field}", message, field=field))

    name = " ".join(clean_text(data.name, multiline=False).split())
    if not name or len(name) > NAME_MAX:
        fault("name", _("请写姓名") if not name else _("姓名最多 %(most)s 个字") % {"most": NAME_MAX})
    if data.sex not in Sex.values:
        fault("sex", _("性别没有看懂"))
    if data.birth_date is not None and not date(FIRST_YEAR, 1, 1) <= data.birth_date <= today:
        fault("birth_date", _("出生日期不在 %(year)s 年到今天之间") % {"year": FIRST_YEAR})
    kind, number, words = document_judged(data.document_kind, data.document_number, today, old_numbers_too)
    if words:
        fault("document_number" if data.document_kind or not data.document_number else "document_kind", words)
    phone = clean_text(data.phone, multiline=False).strip()
    if phone and not 7 <= len(phone_digits(phone)) <= 15:
        fault("phone", _("电话没有看懂，请写 11 位手机号，座机写上区号"))
    kept = replace(data, name=name, document_kind=kind, document_number=number, phone=phone_digits(phone))
    return kept, faults


def change_judged(person: Person, data: PersonData, *, today: date) -> tuple[PersonData, list[DomainError]]:
    """Judge data that are to replace a person's own. A number that stays what it was bars no other correction."""
    kept, faults = person_judged(data, today=today)
    if kept.document_number == (person.document_number or ""):
        faults = [one for one in faults if one.field not in ("document_number", "document_kind")]
    return kept, faults


def document_judged(kind: str, number: str, today: date, old_numbers_too: bool = False) -> tuple[str, str, str]:
    """Return kind and number of a document as they are kept, and what is wrong with them in words ("" for nothing)."""
    number = plain(number)
    if not number:
        return "", "", _("选了证件类型，也要写号码") if kind else ""
    judged = identity_judged(number, today=today, old_too=old_numbers_too)
    if not kind:
        return (_KINDS[judged.kind], judged.number, "") if judged.kind else ("", number, _("请选这是什么证件"))
    if kind not in DocumentKind.values:
        return kind, number, _("证件类型没有看懂")
    if kind in CHECKED:
        return (_KINDS[judged.kind] if judged.kind else kind), judged.number, str(judged.fault)
    if not 3 <= len(number) <= NUMBER_MAX:
        return kind, number, _("号码没有看懂：3 到 %(most)s 个字符") % {"most": NUMBER_MAX}
    return kind, number, ""


def proposed(number: str, *, today: date) -> Judgement:
    """What an identity number proposes (day of birth, sex), to be confirmed by a person; nothing for other numbers."""
    return identity_judged(number, today=today, old_too=True)


def columns(data: PersonData) -> dict[str, Any]:
    """The columns of a person for data that were judged, digests among them."""
    return {
        "name": data.name,
        "name_index": _digest("name", data.name),
        "sex": data.sex,
        "birth_date": data.birth_date.isoformat() if data.birth_date else None,
        "birth_year": data.birth_date.year if data.birth_date else None,
        "document_kind": data.document_kind,
        "document_number": data.document_number or None,
        "document_index": _digest("document", data.document_number),
        "phone": data.phone or None,
        "phone_index": _digest("phone", data.phone),
    }


def person_create(*, data: PersonData, home: Dwelling, source: str, actor: Viewer, at: datetime) -> Person:
    """Enter a person who is not in the registry yet. They live nowhere until they move in (`households.move_in`).

    Raises the first fault as `DomainError`; "person_known" where their number is registered already.
    """
    kept = _kept(data, at)
    require(actor, Capability.CHANGE_REGISTRY, home)
    with constraint_errors(), transaction.atomic():
        _refuse_known(kept, besides=None)
        person = Person(
            **columns(kept),
            home=home,
            area_code=home.area_code,
            source=source,
            collected_at=at,
            collected_by_id=actor.user_id,
            confirmed_at=at,
            confirmed_by_id=actor.user_id,
            changed_at=at,
        )
        person.save(force_insert=True)
        publish(
            events.PERSON_REGISTERED,
            subject=person,
            actor=actor,
            area_code=home.area_code,
            payload={"source": source},
            at=at,
        )
    return person


def person_change(
    *, person: Person, data: PersonData, source: str, actor: Viewer, at: datetime, seen: datetime | None = None
) -> Person:
    """Correct a person's own fields; what they were is kept. Counts as confirmed, too.

    `seen`: `changed_at` as it was read; raises `StaleState` where somebody wrote meanwhile. None: no form was open.
    """
    kept, faults = change_judged(person, data, today=timezone.localdate(at))
    if faults:
        raise faults[0]
    with constraint_errors(), transaction.atomic():
        locked = _lock(person, actor)
        if seen is not None and locked.changed_at != seen:
            raise StaleState("person_changed", _("刚才有人改过这个人的登记，请看现在写的是什么"))
        _refuse_known(kept, besides=locked)
        before = differing(locked, columns(kept))
        _confirm(locked, source, actor, at)
        if before:
            locked.changed_at = at
        locked.save()
        record_change(locked, before, source=source, actor=actor, at=at)
        changed = sorted(name for name in before if not name.endswith("_index"))
        event: EventType = events.PERSON_CONFIRMED
        payload: dict[str, Any] = {"source": source}
        if before:
            event, payload = events.PERSON_CHANGED, {"fields": changed, "source": source}
        publish(event, subject=locked, actor=actor, area_code=locked.area_code, payload=payload, at=at)
    return locked


def person_confirm(*, person: Person, source: str, actor: Viewer, at: datetime) -> Person:
    """Note that somebody saw that the record is right."""
    with transaction.atomic():
        locked = _lock(person, actor)
        _confirm(locked, source, actor, at)
        locked.save(update_fields=["confirmed_at", "confirmed_by", "source"])
        publish(
            events.PERSON_CONFIRMED,
            subject=locked,
            actor=actor,
            area_code=locked.area_code,
            payload={"source": source},
            at=at,
        )
    return locked


def person_reveal(*, person: Person, fields: Sequence[str], purpose: str, actor: Viewer, at: datetime) -> Person:
    """Return the person to be shown in the clear, and log who saw which fields and why (PIPL art. 51, 54).

    `fields` of `REVEALED`; `purpose` as the access log keeps it. Raises `Forbidden`, `DomainError` without a purpose.
    """
    if not purpose.strip():
        raise DomainError("purpose_required", _("请写为什么要看"), field="purpose")
    shown = [name for name in fields if name in REVEALED and getattr(person, name)]
    require(actor, Capability.REVEAL_PERSON, person)
    if shown:
        with transaction.atomic():
            log_read(user_id=actor.user_id, subject=person, fields=shown, purpose=purpose.strip(), at=at)
            publish(
                events.PERSON_REVEALED,
                subject=person,
                actor=actor,
                area_code=person.area_code,
                payload={"fields": sorted(shown)},
                at=at,
            )
    return person


def _kept(data: PersonData, at: datetime) -> PersonData:
    kept, faults = person_judged(data, today=timezone.localdate(at))
    if faults:
        raise faults[0]
    return kept


def _refuse_known(data: PersonData, *, besides: Person | None) -> None:
    """Say it beside the field before the database says it: the same number is never there twice."""
    if not data.document_number:
        return
    index: Any = Person._meta.get_field("document_index")
    known = Person.objects.filter(document_index__in=index.digests(data.document_number), merged_into__isnull=True)
    if besides is not None:
        known = known.exclude(pk=besides.pk)
    if known.exists():
        raise DomainError("person_known", _("已经有人登记了这个证件号码"), field="document_number")


def person_locked(pk: int) -> Person:
    """Return a person, locked until the transaction ends. People are locked before all that hangs on them."""
    return Person.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def _lock(person: Person, actor: Viewer) -> Person:
    locked = person_locked(person.pk)
    require(actor, Capability.CHANGE_REGISTRY, locked)
    if locked.merged_into_id is not None:
        raise StaleState("person_merged", _("这条登记已经并到另一条里了，请在那一条上改"))
    return locked


def _confirm(person: Person, source: str, actor: Viewer, at: datetime) -> None:
    person.source, person.confirmed_at, person.confirmed_by_id = source, at, actor.user_id


def _digest(name: str, value: str) -> str:
    field: Any = Person._meta.get_field(f"{name}_index")
    return field.digest(value) if value else ""
