"""Open figures: the cockpit's numbers, small cells suppressed so that nothing follows from the totals; bulletins."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import DomainError
from requests_intake.models import BulletinItem, BulletinRow, ServiceRequest
from requests_intake.selectors.transparency import SMALL, open_figures, suppressed, withheld
from requests_intake.services.appraisal import (
    bulletin_freeze,
    bulletin_publish,
    bulletin_revise,
    objection_decide,
    objection_raise,
)
from tests.factories.bulk import scatter
from tests.factories.world import DISTRICT, MORNING, STREET
from tests.sql import assert_sql

LATER = MORNING + timedelta(days=15)  # November is over
NOVEMBER = date(2026, 11, 1)


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 40), max_size=9))
def test_no_small_cell_follows_from_the_total(counts):
    """Whoever knows the sum of all cells knows only the sum of the hidden ones: never of one, never below five."""
    shown = suppressed(counts)
    assert all(value is None or value == counts[key] for key, value in shown.items())
    assert not any(0 < value < SMALL for value in shown.values() if value is not None)
    hidden = [counts[key] for key, value in shown.items() if value is None]
    if hidden and any(shown[key] for key in shown):
        assert len(hidden) > 1
        assert sum(hidden) >= SMALL


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"a": 9, "b": 8}, {"a": 9, "b": 8}),
        ({"a": 9, "b": 3, "c": 20}, {"a": None, "b": None, "c": 20}),
        ({"a": 1, "b": 2, "c": 7, "d": 30}, {"a": None, "b": None, "c": None, "d": 30}),
        ({"a": 0, "b": 6}, {"a": 0, "b": 6}),
        ({"a": 3}, {"a": None}),
        ({}, {}),
    ],
)
def test_what_is_suppressed_by_hand(counts, shown):
    assert suppressed(counts) == shown


@pytest.fixture
def months(world, time_machine):
    time_machine.move_to(LATER, tick=False)
    scatter(world, 200, seed=5)
    return world


def test_the_page_shows_what_the_rows_say(months):
    with assert_sql(4, at_most=True):
        found = open_figures(DISTRICT, LATER)
    assert (found.last, len(found.months), found.months[-1].key) == (NOVEMBER, 12, "2026-11")
    rows = ServiceRequest.objects.filter(
        submitted_at__gte="2026-11-01T00:00+08:00", submitted_at__lt="2026-12-01T00:00+08:00"
    )
    assert found.months[-1].cell.new == rows.count() > SMALL
    street = {line.key: line.cell.new for line in found.areas}[STREET]
    assert street in (None, rows.filter(area_code__startswith=STREET).count())
    valid = ServiceRequest.objects.filter(
        rated_at__gte="2026-11-01T00:00+08:00", rated_at__lt="2026-12-01T00:00+08:00", rated_contacted__isnull=False
    )
    solved = valid.filter(rated_solved="yes").count()
    assert found.months[-1].cell.solved == round(100 * solved / valid.count())
    assert found.months[0].cell.solved is None  # nobody was called back then: no data


def test_page_csv_and_json_say_the_same(months):
    client = Client()
    with assert_sql(12, at_most=True):
        page = client.get(reverse("intake:open-figures"))
    assert page.status_code == 200
    lines = list(csv.DictReader(StringIO(client.get(reverse("intake:open-csv")).content.decode("utf-8-sig"))))
    rows = client.get(reverse("intake:open-json")).json()["rows"]
    assert [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows] == lines
    newest = next(row for row in rows if row["key"] == "2026-11")
    assert f">{newest['new']}<" in page.content.decode()
    assert {row["table"] for row in rows} == {"month", "area", "kind"}


def test_two_published_versions_do_not_tell_of_one_request(months):
    """Nothing is published while objections wait; a correction of a few requests is published without its numbers."""
    district, handler, lamps = months.viewer("district"), months.viewer("handler"), months.organisations["lamps"]
    made = bulletin_freeze(month=NOVEMBER, actor=district, at=LATER)

    def object_to(number, bulletin):
        item = BulletinItem.objects.filter(bulletin=bulletin, organisation=lamps).order_by("pk")[number]
        return objection_raise(item=item, text="打错了电话", actor=handler, at=LATER)

    def uphold(objection):
        objection_decide(objection=objection, is_upheld=True, text="属实", actor=district, at=LATER)

    waiting = object_to(0, made)
    with pytest.raises(DomainError, match="还有异议没有裁定"):
        bulletin_publish(bulletin=made, actor=district, at=LATER)
    uphold(waiting)
    with pytest.raises(DomainError, match="先出新的一版"):
        bulletin_publish(bulletin=made, actor=district, at=LATER)
    second = bulletin_revise(bulletin=made, why="一件异议成立", actor=district, at=LATER)
    bulletin_publish(bulletin=second, actor=district, at=LATER)
    assert withheld(second) == frozenset()  # only one version was ever published
    uphold(object_to(0, second))
    third = bulletin_revise(bulletin=second, why="又一件", actor=district, at=LATER)
    bulletin_publish(bulletin=third, actor=district, at=LATER)
    with assert_sql(1):
        assert withheld(third) == {lamps.pk}
    page = Client().get(reverse("intake:open-bulletin", args=["2026-11"])).content.decode()
    assert "更正太少，不写数" in page
    table = Client().get(reverse("intake:open-bulletin-csv", args=["2026-11"])).content.decode("utf-8-sig")
    head, *lines = list(csv.reader(StringIO(table)))[1:]
    told = {line[0]: dict(zip(head, line, strict=True)) for line in lines}
    assert (told[lamps.name]["valid"], told[lamps.name]["solved"]) == ("", "")
    assert any(line["valid"] for line in told.values())
    assert not any(line[name] in ("1", "2", "3", "4") for line in told.values() for name in ("excluded", "unrated"))


def test_a_bulletin_is_seen_once_it_is_published(months):
    client, address = Client(), reverse("intake:open-bulletin", args=["2026-11"])
    made = bulletin_freeze(month=NOVEMBER, actor=months.viewer("district"), at=LATER)
    small = BulletinRow.objects.filter(bulletin=made).order_by("pk")[0]
    BulletinRow.objects.filter(pk=small.pk).update(valid=2, unanswered=0, contacted=2, solved=1, good=1, fair=0)
    assert client.get(address).status_code == 404
    assert "2026-11" not in client.get(reverse("intake:open-figures")).content.decode().partition('id="bulletins"')[2]
    bulletin_publish(bulletin=made, actor=months.viewer("district"), at=LATER)
    page = client.get(address).content.decode()
    assert "太少，不写数" in page
    assert "考核通报" in client.get(reverse("intake:open-figures")).content.decode()
    table = client.get(reverse("intake:open-bulletin-csv", args=["2026-11"])).content.decode("utf-8-sig")
    head, *lines = list(csv.reader(StringIO(table)))[1:]
    told = {line[0]: dict(zip(head, line, strict=True)) for line in lines}
    assert told[small.organisation.name]["valid"] == ""
    assert any(line["valid"] for line in told.values())
    assert client.get(reverse("intake:open-bulletin", args=["2026-99"])).status_code == 404
