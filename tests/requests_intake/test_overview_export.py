"""Exporting the overview: one's own file, by a job, with the numbers of the page; and the periods people choose."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from governance.dashboards.models import Export
from governance.dashboards.periods import period_at, period_of
from governance.dashboards.services import export_start, exports_expire
from governance.errors import DomainError, Forbidden
from governance.jobs.models import Job
from governance.jobs.services import job_run
from requests_intake.panels import INDICATORS, PANELS, AreasPanel
from requests_intake.selectors.metrics import count_waiting
from tests.factories.bulk import scatter
from tests.factories.world import EAST, MORNING, STREET, WEST


@pytest.fixture
def full(world, time_machine):
    time_machine.move_to(MORNING, tick=False)
    scatter(world, 80, seed=7)
    return world


def test_the_file_holds_the_numbers_of_the_page(full, client_of):
    client = client_of("supervisor")
    sent = client.post(reverse("dashboards:exports"), {"area": STREET, "period": "30"})
    assert sent.status_code == 302
    made = Export.objects.get()
    file = reverse("dashboards:export-file", args=[made.public_id])
    assert client.get(file).status_code == 404  # not ready
    job_run(job_id=Job.objects.get().pk, clock=lambda: MORNING)
    assert file in client.get(reverse("dashboards:exports")).content.decode()
    book = load_workbook(io.BytesIO(client.get(file).content))
    assert len(book.sheetnames) == sum(panel.sheet is not None for panel in (*PANELS, *INDICATORS))
    sheet = next(book[name] for name in book.sheetnames if str(AreasPanel.title) in name)
    rows = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    for code in (EAST, WEST):
        waiting = count_waiting([code], MORNING)
        assert (rows[code][2], rows[code][3]) == (waiting.open, waiting.late)
    assert client_of("district").get(file).status_code == 404  # somebody else's
    exports_expire(at=MORNING + timedelta(days=8))
    assert client.get(file).status_code == 404


def test_who_may_not_export_does_not(full, client_of):
    assert client_of("head").post(reverse("dashboards:exports"), {"area": EAST}).status_code == 403
    assert client_of("supervisor").post(reverse("dashboards:exports"), {"area": "990106"}).status_code == 404
    with pytest.raises(Forbidden):
        export_start(area=EAST, period=period_at("7", MORNING), actor=full.viewer("head"), at=MORNING)
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"from": "2026-11-10", "to": "2026-11-01"}, "to"),
        ({"from": "2026-11-31", "to": "2026-12-01"}, "from"),
        ({"from": "2027-01-01", "to": "2027-01-02"}, "from"),
        ({"from": "2001-01-01", "to": "2026-01-02"}, "to"),
    ],
)
def test_a_range_that_makes_no_sense_is_said_beside_its_field(full, client_of, values, field):
    with pytest.raises(DomainError) as refused:
        period_of({"period": "range"} | values, MORNING)
    assert refused.value.field == field
    page = client_of("supervisor").get(reverse("dashboards:overview"), {"period": "range"} | values)
    text = page.content.decode()
    assert page.status_code == 200
    assert f'value="{values["from"]}"' in text  # what was typed is still there
    assert 'id="overview-error"' in text


def test_months_and_years_compare_like_with_like():
    november = period_of({"period": "month", "month": "2026-11"}, MORNING)
    assert november.before.start == november.start - timedelta(days=31)
    assert MORNING - november.start == november.before.end - november.before.start  # as far into the month
    october = period_of({"period": "month", "month": "2026-10"}, MORNING)
    assert (october.days, october.before.end) == (31, october.start)
    february = period_of({"period": "month", "month": "2024-03"}, MORNING)
    assert (february.before.end - february.before.start).days == 29
    assert period_of({"period": "year", "year": "2025"}, MORNING).days == 365
    assert period_of({"period": "month", "month": "2099-01"}, MORNING).start == november.start


def test_the_wall_names_nobody(full, client_of):
    page = client_of("supervisor").get(reverse("dashboards:overview"), {"wall": "1", "area": STREET}).content.decode()
    assert "第 " not in page  # titles of requests
    assert 'http-equiv="refresh"' in page
    assert "trend-table" in page
