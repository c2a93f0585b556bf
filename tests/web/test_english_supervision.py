"""Pages of supervision read in English: the overview in all its forms, interventions, exclusions, the appraisal."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from requests_intake.models import BulletinItem, Intervention, Objection
from requests_intake.services.evidence import evidence_receive
from requests_intake.services.exclusions import exclusion_ask
from tests.factories import world as worlds
from tests.factories.bulk import scatter
from tests.factories.world import MORNING, STREET
from tests.governance.file_samples import telephone_jpeg
from tests.requests_intake.walk import to_state, to_turn
from tests.web.test_english_outside import english, read

LATER = MORNING + timedelta(days=14, hours=6)  # November is over
__all__ = ["read"]


@pytest.fixture
def world(db, time_machine):
    time_machine.move_to(LATER, tick=False)
    built = worlds.build()
    scatter(built, 60, seed=5)
    yield built
    worlds.forget()


def test_the_overview(world, read):
    supervisor, address = english(world.people["supervisor"]), reverse("dashboards:overview")
    for query in (
        "?period=30&all=1",
        "?period=year&all=1",
        "?wall=1",
        "?period=month&month=2026-10",
        "?period=range",
        "?period=range&from=2026-11-10&to=2026-11-01",
        f"?area={STREET}&period=range&from=2026-11-01&to=2026-11-10&all=1",
    ):
        assert read(supervisor, address + query) == 200
    assert read(supervisor, reverse("dashboards:panel", args=["intake-offices"])) == 200
    assert read(supervisor, reverse("dashboards:exports")) == 200
    assert read(supervisor, reverse("dashboards:exports"), {"area": STREET, "period": "7"}) == 302
    assert read(supervisor, reverse("dashboards:exports")) == 200
    assert read(english(world.people["head"]), reverse("dashboards:exports"), {"area": STREET}) == 403


def test_interventions_and_exclusions(world, read):
    request = to_turn(world, "supervised", body="The street lamp is out.", language="en")
    supervisor, handler = english(world.people["supervisor"]), english(world.people["handler"])
    page = reverse("intake:request", args=[request.number])
    assert read(supervisor, f"{reverse('intake:queue')}?view=away") == 200
    assert read(supervisor, f"{reverse('intake:bulk')}?action=reassign&pick={request.number}") == 200
    for name in ("urge", "instruct", "reassign"):
        assert read(supervisor, f"{page}?turn={name}") == 200
        assert read(supervisor, reverse("intake:act", args=[request.number, name]), {}) == 422
    assert read(handler, f"{page}?turn=answer_supervision") == 200
    for view in ("open", "late", "answered", "all"):
        assert read(supervisor, f"{reverse('intake:supervisions')}?view={view}") == 200
    assert read(supervisor, reverse("intake:supervision", args=[Intervention.objects.get().number])) == 200
    assert read(supervisor, f"{reverse('intake:bulk')}?action=supervise&pick={request.number}") == 200
    to_turn(world, "ledgered", body="The road is narrow.", language="en")
    assert read(supervisor, reverse("intake:ledger")) == 200
    ended = to_state(world, "closed", body="The swing is broken.", language="en")
    exclusion = reverse("intake:exclusion", args=[ended.number])
    assert read(handler, exclusion) == 200
    assert read(handler, exclusion, {}) == 422
    photo = SimpleUploadedFile("a.jpg", telephone_jpeg(), "image/jpeg")
    exclusion_ask(
        request=ended,
        ground="legal",
        text="The court has it",
        evidence=[evidence_receive(upload=photo, actor=world.viewer("handler"), at=LATER)],
        actor=world.viewer("handler"),
        at=LATER,
    )
    assert read(supervisor, exclusion) == 200
    assert read(supervisor, exclusion, {"answer": "no", "text": ""}) == 422
    assert read(supervisor, exclusion, {"answer": "yes", "text": "Checked"}) == 302
    district = english(world.people["district"])
    assert read(district, exclusion) == 200
    for state in ("asked", "checked", "granted", "refused"):
        assert read(district, f"{reverse('intake:exclusions')}?view={state}") == 200
    assert read(district, exclusion, {"answer": "yes", "text": ""}) == 302
    assert read(district, page) == 200


def test_the_appraisal(world, read):
    district, handler = english(world.people["district"]), english(world.people["handler"])
    operations, anybody = english(world.people["operations"]), english()
    month = reverse("intake:appraisal-month", args=["2026-11"])
    for address in (reverse("intake:appraisal"), month, reverse("intake:schemes"), reverse("intake:open-figures")):
        assert read(district, address) == 200
    assert read(operations, reverse("intake:scheme-new")) == 200
    assert read(operations, reverse("intake:scheme-new"), {"weight_solved": "x"}) == 422
    assert read(district, reverse("intake:appraisal-freeze", args=["2026-11"]), {}) == 302
    assert read(district, month) == 200
    lamps = world.organisations["lamps"].pk
    assert read(handler, reverse("intake:appraisal-office", args=["2026-11", 1, lamps])) == 200
    item = BulletinItem.objects.filter(organisation=lamps).order_by("pk")[0]
    objecting = reverse("intake:object-to", args=[item.pk])
    assert read(handler, objecting) == 200
    assert read(handler, objecting, {"text": ""}) == 422
    assert read(handler, objecting, {"text": "Wrong number was called"}) == 302
    ruling = reverse("intake:objection", args=[Objection.objects.get().pk])
    assert read(district, ruling) == 200
    assert read(district, reverse("intake:objections")) == 200
    assert read(district, ruling, {"answer": "yes", "text": "It was"}) == 302
    assert read(district, f"{reverse('intake:objections')}?view=upheld") == 200
    assert read(district, reverse("intake:appraisal-revise", args=["2026-11"]), {"why": "Objection"}) == 302
    assert read(district, f"{month}?version=1") == 200
    assert read(district, reverse("intake:appraisal-publish", args=["2026-11"]), {}) == 302
    for address in (reverse("intake:open-figures"), reverse("intake:open-bulletin", args=["2026-11"])):
        assert read(anybody, address) == 200
