"""A film or voice note on its way: sent without waiting, told of when it failed, for the office alone."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.access.viewer import ANONYMOUS
from governance.files.models import Recording
from governance.files.services.preparing import recording_prepare
from governance.files.services.recordings import recording_receive
from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from governance.refs import ref_of
from requests_intake.models import ServiceRequest
from requests_intake.own_turns import OWN_TURNS, Sent
from requests_intake.selectors.recordings import recordings_of
from requests_intake.services.outside import request_send_outside
from tests.factories.world import MORNING
from tests.governance.recording_samples import clip, upload
from tests.requests_intake.resident import Resident, jpeg
from tests.requests_intake.walk import to_state
from tests.web.english import chinese_in

NOTE = b"OggS" + bytes(200)  # looks like a voice note until somebody listens


@pytest.fixture
def resident(world, time_machine):
    time_machine.move_to(MORNING, tick=False)
    return Resident(clock=time_machine)


def test_a_resident_sends_a_film_without_waiting_for_it(world, resident, client_of, django_capture_on_commit_callbacks):
    resident.begin().answer_all(world.categories["lamp"].pk, contact={"may_be_public": "yes"})
    resident.go("photos")
    refused = resident.send(follow=False, video=upload(b"#EXTM3U\n"), recording_words="灯在闪", photos=jpeg())
    assert refused.status_code == 422
    page = refused.content.decode()
    assert page.count("这个文件不是视频，也不是录音") == 2  # in the summary and beside the field
    assert 'value="灯在闪"' in page
    assert len(refused.context["photos"]) == 1  # the photo stays
    resident.send(voice=upload(NOTE), add="1")
    film = clip()
    resident.send(video=upload(film), recording_words="路灯一直在闪", add="1")
    row = Recording.objects.get()  # the voice note made way
    assert (row.state, row.description, row.owner_ref) == ("waiting", "路灯一直在闪", "")
    assert "正在准备" in resident.go("photos").content.decode()
    resident.send(recording_words="路灯一直在闪，没有声音", add="1")
    preview = resident.go("preview").content.decode()
    assert "从不公开，只给办事的人看" in preview
    public = preview[preview.index("r-sheet--public") : preview.index("office-part")]
    assert "路灯一直在闪" not in public
    assert resident.send().status_code == 302
    request = ServiceRequest.objects.get()
    row.refresh_from_db()
    assert (request.has_recording, row.owner_ref, row.expires_at) == (True, ref_of(request), None)
    with django_capture_on_commit_callbacks(execute=True):
        recording_prepare(recording_id=row.pk, clock=lambda: MORNING)
    shown = client_of("dispatcher").get(reverse("intake:request", args=[request.number])).content.decode()
    assert '<video controls preload="none"' in shown
    assert "路灯一直在闪，没有声音" in shown
    tracking = resident.client.get(reverse("intake:track", args=[request.track_token]))
    url = recordings_of(request)[0].url
    assert "<video" in tracking.content.decode()
    assert resident.client.get(url).status_code == 200
    assert resident.client.get(url.partition("?")[0]).status_code == 404
    assert "media-src 'self'" in tracking["Content-Security-Policy"]


def test_a_failed_one_is_told_to_both_and_another_can_be_added(world, client_of):
    request = world.submit(recording_id=_received().pk).request
    assert recording_prepare(recording_id=Recording.objects.get().pk, clock=lambda: MORNING).fault == "broken"
    relay.drain(MORNING)
    told = dict(Message.objects.filter(kind__contains="recording").values_list("kind", "recipient_ref"))
    assert told["requests_intake.recording_failed"] == ref_of(request.contact)
    assert told["requests_intake.recording_missing"] == ref_of(world.people["dispatcher"])  # nobody leads it yet
    said = "视频或录音没有存成：文件不完整或已损坏，打不开"
    staff = client_of("dispatcher").get(reverse("intake:request", args=[request.number]))
    assert said in staff.content.decode()
    own = client_of().get(reverse("intake:track", args=[request.track_token])).content.decode()
    assert said in own
    assert "再放一段" in own
    OWN_TURNS["supplement"].run(request, {"text": "又录了一段"}, Sent((), upload(NOTE), "风声"), MORNING)
    request.refresh_from_db()
    added = request.supplements.get()
    assert {one.description for one in recordings_of(request, [added])} == {"", "风声"}
    english = client_of()
    english.cookies["liren_lang"] = "en"
    for url in (reverse("intake:track", args=[request.track_token]), reverse("intake:start")):
        assert chinese_in(english.get(url).content.decode(), written=(request.title,)) == []


def test_staff_say_what_is_heard_but_not_the_office_complained_about(world, client_of):
    lamps = world.organisations["lamps"]
    request = world.submit(kind="complaint", complained_id=lamps.pk, recording_id=_received().pk).request
    row = Recording.objects.get()
    Recording.objects.update(state="ready", kind="audio", seconds=3, size=10, sha256="0" * 64)
    url = reverse("intake:recording-words", args=[request.number, row.pk])
    dispatcher = client_of("dispatcher")
    assert dispatcher.post(url, {"recording_words": "夜里一点，电钻声"}).status_code == 302
    row.refresh_from_db()
    assert row.description == "夜里一点，电钻声"
    assert DomainEvent.objects.filter(name="requests_intake.recording_described").count() == 1
    dispatcher.post(url, {"recording_words": "长" * 201})
    row.refresh_from_db()
    assert row.description == "夜里一点，电钻声"
    other = _received()
    assert dispatcher.post(reverse("intake:recording-words", args=[request.number, other.pk])).status_code == 403
    assert client_of("stranger").post(url).status_code == 403
    assert client_of("handler").post(url).status_code in (403, 404)
    page = dispatcher.get(reverse("intake:request", args=[request.number])).content.decode()
    assert "<audio controls" in page


def test_a_clerk_takes_one_along(world, client_of):
    client = client_of("clerk")
    url = reverse("intake:entry", args=["e" * 32])
    told = {"channel": "counter", "kind": "help", "body": "他放给我听的", "language": "zh-hans"}
    shown = client.post(url, told | {"add": "1", "voice": upload(NOTE), "recording_words": "水声"})
    assert "正在准备" in shown.content.decode()
    assert client.post(url, told).status_code == 302
    request = ServiceRequest.objects.get()
    assert [one.description for one in recordings_of(request)] == ["水声"]


def _received() -> Recording:
    return recording_receive(upload=upload(NOTE), description="", actor=ANONYMOUS, at=MORNING)


def test_on_paper_and_outside(world, client_of, time_machine):
    """The sheet says that there is one. A voice says who asks: outside it plays for whom the desk let call."""
    time_machine.move_to(MORNING + timedelta(hours=2), tick=False)
    request = to_state(world, "dispatched", organisation="firm", recording_id=_received().pk)
    row = Recording.objects.get()
    words = {"seconds": 3, "size": 10, "sha256": "0" * 64, "description": "电钻声，周梅 13912342046"}
    Recording.objects.filter(pk=row.pk).update(state="ready", kind="audio", **words)
    told = {"text": "灯杆 HA-07，问 13812345678"}
    OWN_TURNS["supplement"].run(request, told, Sent(), MORNING + timedelta(hours=2))
    sheet = client_of("dispatcher").get(reverse("intake:print", args=[request.number])).content.decode()
    assert "另有 1 段视频或录音" in sheet
    assert "电钻声" in sheet
    assert "灯杆 HA-07，问 ***********" in sheet
    for may_call, plays in [(False, False), (True, True)]:
        link = request_send_outside(
            request=request,
            organisation=world.organisations["firm"],
            email="firm@example.com",
            may_call=may_call,
            actor=world.viewer("dispatcher"),
            at=MORNING + timedelta(hours=2),
        )
        shown = client_of().get(reverse("intake:outside", args=[link.token])).content.decode()
        assert ("<audio controls" in shown) is plays
        assert "电钻声" in shown
        assert "灯杆 HA-07，问 ***********" in shown
        assert "13912342046" not in shown
