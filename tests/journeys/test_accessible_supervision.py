"""Pages of supervision, holding real rows: the appraisal with its forms, exclusions, the ledger, interventions.

Each is read once by axe, at the width of a telephone, and measured at both: what all staff pages share is read three
times over in test_accessible_pages.
"""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from governance.files.tables import table_xlsx
from requests_intake.models import BulletinItem, Intervention
from requests_intake.services.appraisal import bulletin_freeze, objection_raise
from requests_intake.services.evidence import evidence_receive
from requests_intake.services.exclusions import exclusion_ask
from tests.factories.bulk import scatter
from tests.factories.world import MORNING
from tests.governance.file_samples import telephone_jpeg
from tests.journeys.steps import is_wider_than_screen
from tests.journeys.test_accessible_pages import DESK, PHONE, show
from tests.requests_intake.walk import to_state, to_turn

LATER = MORNING + timedelta(days=15)  # November is over


@pytest.fixture
def read(axe):
    """`read(page, path)` opens a page and notes what is wrong with it; all of it is told when the test ends."""
    faults = []

    def look(page, path=None):
        if path is not None:
            assert page.goto(path).status == 200, path
        show(page, DESK)
        if is_wider_than_screen(page):
            faults.append(f"{page.url}: scrolls sideways at 1280")
        show(page, PHONE)
        if is_wider_than_screen(page):
            faults.append(f"{page.url}: scrolls sideways at 360")
        faults.extend(f"{page.url}: {violation}" for violation in axe(page))

    yield look
    assert not faults, "\n".join(faults)


def received(actor, at):
    files = [
        SimpleUploadedFile("现场照片.jpg", telephone_jpeg()),
        SimpleUploadedFile("通话记录.xlsx", table_xlsx(["时间"], [["10:42"]])),
    ]
    return [evidence_receive(upload=file, actor=actor, at=at) for file in files]


def test_pages_of_supervision(world, page_of, read):
    district, office = page_of("district", width=360), page_of("handler", width=360)
    appraisal(world, district, office, page_of("operations", width=360), read)
    interventions(world, district, office, page_of("supervisor", width=360), read)


def appraisal(world, district, office, editor, read):
    """A frozen month: for the district, which decides, and for the office, whose objection lacks its words."""
    scatter(world, 40, seed=5)
    handler = world.viewer("handler", LATER)
    bulletin_freeze(month=date(2026, 11, 1), actor=world.viewer("district", LATER), at=LATER)
    items = BulletinItem.objects.filter(organisation=world.organisations["lamps"]).order_by("pk")
    raised = objection_raise(
        item=items[0], text="回访打错了电话", evidence=received(handler, LATER), actor=handler, at=LATER
    )
    month = reverse("intake:appraisal-month", args=["2026-11"])
    for path in ("/staff/appraisal/", f"{month}?scheme=1", reverse("intake:objections"), "/staff/appraisal/schemes/"):
        read(district, path)
    read(district, reverse("intake:objection", args=[raised.pk]))
    read(office, reverse("intake:appraisal-office", args=["2026-11", 1, world.organisations["lamps"].pk]))
    office.goto(reverse("intake:object-to", args=[items[1].pk]))
    office.set_input_files("[name=evidence]", {"name": "通话记录.pdf", "mimeType": "", "buffer": b"%PDF-1.7 %%EOF"})
    office.click("main form .lr-actions button")
    office.wait_for_selector(".s-evidence")
    assert "通话记录.pdf" in office.inner_text(".s-evidence")
    read(office)
    editor.goto("/staff/appraisal/schemes/new/")
    editor.fill("[name=weight_solved]", "1")
    editor.click("main form .lr-actions button")
    editor.wait_for_selector(".lr-errors")
    read(editor)


def interventions(world, district, office, leader, read):
    """An exclusion before and after it was asked for, the ledger, a supervision, orders to be handed on."""
    ended = to_state(world, "closed")
    handler = world.viewer("handler")
    read(office, reverse("intake:exclusion", args=[ended.number]))
    exclusion_ask(
        request=ended,
        ground="excessive",
        text="要求过高",
        evidence=received(handler, MORNING),
        actor=handler,
        at=MORNING,
    )
    supervised = to_turn(world, "supervised")
    to_turn(world, "ledgered")
    for path in (
        reverse("intake:exclusion", args=[ended.number]),
        reverse("intake:exclusions"),
        reverse("intake:ledger"),
        reverse("intake:supervisions"),
        reverse("intake:supervision", args=[Intervention.objects.get().number]),
    ):
        read(leader, path)
    read(district, f"/staff/requests/bulk/?action=reassign&pick={supervised.number}")
