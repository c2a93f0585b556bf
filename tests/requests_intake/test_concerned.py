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
