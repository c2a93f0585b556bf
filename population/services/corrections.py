"""The only writers of corrections: a resident proposes or says that all is right, the desk takes over or refuses.

What is taken over goes through the same services as any change, with the resident as its source (个人信息保护法 §46).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.files.services import files_adopt
from governance.outbox.events import EventType
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.text import clean_text
from governance.web.idempotency import create_once
from population import events
from population.models import Correction, CorrectionKind, CorrectionState, DwellingBinding, Person, Residency, Source
from population.models.corrections import ADDRESS_MAX, PROPOSED, WORDS_MAX
from population.permissions import Capability
from population.services.households import move_out
from population.services.people import PersonData, person_change, person_judged, person_locked

OPEN_MOST, FILES_MOST = 5, 3


def correction_propose(
    *,
    kind: str,
    values: Mapping[str, str],
    words: str,
    file_ids: Sequence[UUID] = (),
    submission_key: UUID,
    actor: Viewer,
    at: datetime,
) -> Correction:
    """Say what is wrong in one's own record. `values`: what should stand there, by field; only what differs is kept.

    For moves `values` has "date" and, for a new place, "address". The same key twice is one proposal. Raises
    `Forbidden` without a binding, `DomainError` beside the field for what cannot be, and for nothing to change.
    """
    binding = _binding_of(actor, at)
    said = _words(words)
    if len(file_ids) > FILES_MOST:
        raise DomainError("too_many_files", _("最多放 %(count)s 份") % {"count": FILES_MOST}, field="photos")
    if kind not in CorrectionKind.values:
        raise DomainError("kind_unknown", _("请选哪里不对"), field="kind")
    proposed = _proposed(kind, values, binding, at)

    def create() -> Correction:
        person = person_locked(binding.person_id)
        if Correction.objects.filter(person=person, state=CorrectionState.OPEN).count() >= OPEN_MOST:
            raise DomainError("too_many_open", _("您有几条还没有答复，等答复了再提；也可以先撤回一条"))
        made = Correction(
            submission_key=submission_key,
            user_id=binding.user_id,
            person=person,
            dwelling_id=binding.dwelling_id,
            area_code=binding.area_code,
            kind=kind,
            proposed=proposed,
            words=said or None,
            asked_at=at,
        )
        made.save(force_insert=True)
        files_adopt(files=file_ids, owner_ref=ref_of(made), actor=actor, at=at)
        _tell(events.CORRECTION_PROPOSED, made, actor, at, kind=kind)
        return made

    with constraint_errors(), transaction.atomic():
        return create_once(Correction.objects.filter(user=actor.user_id), submission_key, create)[0]


def correction_withdraw(*, correction: Correction, actor: Viewer, at: datetime) -> Correction:
    """Take back what nobody answered yet. Raises `Forbidden` for somebody else's, `StaleState` once it is answered."""
    with transaction.atomic():
        locked = _lock(correction)
        if actor.kind != "resident" or locked.user_id != actor.user_id:
            raise Forbidden("not_own", _("只能撤回自己提的"))
        if locked.state == CorrectionState.WITHDRAWN:
            return locked
        _require_open(locked)
        _end(locked, CorrectionState.WITHDRAWN, "", None, at)
        _tell(events.CORRECTION_WITHDRAWN, locked, actor, at)
    return locked


def correction_accept(*, correction: Correction, answer: str = "", actor: Viewer, at: datetime) -> Correction:
    """Change the record as the resident says, and tell them.

    A move to another place is entered by hand before: which household, is the desk's question. Raises what the change
    itself raises, in words: a number that somebody else has, a head who leaves others behind, a household left empty.
    """
    said = _words(answer, field="answer")
    with constraint_errors(), transaction.atomic():
        locked = _lock_decidable(correction, actor)
        {
            CorrectionKind.FIELDS: _change_fields,
            CorrectionKind.MOVED_OUT: _move_out,
            CorrectionKind.MOVED_IN: _require_moved,
        }[CorrectionKind(locked.kind)](locked, actor, at)
        _end(locked, CorrectionState.ACCEPTED, said, actor, at)
        _tell(events.CORRECTION_ACCEPTED, locked, actor, at, kind=locked.kind)
    return locked


def correction_refuse(*, correction: Correction, answer: str, actor: Viewer, at: datetime) -> Correction:
    """Leave the record as it is, with the reason, which the resident reads (个人信息保护法 §50)."""
    said = _words(answer, field="answer")
    if not said:
        raise DomainError("answer_required", _("请写明为什么不改，本人会看到"), field="answer")
    with constraint_errors(), transaction.atomic():
        locked = _lock_decidable(correction, actor)
        _end(locked, CorrectionState.REFUSED, said, actor, at)
        _tell(events.CORRECTION_REFUSED, locked, actor, at, kind=locked.kind)
    return locked


def own_record_confirm(*, actor: Viewer, at: datetime) -> Person:
    """The person says that all of their record is right: it counts as confirmed, by themselves."""
    binding = _binding_of(actor, at)
    with transaction.atomic():
        person = person_locked(binding.person_id)
        values = {"confirmed_at": at, "confirmed_by_id": actor.user_id}
        person.confirmed_at, person.confirmed_by_id, person.source = at, actor.user_id, Source.RESIDENT
        person.save(update_fields=["confirmed_at", "confirmed_by", "source"])
        stays = Residency.objects.on(timezone.localdate(at)).filter(person=person, dwelling=binding.dwelling_id)
        stays.update(source=Source.RESIDENT, **values)
        publish(
            events.PERSON_CONFIRMED,
            subject=person,
            actor=actor,
            area_code=person.area_code,
            payload={"source": Source.RESIDENT.value},
            at=at,
        )
    return person


def data_of(person: Person) -> PersonData:
    """What the registry says of a person, as a form would."""
    return PersonData(
        name=str(person.name),
        sex=person.sex,
        birth_date=person.born_on,
        document_kind=person.document_kind,
        document_number=str(person.document_number or ""),
        phone=str(person.phone or ""),
    )


def as_corrected(person: Person, proposed: Mapping[str, str]) -> PersonData:
    """The person's data with what was proposed put in. Raises `DomainError` for a date that is none."""
    values: dict[str, Any] = {name: text for name, text in proposed.items() if name in PROPOSED}
    if "birth_date" in values:
        values["birth_date"] = _date(values["birth_date"], "birth_date") if values["birth_date"] else None
    return replace(data_of(person), **values)


def _proposed(kind: str, values: Mapping[str, str], binding: DwellingBinding, at: datetime) -> dict[str, str]:
    if kind == CorrectionKind.FIELDS:
        return _proposed_fields(binding.person, values, at)
    today = timezone.localdate(at)
    day = _date(values.get("date", ""), "date")
    if day > today:
        raise DomainError("moves_in_future", _("这一天还没有到；到了那天再提"), field="date")
    stays = Residency.objects.on(today).filter(person=binding.person_id, dwelling=binding.dwelling_id)
    stay = stays.order_by("-is_main", "pk").first()
    if stay is not None and day < stay.from_date:
        message = _("登记里您 %(day)s 才住进来，日期要不早于这一天") % {"day": stay.from_date}
        raise DomainError("before_residency", message, field="date")
    if kind == CorrectionKind.MOVED_OUT:
        return {"date": day.isoformat()}
    address = clean_text(values.get("address", ""), multiline=False)
    if not address or len(address) > ADDRESS_MAX:
        message = _("请写搬到了哪里，最多 %(most)s 个字") % {"most": ADDRESS_MAX}
        raise DomainError("address_required", message, field="address")
    return {"date": day.isoformat(), "address": address}


def _proposed_fields(person: Person, values: Mapping[str, str], at: datetime) -> dict[str, str]:
    kept, faults = person_judged(as_corrected(person, values), today=timezone.localdate(at), old_numbers_too=True)
    told = [one for one in faults if one.field in values or one.field is None]
    if told:
        raise told[0]
    before, after = asdict(data_of(person)), asdict(kept)
    changed = {name: _text(after[name]) for name in PROPOSED if _text(after[name]) != _text(before[name])}
    changed = {name: text for name, text in changed.items() if name in values or name == "document_kind"}
    if not changed:
        raise DomainError("nothing_changed", _("和登记里一样，没有要改的；都对的话，请按“都对”"))
    return changed


def _change_fields(correction: Correction, actor: Viewer, at: datetime) -> None:
    person = correction.person
    person_change(
        person=person, data=as_corrected(person, correction.proposed), source=Source.RESIDENT, actor=actor, at=at
    )


def _move_out(correction: Correction, actor: Viewer, at: datetime) -> None:
    """End their residencies there; whoever leaves others without a head, or nobody behind, is the desk's to settle."""
    stays = Residency.objects.current().filter(person=correction.person_id, dwelling=correction.dwelling_id)
    day = date.fromisoformat(correction.proposed["date"])
    for stay in stays.order_by("pk"):
        move_out(residency=stay, to_date=day, source=Source.RESIDENT, actor=actor, at=at)


def _require_moved(correction: Correction, actor: Viewer, at: datetime) -> None:
    newer = Residency.objects.current().filter(person=correction.person_id, collected_at__gte=correction.asked_at)
    if not newer.exclude(dwelling=correction.dwelling_id).exists():
        raise DomainError("move_first", _("请先在户室卡上办好搬入，再在这里答复：搬进哪一户由您核实"))


def _binding_of(actor: Viewer, at: datetime) -> DwellingBinding:
    rows = DwellingBinding.objects.holding(timezone.localdate(at)).filter(user=actor.user_id)
    found = rows.select_related("person").order_by("begun_at", "pk").first() if actor.kind == "resident" else None
    if found is None:
        raise Forbidden("not_bound", _("绑定了住房，才看得到、改得了自己的登记"))
    return found


def _lock_decidable(correction: Correction, actor: Viewer) -> Correction:
    locked = _lock(correction)
    require(actor, Capability.DECIDE_CORRECTION, locked)
    if locked.user_id == actor.user_id:
        raise Forbidden("own_correction", _("自己提的，请别人答复"))
    _require_open(locked)
    return locked


def _lock(correction: Correction) -> Correction:
    """People before corrections, as proposing does."""
    person_locked(correction.person_id)
    rows = Correction.objects.select_for_update(of=("self",), no_key=True).select_related("person", "decided_by")
    return rows.get(pk=correction.pk)


def _require_open(correction: Correction) -> None:
    if correction.state == CorrectionState.WITHDRAWN:
        raise StaleState("correction_withdrawn", _("本人已经撤回了"))
    if correction.decided_by is not None:
        message = _("%(who)s 已经答复了") % {"who": correction.decided_by.display_name}
        raise StaleState("correction_decided", message)


def _end(correction: Correction, state: str, answer: str, actor: Viewer | None, at: datetime) -> None:
    correction.state, correction.answer, correction.decided_at = state, answer or None, at
    correction.decided_by = actor.user if actor is not None else None
    correction.save(update_fields=["state", "answer", "decided_at", "decided_by"])


def _words(text: str, *, field: str = "words") -> str:
    words = clean_text(text)
    if len(words) > WORDS_MAX:
        raise DomainError("words_too_long", _("太长了，最多 %(limit)s 个字") % {"limit": WORDS_MAX}, field=field)
    return words


def _date(text: str, field: str) -> date:
    try:
        found = parse_date(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise DomainError("date_unknown", _("日期没有看懂，请写成 2026-01-05"), field=field)
    return found


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _tell(event: EventType, correction: Correction, actor: Viewer, at: datetime, **payload: Any) -> None:
    publish(event, subject=correction, actor=actor, area_code=correction.area_code, payload=payload, at=at)
