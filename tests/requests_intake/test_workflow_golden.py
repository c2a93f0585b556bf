"""Who may take which step from which state: a table written by hand, tried through the pages."""

import csv
from pathlib import Path

import pytest
from django.urls import reverse

from requests_intake.models import ServiceRequest, WorkOrder
from tests.factories import world as worlds
from tests.requests_intake.walk import STATES, to_state

TABLE = Path(__file__).with_name("golden_transitions.csv")
THROUGH = {"bring_back": "close"}  # one form: whoever calls back says whether it is solved
STRAIGHT = ("accept", "dispatch", "sign", "contact", "reply", "close", "bring_back")


def rows():
    with TABLE.open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def posted(world, transition):
    return {
        "accept": {"category": world.categories["lamp"].pk},
        "dispatch": {"organisation": world.organisations["lamps"].pk, "instruction": ""},
        "sign": {},
        "contact": {"how": "phone", "reached": "yes", "note": "说好明天来"},
        "reply": {"text": "修好了，今晚会亮。"},
        "close": {"contacted": "yes", "solved": "yes", "grade": "5", "comment": ""},
        "bring_back": {"contacted": "yes", "solved": "no", "grade": "1", "comment": "灯还是不亮"},
    }[transition]


AFTER = {
    "accept": ("accepted", None),
    "dispatch": ("dispatched", "dispatched"),
    "sign": ("in_progress", "signed"),
    "contact": ("in_progress", "in_progress"),
    "reply": ("callback", "replied"),
    "close": ("closed", "done"),
    "bring_back": ("in_progress", "rework"),
}


def test_the_table_is_complete():
    pairs = [(row["transition"], row["state"]) for row in rows()]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == {(name, state) for name in STRAIGHT for state in STATES}


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['transition']}-from-{row['state']}")
def test_every_role_against_every_state(world, client_of, row):
    far = world.organisations["street"]
    worlds.add_person(world, "far_dispatcher", "dispatcher", "990105002", far)
    worlds.add_person(world, "far_agent", "callback_agent", "990105002", far)
    request = to_state(world, row["state"])
    url = reverse("intake:act", args=[request.number, THROUGH.get(row["transition"], row["transition"])])
    before = (request.state, WorkOrder.objects.filter(request=request).values_list("state", flat=True).first())
    refused = {role: row[role] for role in row if role not in ("transition", "state") and row[role] != "allowed"}
    for role, expected in refused.items():
        response = client_of(role).post(url, posted(world, row["transition"]))
        assert str(response.status_code) == expected, role
    request = ServiceRequest.objects.get(pk=request.pk)
    assert before == (request.state, WorkOrder.objects.filter(request=request).values_list("state", flat=True).first())
    for role in [role for role in row if row[role] == "allowed"]:
        assert client_of(role).post(url, posted(world, row["transition"])).status_code == 302
        request = ServiceRequest.objects.get(pk=request.pk)
        order = WorkOrder.objects.filter(request=request).first()
        assert (request.state, order.state if order else None) == AFTER[row["transition"]]
