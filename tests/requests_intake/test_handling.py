"""The handling office: sign, contact, reply; copies on the order and on the request stay in step."""

from datetime import timedelta
from io import BytesIO

import pytest

from governance.access.viewer import SYSTEM
from governance.errors import DomainError, Forbidden, StaleState
from governance.files.models import StoredFile
from governance.files.services import image_store
from governance.outbox.models import DomainEvent
from governance.privacy.models import AccessLog
from governance.refs import ref_of
from requests_intake.models import Attachment, Clock, ContactRecord, Reply, RequestTransition, ServiceRequest
from requests_intake.services.handling import contact_reveal, order_contact, order_reply, order_sign
from tests.factories.world import MORNING
from tests.governance.file_samples import drawing, encoded
from tests.requests_intake.walk import STATES, to_state

LATER = MORNING + timedelta(hours=3)


def contact(world, order, reached=True, actor=None, at=LATER, **changes):
    values = {"how": "phone", "note": "说好明天来", "reached": reached} | changes
    return order_contact(order=order, actor=actor or world.viewer("handler"), at=at, **values)


def reply(world, order, text="换了灯泡，今晚会亮。", files=(), actor=None, at=LATER):
    return order_reply(order=order, text=text, file_ids=files, actor=actor or world.viewer("handler"), at=at)


def running(request):
    return set(Clock.objects.filter(request=request, stopped_at=None).values_list("kind", flat=True))


@pytest.mark.parametrize("state", STATES)
def test_copies_are_in_step_in_every_state(world, state):
    """Lists filter and sort by the copies alone, so they must say what the clocks and the order say."""
    request = to_state(world, state)
    order = request.orders.first()
    due = dict(Clock.objects.filter(request=request, stopped_at=None).values_list("kind", "due_at"))
    if state == "closed":
        assert due == {}
        assert (request.next_due_at, order.next_due_at) == (None, None)
        assert not Clock.objects.filter(request=request).exclude(next_at=None).exists()
        return
    assert request.next_due_at == min(due.values())
    if "answer" in due:
        assert request.due_at == due["answer"]
    if order is None:
        assert request.organisation is request.handler is None
        return
    assert (order.organisation, order.area_code) == (request.organisation, request.area_code)
    assert order.handler == request.handler
    assert order.next_due_at == (None if state == "callback" else request.next_due_at)
    assert order.due_at == request.due_at


def test_signing_gives_the_order_a_name_and_starts_the_contact_clock(world):
    request = to_state(world, "dispatched")
    order = order_sign(order=request.orders.get(), actor=world.viewer("handler"), at=LATER)
    request.refresh_from_db()
    assert (order.state, order.signed_at, order.handler) == ("signed", LATER, world.people["handler"])
    assert (request.state, request.handler) == ("in_progress", world.people["handler"])
    assert running(request) == {"contact", "answer"}
    assert order.next_due_at == request.next_due_at == LATER + timedelta(hours=24)


def test_signing_is_for_the_handlers_of_that_office(world):
    order = to_state(world, "dispatched").orders.get()
    for name in ("other_handler", "dispatcher", "head", "supervisor", "stranger"):
        with pytest.raises(Forbidden):
            order_sign(order=order, actor=world.viewer(name), at=LATER)
    assert order_sign(order=order, actor=world.viewer("second_handler"), at=LATER).state == "signed"


def test_reaching_the_resident_stops_the_contact_clock_and_is_shown_to_them(world):
    request = to_state(world, "signed")
    contact(world, request.orders.get())
    request.refresh_from_db()
    assert (request.contacted_at, request.orders.get().contacted_at) == (LATER, LATER)
    assert running(request) == {"answer"}
    shown = RequestTransition.objects.get(request=request, name="contacted")
    assert (shown.is_public, shown.text) == (True, "")


def test_not_reaching_them_keeps_the_contact_clock_running(world):
    request = to_state(world, "signed")
    before = Clock.objects.get(request=request, kind="contact")
    contact(world, request.orders.get(), reached=False)
    request.refresh_from_db()
    after = Clock.objects.get(request=request, kind="contact")
    assert (after.stopped_at, after.due_at, after.next_at) == (None, before.due_at, before.next_at)
    assert request.contacted_at is None
    assert request.next_due_at == request.orders.get().next_due_at == before.due_at
    assert not RequestTransition.objects.filter(request=request, name="contacted").exists()
    assert ContactRecord.objects.get().reached is False
    contact(world, request.orders.get(), at=LATER + timedelta(hours=1))
    assert running(request) == {"answer"}


def test_a_second_talk_keeps_the_time_of_the_first(world):
    request = to_state(world, "signed")
    for hours in (0, 5):
        contact(world, request.orders.get(), at=LATER + timedelta(hours=hours))
    request.refresh_from_db()
    assert request.contacted_at == LATER
    assert ContactRecord.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "field"), [({"how": ""}, "how"), ({"how": "pigeon"}, "how"), ({"reached": None}, "reached")]
)
def test_a_contact_says_how_and_whether_it_reached_them(world, changes, field):
    order = to_state(world, "signed").orders.get()
    with pytest.raises(DomainError) as refused:
        contact(world, order, **changes)
    assert refused.value.field == field
    assert not ContactRecord.objects.exists()
    contact(world, order)


def test_a_reply_needs_a_contact_before_it(world):
    order = to_state(world, "signed").orders.get()
    with pytest.raises(StaleState) as refused:
        reply(world, order)
    assert "已签收" in str(refused.value)
    assert not Reply.objects.exists()
    contact(world, order)
    assert reply(world, order).text == "换了灯泡，今晚会亮。"


def test_a_reply_after_failed_attempts_stops_every_clock_of_the_office(world):
    """A contact clock that ran on would escalate a closed request, and keep it from ever being brought back."""
    request = to_state(world, "signed")
    contact(world, request.orders.get(), reached=False)
    reply(world, request.orders.get())
    request.refresh_from_db()
    assert request.state == "callback"
    assert running(request) == {"rate"}
    assert request.next_due_at == Clock.objects.get(request=request, kind="rate").due_at


@pytest.mark.parametrize(("text", "code"), [("  ", "text_required"), ("答" * 2001, "text_too_long")])
def test_words_of_a_reply(world, text, code):
    order = to_state(world, "contacted").orders.get()
    with pytest.raises(DomainError) as refused:
        reply(world, order, text=text)
    assert (refused.value.code, refused.value.field) == (code, "text")
    assert ServiceRequest.objects.get().state == "in_progress"
    reply(world, order, text="答" * 2000)


def test_photos_of_a_reply_belong_to_it(world):
    request = to_state(world, "contacted")
    files = [
        image_store(
            upload=BytesIO(encoded(drawing(80 + 8 * number), "JPEG")),
            owner_ref="",
            actor=world.viewer("handler"),
            at=LATER,
        )
        for number in range(7)
    ]
    with pytest.raises(DomainError) as refused:
        reply(world, request.orders.get(), files=[file.pk for file in files])
    assert refused.value.code == "too_many_photos"
    answer = reply(world, request.orders.get(), files=[file.pk for file in files[:2]])
    assert list(Attachment.objects.filter(reply=answer).values_list("file_id", flat=True)) == [f.pk for f in files[:2]]
    assert StoredFile.objects.get(pk=files[0].pk).owner_ref == ref_of(answer)


def test_somebody_else_s_upload_cannot_be_attached(world):
    request = to_state(world, "contacted")
    upload = BytesIO(encoded(drawing(), "JPEG"))
    theirs = image_store(upload=upload, owner_ref="", actor=world.viewer("other_handler"), at=LATER)
    with pytest.raises(DomainError) as refused:
        reply(world, request.orders.get(), files=[theirs.pk])
    assert refused.value.code == "file_gone"
    assert not Reply.objects.exists()


# --- reading the number ---


def test_revealing_logs_who_read_which_fields_and_why(world):
    request = to_state(world, "signed")
    revealed = contact_reveal(request=request, purpose=" visit ", actor=world.viewer("handler"), at=LATER)
    assert revealed.phone == "13912342046"
    row = AccessLog.objects.get()
    assert (row.user, row.subject_ref, row.purpose, row.at) == (
        world.people["handler"],
        ref_of(request.contact),
        "visit",
        LATER,
    )
    assert sorted(row.fields) == ["email", "name", "phone"]
    event = DomainEvent.objects.get(name="requests_intake.contact_revealed")
    assert (event.payload, event.actor_id) == ({}, world.people["handler"].pk)


def test_revealing_without_reason_or_capability_shows_and_logs_nothing(world):
    request = to_state(world, "signed")
    with pytest.raises(DomainError) as refused:
        contact_reveal(request=request, purpose="  ", actor=world.viewer("handler"), at=LATER)
    assert refused.value.field == "purpose"
    for name in ("other_handler", "head", "supervisor", "district", "grid_worker", "administrator", "stranger"):
        with pytest.raises(Forbidden):
            contact_reveal(request=request, purpose="visit", actor=world.viewer(name), at=LATER)
    assert not AccessLog.objects.exists()
    assert not DomainEvent.objects.filter(name="requests_intake.contact_revealed").exists()
    for name in ("handler", "dispatcher", "agent"):
        assert contact_reveal(request=request, purpose="visit", actor=world.viewer(name), at=LATER)
    assert AccessLog.objects.count() == 3


def test_nothing_was_left_so_nothing_is_read(world):
    request = to_state(world, "signed", name="", phone="", email="")
    assert contact_reveal(request=request, purpose="visit", actor=SYSTEM, at=LATER) is None
    assert not AccessLog.objects.exists()
