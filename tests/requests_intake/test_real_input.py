"""Real messages and real tickets go through the services as records of the past: once, private, calling nobody."""

import csv
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from governance.notifications.models import Message
from governance.outbox import relay
from governance.text import mask_personal_data
from requests_intake.models import BatchRow, Clock, Escalation, ServiceRequest, UpstreamOrder
from requests_intake.selectors.queue import WORKLISTS, requests_in
from requests_intake.services.escalation import deadline_sweep
from tests.factories.world import DISTRICT, MORNING, grant

SOME = 300


@pytest.fixture
def demo(world, settings, time_machine):
    time_machine.move_to(MORNING, tick=False)
    settings.LIREN_DEMO = True
    grant(world, "district", "dispatcher", DISTRICT)
    return world


def run(command: str, **options) -> str:
    out = StringIO()
    call_command(command, limit=SOME, stdout=out, **options)
    return out.getvalue()


def calls_nobody() -> None:
    """Neither the clocks of years past nor any notice."""
    assert not Clock.objects.exclude(next_at=None).exists()
    relay.drain(MORNING)
    deadline_sweep(at=MORNING)
    assert not Escalation.objects.exists()
    assert not Message.objects.exists()


def test_real_messages(data_dir, demo):
    report = run("load_requests_zh")
    assert f"{SOME} filed" in report
    requests = ServiceRequest.objects.all()
    assert requests.count() == SOME
    assert set(requests.values_list("may_be_public", "channel", "place_kind")) == {(False, "web", "none")}
    assert {request.submitted_at.year for request in requests} <= {2017, 2018, 2019, 2020}
    assert all(request.number.startswith(f"{request.submitted_at:%Y}") for request in requests)
    calls_nobody()
    before = list(requests.order_by("pk").values_list("pk", "number", "title"))
    assert f"{SOME} known before" in run("load_requests_zh")
    assert list(requests.order_by("pk").values_list("pk", "number", "title")) == before


def test_real_messages_in_the_lists_and_masked(data_dir, demo):
    run("load_requests_zh")
    everything = next(one for one in WORKLISTS if one.key == "all")
    listed = requests_in(everything, demo.viewer("district"), at=MORNING)
    assert listed.count() == SOME
    assert max(len(request.title) for request in listed) <= 30


BLANK = re.compile(r"(0731[-—])?0000-00000000(?!元|号|\.\d)")


def test_telephone_numbers_in_real_words_are_masked(data_dir):
    """The collection has its numbers blanked out: one in each of those places is found again.

    Behind an area code stands a subscriber's number, elsewhere a mobile one; sums and register numbers are none.
    """
    path = data_dir / "requests_zh" / "messages.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        texts = [row["title"] + row["detail"] for row in csv.DictReader(file)]
    holding = [text for text in texts if BLANK.search(text)]
    assert len(holding) > 40
    for text in holding:
        filled = BLANK.sub(lambda match: f"{match[1]}88120316" if match[1] else "13912342046", text)
        masked = mask_personal_data(filled)
        assert "88120316" not in masked, text
        assert masked.count("13912342046") == 0, text


def test_real_tickets_as_a_batch(data_dir, demo):
    report = run("load_pingshan")
    orders = UpstreamOrder.objects.select_related("request")
    assert orders.count() == ServiceRequest.objects.count() == SOME
    assert {order.request.channel for order in orders} == {"hotline"}
    assert {order.request.submitted_at.year for order in orders} == {2018}
    assert "010101" in report
    assert "not understood" in report
    calls_nobody()
    run("load_pingshan")
    assert orders.count() == ServiceRequest.objects.count() == SOME
    assert BatchRow.objects.filter(state="repeated").count() == SOME


@pytest.mark.parametrize("command", ["load_requests_zh", "load_pingshan"])
def test_never_in_a_real_portal_and_never_without_the_data(demo, settings, tmp_path, command):
    settings.DATA_DIR = tmp_path
    with pytest.raises(CommandError, match="LIREN_DATA_DIR"):
        run(command)
    settings.LIREN_DEMO = False
    with pytest.raises(CommandError, match="LIREN_DEMO"):
        run(command)
