"""The appraisal: arithmetic, the run against a plain recount, versions, objections, and who sees which rows."""

import csv
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from governance.access.viewer import SYSTEM
from governance.errors import DomainError, Forbidden, StaleState
from governance.files.tables import table_xlsx
from governance.notifications.models import Message
from governance.outbox import relay
from governance.refs import describe_many
from requests_intake.models import (
    Bulletin,
    BulletinItem,
    BulletinRow,
    CallBack,
    Objection,
    ServiceRequest,
)
from requests_intake.scoring import score, wilson
from requests_intake.selectors.appraisal import judged, month_window, preview, scheme_of
from requests_intake.services.appraisal import (
    bulletin_freeze,
    bulletin_revise,
    objection_decide,
    objection_raise,
    scheme_add,
)
from tests.factories.bulk import scatter
from tests.factories.world import MORNING, STREET
from tests.governance.file_samples import telephone_jpeg
from tests.requests_intake.walk import to_turn
from tests.sql import assert_sql

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
LATER = MORNING + timedelta(days=15)  # November is over
VALUES = {
    "valid_from": date(2027, 1, 1), "weight_contacted": 20, "weight_solved": 40, "weight_satisfied": 30,
    "weight_whistle": 10, "fair_factor": Decimal("0.8"), "counts_unanswered": True, "min_sample": 3, "rule": "",
}  # fmt: skip


def counts(**values):
    usual = dict.fromkeys(("valid", "unanswered", "contacted", "solved", "good", "fair", "marks", "marks_sum"), 0)
    return SimpleNamespace(**(usual | values))


def scheme(**values):
    return SimpleNamespace(
        **(
            {
                **VALUES,
                "fair_factor": Decimal("0.9"),
                "weight_contacted": 10,
                "weight_solved": 50,
                "weight_satisfied": 40,
                "weight_whistle": 0,
            }
            | values
        )
    )


def test_rates_by_hand():
    made = score(counts(valid=8, unanswered=2, contacted=9, solved=6, good=4, fair=2), scheme())
    assert made.base == 10
    assert (made.response.value, made.resolution.value) == (90, 60)
    assert made.satisfaction.value == pytest.approx(58)  # 4 + 0.9 x 2 of 10
    assert made.composite == pytest.approx(0.1 * 90 + 0.5 * 60 + 0.4 * 58)
    out = score(counts(valid=8, unanswered=2, contacted=8, solved=6, good=4), scheme(counts_unanswered=False))
    assert (out.base, out.resolution.value) == (8, 75)


def test_no_base_is_no_data_and_a_small_one_is_said():
    nothing = score(counts(), scheme())
    assert (nothing.base, nothing.response, nothing.composite, nothing.is_small) == (0, None, None, True)
    assert score(counts(valid=2, solved=2), scheme()).is_small
    assert not score(counts(valid=3, solved=2), scheme()).is_small


def test_marks_of_a_whistle_count_where_there_are_any():
    weighted = scheme(weight_contacted=20, weight_solved=40, weight_satisfied=30, weight_whistle=10)
    full = counts(valid=10, contacted=10, solved=10, good=10)
    assert score(full, weighted).composite == pytest.approx(100)  # nobody gave a mark: the others carry its weight
    marked = score(counts(valid=10, contacted=10, solved=10, good=10, marks=2, marks_sum=6), weighted)
    assert marked.whistle == 50
    assert marked.composite == pytest.approx(95)


def test_the_interval_is_wilsons():
    """Against values from the literature (Wilson 1927; 8 of 10 at 95 %)."""
    found = wilson(8, 10)
    assert (round(found.low, 1), round(found.high, 1)) == (49.0, 94.3)
    assert wilson(0, 5).low == 0
    assert round(wilson(5, 5).low, 1) == 56.6


def plainly(first):
    """The counts of a month by organisation, one request at a time."""
    since, until = month_window(first)
    last = {call.request_id: call for call in CallBack.objects.order_by("round", "-is_at_limit")}
    found = {}
    for row in ServiceRequest.objects.all():
        call = last.get(row.pk)
        inside = call is not None and since <= call.at < until
        if inside and call.source == "silent" and call.organisation_id:
            found.setdefault(call.organisation_id, Counter())["unrated"] += 1
        if row.excluded_at is not None and since <= row.excluded_at < until:
            found.setdefault(row.rated_organisation_id or row.organisation_id, Counter())["excluded"] += 1
        if row.ledgered_at is not None and since <= row.ledgered_at < until:
            found.setdefault(row.organisation_id, Counter())["ledgered"] += 1
        if row.excluded_at is not None:
            continue
        if inside and call.source != "silent" and call.organisation_id:
            sums = found.setdefault(call.organisation_id, Counter())
            sums["valid"] += 1
            sums["contacted"] += bool(call.contacted)
            sums["solved"] += call.solved == "yes"
            sums["good"] += (call.grade or 0) >= 4
            sums["fair"] += call.grade == 3
            continue
        late = row.closed_at is None and row.replied_at is None and since <= row.due_at < until
        if late and row.organisation_id and not row.paused_until:
            sums = found.setdefault(row.organisation_id, Counter())
            sums["unanswered"] += 1
            sums["contacted"] += row.contacted_at is not None
    found.pop(None, None)
    return {key: +sums for key, sums in found.items() if +sums}


NAMES = ("valid", "unanswered", "contacted", "solved", "good", "fair", "excluded", "ledgered", "unrated")


def as_counts(rows):
    return {row.organisation_id: +Counter({name: getattr(row, name) for name in NAMES}) for row in rows}


@pytest.fixture
def month(world, time_machine):
    """A town in which much was rated, some was excluded, some is overdue and unanswered."""
    time_machine.move_to(LATER, tick=False)
    rows = scatter(world, 220, seed=5)
    for number, row in enumerate(rows):
        if number % 17 == 0:
            row.excluded_at = MORNING - timedelta(days=number % 9)
        if number % 19 == 0:
            row.ledgered_at = MORNING - timedelta(days=number % 9)
        if number % 5 == 0 and row.closed_at is None:
            row.contacted_at = MORNING
    ServiceRequest.objects.bulk_update(rows, ["excluded_at", "ledgered_at", "contacted_at"])
    to_turn(world, "whistle_done")
    return world


def test_a_month_equals_a_plain_count(month):
    for first in (OCTOBER, NOVEMBER):
        with assert_sql(1):
            rows = preview(first)
        expected = plainly(first)
        assert as_counts(rows) == expected
        assert expected
    assert all(sum(sums[name] for sums in plainly(NOVEMBER).values()) for name in NAMES)  # every column was tried


def test_what_is_frozen_stays_and_adds_up(month):
    expected = plainly(NOVEMBER)
    with assert_sql(20, at_most=True):
        made = bulletin_freeze(month=NOVEMBER, actor=month.viewer("district"), at=LATER)
    assert (made.version, made.scheme.version) == (1, 1)
    ServiceRequest.objects.update(excluded_at=LATER, rated_solved="no")
    assert as_counts(BulletinRow.objects.filter(bulletin=made)) == expected
    items = BulletinItem.objects.filter(bulletin=made)
    assert items.filter(solved=True).count() == sum(sums["solved"] for sums in expected.values())
    with pytest.raises(StaleState, match="已经定稿"):
        bulletin_freeze(month=NOVEMBER, actor=month.viewer("district"), at=LATER)
    with pytest.raises(DomainError, match="还没有过完"):
        bulletin_freeze(month=date(2026, 12, 1), actor=month.viewer("district"), at=LATER)
    with pytest.raises(Forbidden):
        bulletin_freeze(month=OCTOBER, actor=month.viewer("supervisor"), at=LATER)


def test_an_objection_leads_to_another_version_and_the_old_one_stays(month):
    made = bulletin_freeze(month=NOVEMBER, actor=month.viewer("district"), at=LATER)
    lamps = month.organisations["lamps"]
    item = BulletinItem.objects.filter(bulletin=made, organisation=lamps, how="rated").order_by("pk")[0]
    handler, district = month.viewer("handler"), month.viewer("district")
    with pytest.raises(Forbidden):
        objection_raise(item=item, text="不是我们的", actor=month.viewer("other_handler"), at=LATER)
    with pytest.raises(DomainError) as wordless:
        objection_raise(item=item, text=" ", actor=handler, at=LATER)
    assert wordless.value.field == "text"
    raised = objection_raise(item=item, text="回访打错了电话", actor=handler, at=LATER)
    with pytest.raises(DomainError):
        objection_raise(item=item, text="再说一次", actor=handler, at=LATER)
    with pytest.raises(DomainError, match="没有成立的异议"):
        bulletin_revise(bulletin=made, why="更正", actor=district, at=LATER)
    objection_decide(objection=raised, is_upheld=True, text="录音属实", actor=district, at=LATER)
    with pytest.raises(StaleState):
        objection_decide(objection=raised, is_upheld=False, text="又想了想", actor=district, at=LATER)
    ServiceRequest.objects.update(ledgered_at=None, excluded_at=None)  # what stood beside was frozen, too
    second = bulletin_revise(bulletin=made, why="一件异议成立", actor=district, at=LATER)
    before = BulletinRow.objects.get(bulletin=made, organisation=lamps)
    after = BulletinRow.objects.get(bulletin=second, organisation=lamps)
    assert (second.version, after.valid) == (2, before.valid - 1)
    assert (after.ledgered, after.excluded, after.unrated) == (before.ledgered, before.excluded, before.unrated)
    others = BulletinRow.objects.exclude(organisation=lamps)
    assert as_counts(others.filter(bulletin=made)) == as_counts(others.filter(bulletin=second))
    with pytest.raises(StaleState):  # one objects to what is valid
        objection_raise(item=item, text="还有", actor=handler, at=LATER)


def test_weights_must_add_up_and_frozen_months_keep_their_scheme(month):
    editor = month.viewer("operations")
    bulletin_freeze(month=NOVEMBER, actor=month.viewer("district"), at=LATER)
    for changes, field in (
        ({"weight_solved": 50}, "weight_contacted"),
        ({"valid_from": date(2027, 1, 2)}, "valid_from"),
        ({"valid_from": NOVEMBER}, "valid_from"),
    ):
        with pytest.raises(DomainError) as refused:
            scheme_add(values=VALUES | changes, why="试", actor=editor, at=LATER)
        assert refused.value.field == field
    with pytest.raises(DomainError) as silent:
        scheme_add(values=VALUES, why=" ", actor=editor, at=LATER)
    assert silent.value.field == "why"
    made = scheme_add(values=VALUES, why="区里的新办法", actor=editor, at=LATER)
    assert made.version == 2
    assert scheme_of(date(2026, 12, 1)).version == 1
    assert scheme_of(date(2027, 1, 1)).version == 2
    with pytest.raises(Forbidden):
        scheme_add(values=VALUES, why="我也改", actor=month.viewer("district"), at=LATER)


def test_organisations_are_compared_within_their_kind(month):
    classes = judged(preview(NOVEMBER), scheme_of(NOVEMBER))
    assert len(classes) > 1
    for one in classes:
        assert {judged_one.organisation.kind for judged_one in one.rows} == {one.kind}


@pytest.fixture
def client_of(month):
    """Signed in only now: the town's sessions are over when November is."""

    def opened(name):
        client = Client()
        client.force_login(month.people[name])
        return client

    return opened


def object_with_evidence(client_of, page):
    """Object with a photo and a table; what was sent stays when something is wrong, and few may fetch it."""
    handler, broken = client_of("handler"), SimpleUploadedFile("坏.pdf", b"%PDF-1.7 cut short")
    table = SimpleUploadedFile("通话记录.xlsx", table_xlsx(["时间"], [["10:42"]]))
    photo = SimpleUploadedFile("现场.jpg", telephone_jpeg())
    refused = handler.post(page, {"text": "", "evidence": [table, broken, photo]})
    seen = refused.content.decode()
    assert refused.status_code == 422
    assert "“坏.pdf”：这个 PDF 不完整" in refused.context["form"].errors["evidence"][0]
    kept = [one.file.pk for one in refused.context["form"].taken]
    assert len(kept) == 2
    assert all(f'name="kept" value="{pk}"' in seen for pk in kept)
    stranger = client_of("other_handler").post(page, {"text": "打错了", "kept": kept})
    assert stranger.status_code == 404  # not their organisation
    names = {f"name-{pk}": name for pk, name in zip(kept, ("通话记录.xlsx", "现场.jpg"), strict=True)}
    again = {"text": "打错了电话", "kept": kept, "drop": [str(kept[1])], **names}
    again["evidence"] = [SimpleUploadedFile("录音.pdf", b"%PDF-1.7 ... trailer %%EOF")]
    assert handler.post(page, again).status_code == 302
    raised = Objection.objects.get()
    assert [one.file_name for one in raised.files.all()] == ["通话记录.xlsx", "录音.pdf"]
    ruling = reverse("intake:objection", args=[raised.pk])
    relay.drain()
    asked = Message.objects.filter(kind="requests_intake.objection_raised").earliest("pk")
    assert describe_many({asked.subject_ref}, SYSTEM)[asked.subject_ref].url == ruling  # the notice leads to it
    Objection.objects.update(area_code=STREET)  # as if it were an office of that sub-district: its leader may read
    for name, page_status, file_status in (
        ("district", 200, 200), ("handler", 200, 200), ("supervisor", 200, 404), ("other_handler", 404, 404),
        ("agent", 403, 404), ("dispatcher", 403, 404),
    ):  # fmt: skip
        client = client_of(name)
        assert client.get(ruling).status_code == page_status, name
        got = [client.get(reverse("files:show", args=[one.file_id, "full"])) for one in raised.files.all()]
        assert {one.status_code for one in got} == {file_status}, name
    listed = client_of("district").get(ruling).content.decode()
    assert all(words in listed for words in ("通话记录.xlsx", "Excel 表格", "录音.pdf"))
    assert "只给裁定的人和提出的单位看" in client_of("supervisor").get(ruling).content.decode()
    assert handler.post(ruling, {"answer": "yes", "text": "我说了算"}).status_code == 403
    saved = client_of("district").get(reverse("files:show", args=[kept[0], "full"]))
    assert saved["Content-Disposition"] == "attachment"
    assert saved["Content-Security-Policy"] == "default-src 'none'; sandbox"
    return ruling


def test_the_pages_of_a_month_end(month, client_of):
    district, page = client_of("district"), reverse("intake:appraisal-month", args=["2026-11"])
    seen = district.get(page).content.decode()
    assert "预览，还没有定稿" in seen
    assert "综合分（预览）" in seen
    assert district.post(reverse("intake:appraisal-freeze", args=["2026-11"])).status_code == 302
    bulletin = Bulletin.objects.get()
    lamps = month.organisations["lamps"]
    row = BulletinRow.objects.get(bulletin=bulletin, organisation=lamps)
    with assert_sql(14, at_most=True):
        seen = district.get(page).content.decode()
    assert "第 1 版" in seen
    assert "怎么算的" in seen
    mine = reverse("intake:appraisal-office", args=["2026-11", 1, lamps.pk])
    handler = client_of("handler")
    with assert_sql(10, at_most=True):
        own = handler.get(mine)
    assert own.status_code == 200
    assert len(own.context["rows"]) == min(50, row.valid + row.unanswered)
    assert client_of("other_handler").get(mine).status_code == 404  # not their organisation
    assert client_of("agent").get(page).status_code == 403
    table = district.get(reverse("intake:appraisal-csv", args=["2026-11", 1])).content.decode("utf-8-sig")
    lines = list(csv.reader(StringIO(table)))
    head = lines[1]
    ours = dict(zip(head, next(line for line in lines if line[0] == lamps.name), strict=True))
    base = int(ours["valid"]) + int(ours["unanswered"])
    assert int(ours["base"]) == base
    assert float(ours["resolution"]) == pytest.approx(100 * int(ours["solved"]) / base, abs=1e-4)  # anybody can
    assert ours["composite"] == ""  # no rule is recorded
    item = BulletinItem.objects.filter(bulletin=bulletin, organisation=lamps).order_by("pk")[0]
    ruling = object_with_evidence(client_of, reverse("intake:object-to", args=[item.pk]))
    assert district.post(ruling, {"answer": "yes", "text": ""}).status_code == 422
    assert district.post(ruling, {"answer": "yes", "text": "录音属实"}).status_code == 302
    assert district.post(reverse("intake:appraisal-revise", args=["2026-11"]), {"why": "异议成立"}).status_code == 302
    assert Bulletin.objects.count() == 2
    assert district.get(page + "?version=1").status_code == 200
    assert district.get(page + "?version=9").status_code == 404
    assert district.get(reverse("intake:appraisal-month", args=["2026-13"])).status_code == 404
    assert "2026-11" in district.get(reverse("intake:appraisal")).content.decode()
    assert district.post(reverse("intake:appraisal-publish", args=["2026-11"])).status_code == 302
    assert Bulletin.objects.get(version=2).published_at == LATER
