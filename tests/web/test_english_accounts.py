"""What a resident with an account reads of request intake is English where they chose it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from governance.jobs.services import job_run
from governance.protection.models import PersonCopy, PersonRequest
from governance.protection.person_requests.copies import copy_file
from governance.protection.person_requests.services import person_request_decide
from requests_intake.models import ServiceRequest
from requests_intake.services.drafts import draft_start
from tests.factories import world as worlds
from tests.factories.residents import resident, signed_in, viewer_of
from tests.factories.world import MORNING
from tests.requests_intake.resident import Resident
from tests.requests_intake.walk import STATES, to_state
from tests.web.english import chinese_in

REPORTED = "The street lamp north of building 7 has been out for three days."


@pytest.fixture
def world(db: None, time_machine: Any) -> Iterator[worlds.World]:
    time_machine.move_to(MORNING + timedelta(hours=6), tick=False)
    yield worlds.build()
    worlds.forget()


def test_what_a_resident_with_an_account_reads(world: worlds.World, time_machine: Any):
    user = resident("Mr Smith", email="smith@example.com")
    requests = [to_state(world, state, body=REPORTED, language="en", name="Mr Smith") for state in STATES]
    for request in requests[1:]:
        ServiceRequest.objects.filter(pk=request.pk).update(account=user, is_for_other=True)
    draft_start(data={"kind": "help", "raw": {}}, at=MORNING, actor=viewer_of(user))
    client = signed_in(user, "en")
    faults: dict[str, list[str]] = {}

    def read(page: HttpResponse, name: str) -> None:
        assert page.status_code in (200, 422), name
        if found := chinese_in(page.content.decode()):
            faults[name] = found

    for address in ("/", "/my/", "/my/?view=open", "/my/drafts/", "/my/looks/"):
        read(client.get(address), address)
    for request in requests:
        link = reverse("intake:track", args=[request.track_token])
        read(client.get(link), f"tracking, {request.state}")
        for name, data in [("hide-name", {"hide": "1"}), ("forget-contact", {}), ("forget-contact", {"sure": "on"})]:
            client.post(reverse(f"intake:{name}", args=[request.track_token]), data)
            read(client.get(link), f"after {name}, {request.state}")
    client.post(reverse("intake:take-over", args=[requests[0].track_token]))
    read(client.get("/my/"), "after taking over")
    walk = Resident(time_machine, client=client).begin("enquiry")
    read(walk.go("contact"), "contact, filled in")
    read(client.get("/account/data/new/?kind=delete"), "asking about one's data")
    read(client.post("/account/data/new/", {"kind": "correct"}), "asking without words")
    asked = client.post("/account/data/new/", {"kind": "correct", "words": "It is building 9."})["Location"]
    read(client.get(asked), "a request about one's data")
    person_request_decide(
        request=PersonRequest.objects.get(kind="correct"),
        decision="partly",
        ground="accurate",
        reason="We changed the number of the building.",
        actor=world.viewer("administrator"),
        at=MORNING + timedelta(hours=6),
    )
    for address in (asked, "/account/data/"):
        read(client.get(address), f"{address}, answered")
    copy = client.post("/account/data/new/", {"kind": "copy"})["Location"]
    made = PersonRequest.objects.get(kind="copy")
    boss = world.viewer("administrator")
    person_request_decide(request=made, decision="granted", ground="", reason="Here it is.", actor=boss, at=MORNING)
    read(client.get(copy), "a copy that is being made")
    job_run(job_id=PersonCopy.objects.get().job_id, clock=lambda: MORNING + timedelta(hours=6))
    read(client.get(copy), "a copy that is there")
    read(copy_file(made, PersonCopy.objects.get().parts), "the copy itself")
    PersonCopy.objects.all().delete()
    read(client.get(copy), "a copy that is gone")
    nobody = signed_in(resident("Mr Jones", "+8613912342046"), "en")
    for address in ("/my/", "/my/?view=open", "/my/drafts/", "/my/looks/", "/account/data/"):
        read(nobody.get(address), f"{address}, empty")
    staff = signed_in_staff(world)
    read(staff.get(reverse("intake:request", args=[requests[1].number])), "a request for somebody else, to staff")
    assert faults == {}


def signed_in_staff(world: worlds.World) -> Client:
    client = Client()
    client.force_login(world.people["dispatcher"], backend="governance.access.backends.GrantBackend")
    client.cookies["liren_lang"] = "en"
    return client
