"""Reporting for somebody else: who is told what, whom the office calls, who reads it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.access.viewer import requester
from governance.errors import DomainError
from governance.notifications.models import Message
from governance.outbox import relay
from governance.privacy.models import AccessLog
from governance.refs import ref_of
from requests_intake.models import ConcernedPerson, ServiceRequest
from requests_intake.selectors.detail import request_for
from requests_intake.services.handling import contact_reveal
from requests_intake.services.ownership import contact_remove
from requests_intake.services.submission import Concerned
from tests.factories.residents import resident, signed_in
from tests.factories.world import MORNING, grant
from tests.requests_intake.programs import Program, issue, told
from tests.requests_intake.resident import Resident
from tests.requests_intake.walk import to_state

FATHER = Concerned("周大明", "16912345678", "parent", is_told=True, is_called=True)


def test_a_child_reports_for_a_parent(world, time_machine, client_of):
    """From the form, which keeps what was typed, to what each is told and what the office reads."""
    time_machine.move_to(MORNING, tick=False)
    owner = resident()
    walk = Resident(time_machine, client=signed_in(owner)).begin().answer_all(world.categories["lamp"].pk)
    walk.go("contact")
    typed = {"name": "周梅", "phone": "13912342046", "email": "", "for_whom": "other", "other_told": "on"}
    for more, wrong in [({}, "请写这个人怎么称呼"), ({"other_name": "周大明"}, "请写手机号")]:
        page = walk.send(**typed, **more)
        assert page.status_code == 422
        assert wrong in page.content.decode()
        assert "周梅" in page.content.decode()
    walk.send(**typed, other_name="周大明", other_phone="169 1234 5678", relation="parent", calls="other")
    assert "周大明" in walk.open(walk.address).content.decode()
    walk.send()
    filed = ServiceRequest.objects.get()
    person = filed.concerned
    said = (person.name, person.phone, person.relation, person.is_told, person.is_called)
    assert said == ("周大明", "16912345678", "parent", True, True)
    assert (filed.is_for_other, str(filed.contact.name)) == (True, "周梅")
    relay.drain(at=MORNING + timedelta(hours=1))
    told = set(Message.objects.values_list("kind", "recipient_ref", "channel"))
    assert ("requests_intake.received_for_you", ref_of(person), "sms") in told
    assert ("requests_intake.received", ref_of(filed.contact), "sms") in told
    assert {ref for kind, ref, _way in told if kind == "requests_intake.received"} == {ref_of(filed.contact)}
    staff = client_of("dispatcher")
    address = reverse("intake:request", args=[filed.number])
    masked = staff.get(address).content.decode()
    assert "周**" in masked
    assert "169****5678" in masked
    assert "父母、长辈" in masked
    assert "有事打给这个人" in masked
    assert "周大明" not in masked
    shown = staff.post(reverse("intake:reveal", args=[filed.number]), {"purpose": "contact"}).content.decode()
    assert "周大明" in shown
    assert "16912345678" in shown
    logged = AccessLog.objects.filter(subject_ref=ref_of(person)).get()
    assert (logged.fields, logged.purpose) == (["name", "phone"], "contact")
    mine = signed_in(owner).get(reverse("intake:mine")).content.decode()
    assert "替 周** 反映" in mine
    tracked = client_of().get(reverse("intake:track", args=[filed.track_token])).content.decode()
    assert "周**" in tracked
    assert "周大明" not in tracked


@pytest.mark.parametrize(
    ("concerned", "field"),
    [
        (Concerned(" "), "other_name"),
        (Concerned("周", "", is_called=True), "other_phone"),
        (Concerned("周", "021-88120316", is_told=True), "other_phone"),
        (Concerned("周", relation="boss"), "relation"),
    ],
)
def test_what_is_refused(world, concerned, field):
    with pytest.raises(DomainError) as caught:
        world.submit(concerned=concerned)
    assert caught.value.field == field


def test_whoever_is_complained_about_reads_nothing_and_it_can_be_removed(world):
    """The person concerned is shielded as the reporter is, and goes when the requester takes the contact away."""
    parks = world.organisations["parks"]
    made = world.submit(kind="complaint", complained_id=parks.pk, concerned=FATHER).request
    grant(world, "other_handler", "dispatcher", made.area_code[:9])
    about = world.viewer("other_handler")
    found = request_for(made.number, about)
    assert found is not None
    assert getattr(found, "concerned", None) is None
    with pytest.raises(DomainError):
        contact_reveal(request=made, purpose="contact", actor=about, at=MORNING)
    closed = to_state(world, "closed", concerned=FATHER)
    assert ConcernedPerson.objects.filter(request=closed).exists()
    contact_remove(request=closed, actor=requester(ref_of(closed)), at=MORNING + timedelta(days=9))
    assert not ConcernedPerson.objects.filter(request=closed).exists()


def test_a_clerk_takes_down_for_whom_it_is(world, time_machine, client_of):
    """The counter asks what the form asks, with the same refusals; chosen "for themselves" nothing of it is kept."""
    time_machine.move_to(MORNING, tick=False)
    clerk, page = client_of("clerk"), f"/staff/entry/{'f' * 32}/"
    typed = {"channel": "counter", "kind": "help", "body": "老人家里没灯", "phone": "13912342046", "other_told": "on"}
    for more, wrong in [({}, "请写这个人怎么称呼"), ({"other_name": "周大明"}, "请写手机号")]:
        refused = clerk.post(page, {**typed, "for_whom": "other", **more})
        assert refused.status_code == 422
        assert wrong in refused.content.decode()
    whole = {**typed, "other_name": "周大明", "other_phone": "169 1234 5678", "relation": "parent", "calls": "other"}
    slip = clerk.get(clerk.post(page, {**whole, "for_whom": "other"})["Location"]).content.decode()
    person = ServiceRequest.objects.get().concerned
    said = (person.name, person.phone, person.relation, person.is_told, person.is_called)
    assert said == ("周大明", "16912345678", "parent", True, True)
    assert "那个人也会收到编号和链接" in slip
    clerk.post(f"/staff/entry/{'e' * 32}/", {**whole, "for_whom": "me", "is_new": "1"})
    assert ServiceRequest.objects.count() == 2
    assert ConcernedPerson.objects.count() == 1


def test_a_program_files_for_somebody_else(world):
    """`concerned` of the interface: by the same rules, a fault under the name that the program used."""
    hotline = Program(issue(world, "exchange").secret)
    person = {"name": "周大明", "phone": "169 1234 5678", "relation": "parent", "is_told": True}
    for number, (wrong, status, field) in enumerate([
        ({"name": " "}, 400, "concerned.name"),
        ({"phone": "", "is_called": True}, 422, "concerned.phone"),
        ({"relation": "boss"}, 400, "concerned.relation"),
        ({"nickname": "老周"}, 400, "concerned.nickname"),
    ]):  # fmt: skip
        said = hotline.post("/requests/", told(concerned=person | wrong), key=f"wrong-{number:04}")
        assert (said.status_code, said.json()["field"]) == (status, field)
    made = hotline.post("/requests/", told(concerned=person), key="right-0001")
    assert made.status_code == 201
    filed = ServiceRequest.objects.get()
    assert (filed.concerned.name, filed.concerned.phone, filed.concerned.is_told) == ("周大明", "16912345678", True)
    shown = hotline.get(f"/requests/{filed.number}/").json()["concerned"]
    assert shown["name"] == "周**"
