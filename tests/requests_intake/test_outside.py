"""A party outside the portal answers by a link with an end: what it may do, what it sees, and when it is over."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from governance.access.viewer import requester
from governance.errors import DomainError, Forbidden, StaleState
from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from governance.privacy.models import AccessLog
from governance.refs import ref_of
from requests_intake.models import (
    Clock,
    Escalation,
    ExternalLink,
    Reply,
    RequestTransition,
    ServiceRequest,
    WorkOrder,
)
from requests_intake.services.closing import request_archive, request_withdraw
from requests_intake.services.escalation import deadline_sweep
from requests_intake.services.outside import (
    holder,
    link_hand_in,
    link_note,
    link_revoke,
    link_sign,
    order_take_back,
    request_send_outside,
)
from requests_intake.services.review import reply_approve, reply_send_back
from requests_intake.services.stepping import check_step
from requests_intake.services.triage import request_dispatch, request_name_complained
from requests_intake.workflow import ORDER_TRANSITIONS, REQUEST_TRANSITIONS
from tests.factories.world import MORNING
from tests.requests_intake.walk import to_state

LATER = MORNING + timedelta(hours=2)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER, tick=False)


def send(world, request, by="dispatcher", to="firm", at=LATER, **more):
    return request_send_outside(
        request=request, organisation=world.organisations[to], actor=world.viewer(by, at), at=at, **more
    )


@pytest.fixture
def led(world):
    """A link to the lead order of the property firm."""
    return send(world, to_state(world, "dispatched", organisation="firm"), email="firm@example.com")


@pytest.fixture
def helping(world):
    """A link to the property firm that helps the lamps office, which has signed."""
    return send(world, to_state(world, "contacted"), by="handler", instruction="请打开配电间")


def order_of(link):
    return WorkOrder.objects.get(pk=link.order_id)


def request_of(link):
    return ServiceRequest.objects.get(orders=link.order_id)


def page(link, name=""):
    return (
        reverse("intake:outside-step", args=[link.token, name])
        if name
        else reverse("intake:outside", args=[link.token])
    )


def photo():
    kept = BytesIO()
    Image.new("RGB", (60, 40), "green").save(kept, "JPEG")
    return SimpleUploadedFile("done.jpg", kept.getvalue(), "image/jpeg")


def text_of(response):
    return response.content.decode()


# ---------- who may do what: by hand, for each step and each state of the order ----------

MAY = {
    ("lead", "dispatched"): {"sign"},
    ("lead", "signed"): {"outside_note", "hand_in"},
    ("lead", "replied"): set(),
    ("lead", "rework"): {"outside_note", "hand_in"},
    ("co", "dispatched"): {"co_sign"},
    ("co", "signed"): {"outside_note", "give_result"},
    ("co", "done"): set(),
}


@pytest.mark.parametrize(("role", "state"), MAY)
def test_the_holder_of_a_link_takes_these_steps_and_no_other(world, led, helping, role, state):
    link = led if role == "lead" else helping
    if state != "dispatched":
        link_sign(link=link, at=LATER)
    if state in ("replied", "rework", "done"):
        link_hand_in(link=link, text="换好了", file_ids=[], at=LATER)
    if state == "rework":
        reply_send_back(request=request_of(link), comment="没有照片", actor=world.viewer("supervisor"), at=LATER)
    order, actor = order_of(link), holder(link)
    assert (order.role, order.state) == (role, state)
    allowed = set()
    for name, step in ORDER_TRANSITIONS.items():
        try:
            check_step(order, name, actor, **dict.fromkeys(step.required, "x"))
        except (Forbidden, StaleState):
            continue
        allowed.add(name)
    assert allowed == MAY[role, state]
    for name, step in REQUEST_TRANSITIONS.items():  # none of the request's own
        with pytest.raises(Forbidden):
            check_step(order.request, name, actor, **dict.fromkeys(step.required, "x"))
    assert not ServiceRequest.objects.visible_to(actor).exists()
    assert not WorkOrder.objects.visible_to(actor).exists()


def test_a_link_is_good_for_its_own_order_only(world, led, helping):
    with pytest.raises(Forbidden):
        check_step(order_of(helping), "co_sign", holder(led))


# ---------- the whole way ----------


def test_as_the_lead_what_it_answers_is_read_before_the_resident_gets_it(world, led, client_of):
    outside = Client()
    assert outside.post(page(led, "sign")).status_code == 302
    order, request = order_of(led), request_of(led)
    assert (order.state, order.handler, order.signed_at, request.state) == ("signed", None, LATER, "in_progress")
    assert not Clock.objects.filter(order=order, kind="contact").exists()
    assert outside.post(page(led, "note"), {"text": "周三上午来换"}).status_code == 302
    assert outside.post(page(led, "hand_in"), {"text": "灯换好了", "photos": [photo()]}).status_code == 302
    reply = Reply.objects.get(order=order)
    assert (reply.text, reply.by, reply.is_released, reply.attachments.count()) == ("灯换好了", None, False, 1)
    assert request_of(led).state == "review"
    track = reverse("intake:track", args=[request.track_token])
    assert "灯换好了" not in text_of(outside.get(track))
    assert "周三上午来换" not in text_of(outside.get(track))
    read = text_of(client_of("supervisor").get(reverse("intake:request", args=[request.number])))
    assert "等审核的答复" in read
    assert "灯换好了" in read
    assert "周三上午来换" in read
    assert "安居物业有限公司 · 外单位，凭链接" in read
    reply_approve(request=request, actor=world.viewer("supervisor"), at=LATER)
    shown = text_of(outside.get(track))
    assert "灯换好了" in shown
    assert "安居物业有限公司" in shown
    row = RequestTransition.objects.get(request=request, name="replied", to_state="callback")
    assert (row.actor, row.actor_kind, row.organisation) == (None, "external", world.organisations["firm"])


def test_sent_back_the_party_reads_why_and_answers_again(world, led):
    link_sign(link=led, at=LATER)
    link_hand_in(link=led, text="换好了", file_ids=[], at=LATER)
    assert "结果已经交了" in text_of(Client().get(page(led)))
    reply_send_back(request=request_of(led), comment="请放照片", actor=world.viewer("supervisor"), at=LATER)
    assert not Clock.objects.filter(order=led.order_id, kind="contact").exists()
    assert "请放照片" in text_of(Client().get(page(led)))
    link_hand_in(link=led, text="换好了，有照片", file_ids=[], at=LATER)
    assert request_of(led).state == "review"


def test_as_a_helper_the_lead_gets_the_result_with_its_photos(world, helping, client_of):
    outside = Client()
    assert "请打开配电间" in text_of(outside.get(page(helping)))
    assert outside.post(page(helping, "sign")).status_code == 302
    assert outside.post(page(helping, "hand_in"), {"text": "开好了", "photos": [photo()]}).status_code == 302
    order = order_of(helping)
    assert (order.state, order.result) == ("done", "开好了")
    request = request_of(helping)
    read = text_of(client_of("handler").get(reverse("intake:request", args=[request.number])))
    assert "开好了" in read
    assert read.count("答复的照片 1") == 1
    tracked = text_of(outside.get(reverse("intake:track", args=[request.track_token])))
    assert "开好了" not in tracked
    assert "/files/" not in tracked


def test_twice_is_told_and_done_once(led):
    outside = Client()
    assert outside.post(page(led, "sign")).status_code == 302
    again = outside.post(page(led, "sign"))
    assert again.status_code == 409
    assert "这次没有重复做" in text_of(again)
    assert outside.post(page(led, "hand_in"), {"text": "好了"}).status_code == 302
    late = outside.post(page(led, "hand_in"), {"text": "好了"})
    assert late.status_code == 200  # the page says that the result is in
    assert Reply.objects.filter(order=led.order_id).count() == 1


def test_bad_input_comes_back_beside_its_field_with_what_was_typed(led):
    outside = Client()
    outside.post(page(led, "sign"))
    empty = outside.post(page(led, "hand_in"), {"text": " "})
    assert empty.status_code == 422
    assert "请写明做了什么" in text_of(empty)
    long = outside.post(page(led, "note"), {"text": "字" * 501})
    assert long.status_code == 422
    assert "字" * 501 in text_of(long)
    many = outside.post(page(led, "hand_in"), {"text": "好了", "photos": [photo() for _ in range(7)]})
    assert "最多放 6 张照片" in text_of(many)
    assert outside.post(page(led, "close"), {}).status_code == 404
    assert order_of(led).state == "signed"


# ---------- what it sees ----------


def test_opening_changes_nothing_but_the_note_of_it(led):
    before = (order_of(led).state, DomainEvent.objects.count(), RequestTransition.objects.count())
    shown = Client().get(page(led))
    assert shown.status_code == 200
    assert "no-store" in shown["Cache-Control"]
    assert shown["Referrer-Policy"] == "same-origin"
    assert (order_of(led).state, DomainEvent.objects.count(), RequestTransition.objects.count()) == before
    led.refresh_from_db()
    assert led.opened_at == LATER


@pytest.mark.parametrize("may_call", [True, False])
def test_who_asked_stays_unknown_unless_the_desk_allowed_a_call(world, may_call):
    request = to_state(world, "dispatched", organisation="firm", body="我是周梅，电话 13912342046，7 号楼的灯不亮。")
    link = send(world, request, may_call=may_call)
    shown = text_of(Client().get(page(link)))
    assert "13912342046" not in shown
    assert "zhou@example.com" not in shown
    assert "灯不亮" in shown
    assert 'href="geo:30.905000,121.905000"' in shown
    asked = Client().post(reverse("intake:outside-contact", args=[link.token]))
    assert asked.status_code == (200 if may_call else 403)
    assert ("13912342046" in text_of(asked)) == may_call
    logged = AccessLog.objects.filter(purpose="external_link")
    assert logged.count() == (1 if may_call else 0)


def test_the_party_complained_about_never_sees_who_complained(world):
    request = to_state(world, "contacted", kind="complaint", address="槐安里 7 号楼 301 室")
    firm = world.organisations["firm"]
    request_name_complained(request=request, complained=firm, actor=world.viewer("dispatcher"), at=LATER)
    with pytest.raises(DomainError) as refused:
        send(world, request, may_call=True)
    assert refused.value.field == "may_call"
    link = send(world, request)
    shown = text_of(Client().get(page(link)))
    assert "301" not in shown
    assert "geo:" not in shown
    assert "周梅" not in shown
    ExternalLink.objects.filter(pk=link.pk).update(may_call=True)  # allowed before it was known whom it is about
    assert Client().post(reverse("intake:outside-contact", args=[link.token])).status_code == 403


def test_a_tip_off_is_never_called_back_from_outside(world):
    request = to_state(world, "dispatched", kind="tip_off")
    with pytest.raises(DomainError):
        send(world, request, may_call=True)


# ---------- when it is over ----------


@pytest.mark.parametrize("how", ["revoked", "expired", "withdrawn", "renewed"])
def test_an_ended_link_says_so_and_shows_nothing(world, led, time_machine, how):
    if how == "revoked":
        link_revoke(link=led, actor=world.viewer("dispatcher"), at=LATER)
    elif how == "expired":
        time_machine.move_to(led.expires_at, tick=False)
    elif how == "withdrawn":
        request = request_of(led)
        request_withdraw(request=request, comment="", actor=requester(ref_of(request)), at=LATER)
    else:
        again = send(world, request_of(led))
        assert Client().get(page(again)).status_code == 200
        assert again.token != led.token
    outside = Client()
    for response in (outside.get(page(led)), outside.post(page(led, "sign"))):
        assert response.status_code == 410
        assert "路灯" not in text_of(response)
        assert "槐安里" not in text_of(response)
    assert order_of(led).state in ("dispatched", "cancelled")
    words = {"revoked": "已经收回", "expired": "过期了", "withdrawn": "不用再办了", "renewed": "已经收回"}
    assert words[how] in text_of(outside.get(page(led)))


def test_an_unknown_link_is_not_found(world):
    assert Client().get(reverse("intake:outside", args=["a" * 22])).status_code == 404
    assert Client().get(reverse("intake:outside", args=["a" * 80])).status_code == 404
    assert Client().post(reverse("intake:outside-contact", args=["a" * 22])).status_code == 404


def test_robots_that_try_links_are_slowed_down(monkeypatch, led):
    monkeypatch.setattr("governance.web.throttle.seconds_to_wait", lambda request, name, *rest: 9 * ("outside" in name))
    for response in (Client().get(page(led)), Client().post(page(led, "sign"))):
        assert response.status_code == 429
    assert order_of(led).state == "dispatched"


def test_a_link_that_ended_between_page_and_press_moves_nothing(world, led):
    link_revoke(link=led, actor=world.viewer("dispatcher"), at=LATER)
    with pytest.raises(StaleState):
        link_sign(link=led, at=LATER)
    with pytest.raises(StaleState):
        link_note(link=led, text="来了", at=LATER)
    assert order_of(led).state == "dispatched"


# ---------- the staff's side ----------


def test_sending_through_the_page_and_calling_back(world, client_of):
    request = to_state(world, "contacted")
    handler = client_of("handler")
    act = reverse("intake:act", args=[request.number, "send_outside"])
    for change, words in [
        ({"organisation": ""}, "请选承办单位"),
        ({"organisation": world.organisations["parks"].pk}, "选择"),
        ({"phone": "0755-12345678"}, "请填手机号"),
        ({"email": "不是邮箱"}, "邮箱没有看懂"),
    ]:
        refused = handler.post(act, {"organisation": world.organisations["firm"].pk} | change)
        assert refused.status_code == 422, change
        assert words in text_of(refused), change
    assert (
        handler.post(act, {"organisation": world.organisations["firm"].pk, "phone": "13800001111"}).status_code == 302
    )
    link = ExternalLink.objects.get()
    assert (link.order.role, link.made_by) == ("co", world.people["handler"])
    shown = text_of(handler.get(reverse("intake:request", args=[request.number])))
    assert "看链接、二维码，收回" in shown
    assert "13800001111" not in shown
    own = reverse("intake:external-link", args=[request.number, link.pk])
    assert page(link) in text_of(handler.get(own))
    assert "<svg" in text_of(handler.get(own))
    assert client_of("agent").get(own).status_code == 403
    assert client_of("other_handler").get(own).status_code == 404
    revoke = reverse("intake:external-link-revoke", args=[request.number, link.pk])
    assert client_of("agent").post(revoke).status_code == 403
    assert handler.post(revoke).status_code == 302
    assert page(link) not in text_of(handler.get(own))
    assert Client().get(page(link)).status_code == 410


def test_the_desk_takes_the_lead_from_a_party_that_does_not_answer(world, led, client_of):
    request = request_of(led)
    desk, act = client_of("dispatcher"), reverse("intake:act", args=[request.number, "take_back"])
    assert "收回，另派" in text_of(desk.get(reverse("intake:request", args=[request.number])))
    assert desk.post(act, {"text": ""}).status_code == 422
    assert desk.post(act, {"text": "三天没有签收"}).status_code == 302
    request.refresh_from_db()
    assert (request.state, request.organisation, request.is_designated) == ("accepted", None, False)
    assert order_of(led).state == "returned"
    assert Client().get(page(led)).status_code == 410
    again = request_dispatch(
        request=request, organisation=world.organisations["lamps"], actor=world.viewer("dispatcher"), at=LATER
    )
    assert (again.role, again.is_outside) == ("lead", False)
    with pytest.raises(DomainError):  # an office of the portal asks to return it itself
        order_take_back(order=again, text="不要了", actor=world.viewer("dispatcher"), at=LATER)


def test_only_bodies_outside_get_a_link(world):
    with pytest.raises(DomainError) as refused:
        send(world, to_state(world, "contacted"), to="parks")
    assert (refused.value.code, refused.value.field) == ("works_inside", "organisation")


def test_the_link_is_sent_and_stands_in_no_stored_text(world, led):
    relay.drain()
    message = Message.objects.get(kind="requests_intake.sent_outside")
    assert message.recipient_ref == ref_of(led)
    assert led.token not in str(message.context)
    assert led.token not in str(list(DomainEvent.objects.values_list("payload", flat=True)))


def test_reminders_of_an_order_outside_go_to_whoever_sent_it(world, led, helping, time_machine):
    for link, sender in ((led, "dispatcher"), (helping, "handler")):
        sign = Clock.objects.get(order=link.order_id, kind="sign")
        deadline_sweep(at=sign.warn_at)
        first = Escalation.objects.get(clock=sign, level=1)
        assert first.recipient == world.people[sender]
    answer = Clock.objects.get(request=led.order.request, kind="answer")
    deadline_sweep(at=answer.warn_at)
    assert Escalation.objects.get(clock=answer, level=1).recipient == world.people["dispatcher"]


def test_addresses_of_parties_are_forgotten_when_the_request_is_filed_away(world, led):
    request = request_of(led)
    request_withdraw(request=request, comment="", actor=requester(ref_of(request)), at=LATER)
    assert ExternalLink.objects.get(pk=led.pk).email == "firm@example.com"
    assert request_archive(request_id=request.pk, at=LATER + timedelta(days=100))
    assert ExternalLink.objects.get(pk=led.pk).email == ""


def test_an_order_that_works_inside_still_needs_a_name(world):
    order = WorkOrder.objects.get(request=to_state(world, "signed"))
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkOrder.objects.filter(pk=order.pk).update(handler=None)
    WorkOrder.objects.filter(pk=order.pk).update(handler=None, is_outside=True)
