"""Whoever is complained about never learns who complained; whoever has an interest stands back."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.access.viewer import requester
from governance.errors import DomainError, Forbidden
from governance.outbox import relay
from governance.refs import ref_of, resolve
from requests_intake.models import Recusal, ServiceRequest, WorkOrder
from requests_intake.selectors.queue import WORKLISTS, requests_in, worklists_for
from requests_intake.selectors.similar import similar_open
from requests_intake.services.assignment import order_assign
from requests_intake.services.callback import request_rate
from requests_intake.services.closing import request_supplement
from requests_intake.services.handling import contact_reveal, order_contact, order_sign
from requests_intake.services.helping import order_co_sign
from requests_intake.services.recusing import request_recuse
from requests_intake.services.triage import (
    request_dispatch,
    request_name_complained,
    request_to_district,
)
from tests.factories import world as worlds
from tests.factories.world import MORNING, STREET
from tests.requests_intake.walk import to_state

LATER = MORNING + timedelta(hours=1)
BODY = "园林所的人态度很差，请打 13800001111 找我，槐安里 7 号楼北侧的树也没剪。"
SECRETS = ("周梅", "13912342046", "139****2046", "13800001111", "zhou@", "z***", "18611112222", "舅舅", "打给周")
# Every page of staff on which a request can appear, as the party complained about opens it.
PAGES = (
    "/staff/requests/{number}/",
    "/staff/requests/{number}/?turn=give_result-{order}",
    "/staff/requests/{number}/why/",
    "/staff/requests/{number}/recuse/",
    "/staff/orders/",
    "/staff/orders/?q=园林所",
    "/staff/orders/?q=13800001111",
    "/staff/orders/?view=done",
    "/staff/find/?q={number}",
    "/staff/requests/",
    "/staff/requests/?view=all",
    "/staff/requests/?q=园林所",
    "/staff/requests/bulk/?action=assign&pick={number}",
    "/staff/requests/bulk/?action=accept&pick={number}",
    "/staff/",
    "/staff/overview/",
    "/staff/moderation/",
    "/staff/moderation/{number}/",
)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER + timedelta(minutes=5), tick=False)


@pytest.fixture
def complaint(world):
    """A complaint about the parks station, led by the lamps; the parks have to help."""
    request = to_state(world, "accepted", kind="complaint", body=BODY, category_id=world.categories["lamp"].pk)
    parks = world.organisations["parks"]
    request_name_complained(request=request, complained=parks, actor=world.viewer("dispatcher"), at=LATER)
    request_dispatch(
        request=request,
        organisation=world.organisations["lamps"],
        helpers=[parks],
        instruction="先打 13800001111",
        actor=world.viewer("dispatcher"),
        at=LATER,
    )
    request_recuse(
        request=request,
        user=world.people["supervisor"],
        reason="诉求人是我舅舅",
        colleague=None,
        actor=world.viewer("dispatcher"),
        at=LATER,
    )
    lead = WorkOrder.objects.get(request=request, role="lead")
    order_sign(order=lead, actor=world.viewer("handler"), at=LATER)
    order_contact(order=lead, how="phone", reached=True, note="打给周女士", actor=world.viewer("handler"), at=LATER)
    request = ServiceRequest.objects.get(pk=request.pk)
    own = requester(ref_of(request))
    request_supplement(request=request, text="我的另一个号码 18611112222", file_ids=[], actor=own, at=LATER)
    helping = WorkOrder.objects.get(request=request, role="co")
    order_co_sign(order=helping, actor=world.viewer("other_handler"), at=LATER)
    return ServiceRequest.objects.get(pk=request.pk)


@pytest.mark.parametrize("address", PAGES)
def test_no_page_tells_the_party_complained_about_who_complained(world, client_of, complaint, address):
    # somebody of the parks who also sees the whole street, so that every list is open to them
    insider = worlds.add_person(world, "insider", "dispatcher", STREET, world.organisations["parks"])
    helping = WorkOrder.objects.get(request=complaint, role="co")
    path = address.format(number=complaint.number, order=helping.pk)
    clients = [client_of("other_handler"), client_of("insider")]
    assert insider.organisation == world.organisations["parks"]
    answers = [client.get(path, follow=True) for client in clients]
    assert any(answer.status_code in (200, 403, 404) for answer in answers)
    for answer in answers:
        shown = answer.content.decode()
        # the box shows what was typed; only the rows count
        shown = shown.replace("q=13800001111", "").replace('value="13800001111"', "").replace("“13800001111”", "")
        assert [secret for secret in SECRETS if secret in shown] == [], path


def test_others_see_it_as_ever(world, client_of, complaint):
    shown = client_of("handler").get(f"/staff/requests/{complaint.number}/").content.decode()
    assert "13800001111" in shown
    assert "139****2046" in shown
    own = client_of("other_handler").get(f"/staff/requests/{complaint.number}/").content.decode()
    assert "照规定不给您看是谁反映的" in own
    assert "reveal-why" not in own
    assert "槐安里" in own


def test_reveal_files_likeness_and_search_are_shut_too(world, complaint):
    worlds.add_person(world, "insider", "dispatcher", STREET, world.organisations["parks"])
    insider = world.viewer("insider", LATER)
    other = world.viewer("other_handler", LATER)
    for viewer in (insider, other):
        with pytest.raises(Forbidden):
            contact_reveal(request=complaint, purpose="contact", actor=viewer, at=LATER)
        assert resolve(ref_of(complaint), viewer) is None
        assert similar_open(viewer, body=BODY, area_code=complaint.area_code, lng=121.905, lat=30.905) == []
    assert resolve(ref_of(complaint), world.viewer("dispatcher", LATER)) is not None


def test_it_never_leads(world, client_of):
    request = to_state(world, "accepted", kind="complaint")
    lamps = world.organisations["lamps"]
    dispatcher = client_of("dispatcher")
    act = lambda name: reverse("intake:act", args=[request.number, name])  # noqa: E731
    assert dispatcher.post(act("name_complained"), {"complained": lamps.pk}).status_code == 302
    refused = dispatcher.post(act("dispatch"), {"organisation": lamps.pk})
    assert refused.status_code == 422
    assert "不能由它牵头" in refused.content.decode()
    assert dispatcher.post(act("dispatch"), {"organisation": world.organisations["parks"].pk}).status_code == 302
    late = dispatcher.post(act("name_complained"), {"complained": world.organisations["parks"].pk})
    assert "现在就是它在牵头" in late.content.decode()


def test_only_complaints_are_about_somebody(world):
    request = to_state(world, "accepted")
    with pytest.raises(DomainError, match="只有投诉"):
        request_name_complained(
            request=request,
            complained=world.organisations["lamps"],
            actor=world.viewer("dispatcher"),
            at=LATER,
        )


def test_whoever_stands_back_takes_no_step_and_a_colleague_takes_over(world, client_of):
    request = to_state(world, "contacted")
    handler = client_of("handler")
    page = reverse("intake:recuse", args=[request.number])
    me, colleague = world.people["handler"], world.people["second_handler"]
    for change, words in [
        ({"reason": ""}, "请写有什么利害关系"),
        ({"colleague": ""}, "请选一位"),
        ({"colleague": me.pk}, "没有回避的人"),
    ]:
        refused = handler.post(page, {"user": me.pk, "reason": "诉求人是我舅舅", "colleague": colleague.pk} | change)
        assert refused.status_code == 422
        assert words in refused.content.decode()
    assert not Recusal.objects.exists()
    good = {"user": me.pk, "reason": "诉求人是我舅舅", "colleague": colleague.pk}
    assert handler.post(page, good).status_code == 302
    order = WorkOrder.objects.get(request=request)
    request = ServiceRequest.objects.get(pk=request.pk)
    assert (order.handler, request.handler) == (colleague, colleague)
    shown = handler.get(reverse("intake:request", args=[request.number])).content.decode()
    assert "诉求人是我舅舅" in shown
    assert "do-reply" not in shown
    refused = handler.post(reverse("intake:act", args=[request.number, "reply"]), {"text": "好了"})
    assert refused.status_code == 403
    assert "您已经回避这件诉求" in refused.content.decode()
    reveal = handler.post(reverse("intake:reveal", args=[request.number]), {"purpose": "contact"})
    assert reveal.status_code == 403
    with pytest.raises(DomainError, match="已经回避"):
        order_assign(order=order, handler=me, actor=world.viewer("second_handler"), at=LATER)
    with pytest.raises(Forbidden):
        order_contact(order=order, how="phone", reached=True, note="", actor=world.viewer("handler"), at=LATER)
    done = client_of("second_handler").post(reverse("intake:act", args=[request.number, "reply"]), {"text": "好了"})
    assert done.status_code == 302


def test_the_desk_recuses_others_and_nobody_else_does(world, client_of):
    request = to_state(world, "callback")
    common = {"request": request, "reason": "同一个楼的邻居", "colleague": None, "at": LATER}
    agent = world.people["agent"]
    with pytest.raises(Forbidden):
        request_recuse(user=agent, actor=world.viewer("handler"), **common)
    with pytest.raises(Forbidden):
        request_recuse(user=world.people["other_handler"], actor=world.viewer("other_handler"), **common)
    request_recuse(user=agent, actor=world.viewer("dispatcher"), **common)
    with pytest.raises(Forbidden):
        request_rate(
            request=request,
            contacted=True,
            solved="yes",
            grade=5,
            comment="",
            actor=world.viewer("agent"),
            at=LATER,
        )
    shown = client_of("agent").get(reverse("intake:request", args=[request.number])).content.decode()
    assert "do-rate" not in shown
    with pytest.raises(DomainError, match="已经回避"):
        request_recuse(user=agent, actor=world.viewer("dispatcher"), **common)
    relay.drain()


def test_what_goes_to_a_sub_district_is_copied_to_the_district(world, client_of):
    direct, plain = to_state(world, "dispatched", organisation="street"), to_state(world, "dispatched")
    unclear = to_state(world, "accepted")
    order = request_to_district(request=unclear, text="两个单位都说不归它", actor=world.viewer("dispatcher"), at=LATER)
    assert order.organisation == world.organisations["district"]
    modes = {one.pk: (one.dispatch_mode, one.copies_district) for one in ServiceRequest.objects.filter(closed_at=None)}
    assert modes == {direct.pk: ("direct", True), plain.pk: ("direct", False), unclear.pk: ("district", False)}
    copied = next(one for one in WORKLISTS if one.key == "copied")
    district = world.viewer("district", LATER)
    assert [one.pk for one in requests_in(copied, district, at=LATER)] == [direct.pk]
    assert copied in worklists_for(district)
    assert copied not in worklists_for(world.viewer("dispatcher", LATER))
    shown = client_of("district").get("/staff/requests/?view=copied").content.decode()
    assert direct.number in shown
    assert plain.number not in shown
    assert "抄送区级" in client_of("district").get(f"/staff/requests/{direct.number}/").content.decode()
