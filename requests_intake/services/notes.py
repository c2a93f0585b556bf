"""Internal notes: who is called by name hears of it, if they may see the request at all."""

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.viewer import Viewer, viewer_for
from governance.errors import DomainError, Forbidden, constraint_errors
from governance.outbox.services import NewEvent, publish_many
from governance.refs import ref_of
from governance.text import clean_text
from governance.web.idempotency import create_once
from requests_intake import events
from requests_intake.models import InternalNote, ServiceRequest
from requests_intake.selectors.sight import is_shielded

NOTE_MAX = 2000
MENTIONS_MAX = 10
_CALLED = re.compile(r"[@＠]([^@＠\n，。、；：,;:!?！？（）()]{1,40})")


def note_add(*, request: ServiceRequest, text: str, key: UUID, actor: Viewer, at: datetime) -> InternalNote:
    """Add a note. `@name` (or `@staff number`) tells that colleague; the same `key` twice is one note.

    Raises `DomainError` on "note": empty, too long, somebody unknown, or somebody who may not see this request.
    """
    if actor.user is None or not ServiceRequest.objects.visible_to(actor).filter(pk=request.pk).exists():
        raise Forbidden("note_forbidden", _("您看不到这件诉求"))
    if is_shielded(request, actor):
        raise Forbidden("note_shielded", _("这件事说的是您的单位，内部备注对您单位不开放"))
    words = clean_text(text)
    if not words:
        raise DomainError("note_required", _("请先写备注"), field="note")
    if len(words) > NOTE_MAX:
        raise DomainError("note_too_long", _("备注最多 2000 字"), field="note")
    people = _mentioned(words, request, at)

    def create() -> InternalNote:
        note = InternalNote.objects.create(request=request, author=actor.user, at=at, text=words, submission_key=key)
        note.mentioned.add(*people)
        told = [person for person in people if person.pk != actor.user_id]
        publish_many(
            NewEvent(
                event_type=event,
                subject=ref_of(request),
                actor=actor,
                at=at,
                area_code=request.area_code,
                payload={"note_id": note.pk} | more,
            )
            for event, more in [
                (events.NOTED, {}),
                *((events.MENTIONED, {"recipient_id": person.pk}) for person in told),
            ]
        )
        return note

    with constraint_errors(), transaction.atomic():
        note, _created = create_once(InternalNote.objects.filter(author=actor.user), key, create)
    return note


def _mentioned(text: str, request: ServiceRequest, at: datetime) -> list[User]:
    called = list(dict.fromkeys(_CALLED.findall(text)))
    if len(called) > MENTIONS_MAX:
        raise DomainError("too_many_mentions", _("一次最多叫 10 个人"), field="note")
    people: dict[int, User] = {}
    for name in called:
        for person in _people(name, request, at):
            people[person.pk] = person
    return list(people.values())


def _people(name: str, request: ServiceRequest, at: datetime) -> list[User]:
    """The colleagues so called who may see the request. Words may follow a name without a space: @何立新看一下."""
    prefixes, first = [name[:end] for end in range(len(name), 1, -1)], (name.split() or [""])[0]
    called = list(User.objects.filter(is_active=True, display_name__in=prefixes).order_by("pk"))
    longest = max((len(person.display_name) for person in called), default=0)
    found = [person for person in called if len(person.display_name) == longest]
    if not found and first:
        found = list(User.objects.filter(is_active=True, staff_no=first).order_by("pk"))
    if not found:
        raise DomainError("nobody_so_called", _("没有叫“%(name)s”的同事") % {"name": first}, field="note")
    seeing = [person for person in found if _may_read(viewer_for(person, at), request)]
    if not seeing:
        text = _("%(name)s 看不到这件诉求，不能在这里叫")
        raise DomainError("mentioned_cannot_see", text % {"name": found[0].display_name}, field="note")
    return seeing


def _may_read(viewer: Viewer, request: ServiceRequest) -> bool:
    """Whether notes are open to this person: they see the request, and it does not speak of their own office."""
    seen = ServiceRequest.objects.visible_to(viewer).filter(pk=request.pk).exists()
    return seen and not is_shielded(request, viewer)
