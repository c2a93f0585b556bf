"""Reviewing the trail: what was done and who looked, in words; found again, exported, and itself recorded."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from governance.access.models import Grant, User
from governance.access.services import FAILURES_PER_ACCOUNT_AND_ADDRESS, sign_in_failed
from governance.audit.filters import TrailFilter
from governance.audit.merging import MergedPage
from governance.audit.models import TrailExport
from governance.audit.rows import rows_in_words
from governance.audit.selectors import trail
from governance.audit.services import export_start, exports_expire
from governance.errors import Forbidden
from governance.jobs.services import job_run
from governance.outbox.models import DomainEvent
from governance.privacy.models import AccessLog
from governance.privacy.services import log_read
from requests_intake.models import RequesterContact
from requests_intake.services.handling import contact_reveal
from tests.factories import world as worlds
from tests.factories.world import MORNING
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

PAGE = reverse("audit:trail")


@pytest.fixture
def looked_at(world):  # noqa: F811
    """A dispatched request whose contact details the handler has opened."""
    found = to_state(world, "dispatched")
    contact_reveal(request=found, purpose="contact", actor=world.viewer("handler"), at=timezone.now())
    return found


def auditor(world):  # noqa: F811
    return world.viewer("administrator")


def events_named(name):
    return DomainEvent.objects.filter(name=name)


def test_only_those_who_review_get_in(client_of, world):  # noqa: F811
    for name in ("dispatcher", "supervisor", "operations", "stranger"):
        assert client_of(name).get(PAGE).status_code == 403, name
    assert client_of().get(PAGE).status_code == 302
    assert client_of("administrator").get(PAGE).status_code == 200
    with pytest.raises(Forbidden):
        export_start(narrowed=TrailFilter(), actor=world.viewer("dispatcher"), at=timezone.now())


def test_the_page_tells_in_words_who_did_what_and_who_looked(client_of, world, looked_at):  # noqa: F811
    html = client_of("administrator").get(PAGE, {"record": looked_at.number}).content.decode()
    assert "派了单" in html
    assert "看了个人信息" in html  # the row of the contact belongs to the request
    assert "联系核实" in html
    assert looked_at.number in html
    assert looked_at.title not in html, "an auditor reads what was done, not what residents wrote"
    contact = RequesterContact.objects.get(request=looked_at)
    assert contact.phone
    for private in (contact.phone, contact.name):
        assert str(private) not in html
    look = AccessLog.objects.latest("pk")
    html = client_of("administrator").get(reverse("audit:row", args=["look", look.pk])).content.decode()
    assert "电话" in html
    assert "诉求人的联系方式" in html
    assert "还没封存" in html
    assert look.digest in html
    assert client_of("administrator").get("/staff/audit/other/1/").status_code == 404


def test_before_stands_beside_after(world):  # noqa: F811
    event = DomainEvent(
        name="requests_intake.reassigned",
        at=MORNING,
        actor_kind="system",
        subject_ref="requests_intake.workorder:0",
        payload={
            "order_id": 0,
            "organisation_id": world.organisations["parks"].pk,
            "from_organisation_id": world.organisations["lamps"].pk,
            "from_handler_id": None,
            "handler_id": world.people["handler"].pk,
        },
    )
    (row,) = rows_in_words([event], auditor(world))
    told = {fact.label: (fact.before, fact.values) for fact in row.facts}
    assert [one.name for one in told["单位"][0]] == ["市政设施所"]
    assert [one.name for one in told["单位"][1]] == ["园林绿化所"]
    assert [one.name for one in told["承办人"][1]] == ["Handler Person"]
    assert "原来的单位" not in told


@pytest.mark.parametrize(
    ("asked", "expected", "others"),
    [
        ({"kind": "read"}, "看了个人信息", "派了单"),
        ({"kind": "rights"}, "没有这样的记录", "派了单"),
        ({"words": "dispatched"}, "派了单", "看了个人信息"),
        ({"words": "联系核实"}, "看了个人信息", "受理诉求"),
        ({"who": "Handler Person"}, "打开联系方式", "受理诉求"),
        ({"who": "nobody at all"}, "没有找到这个人", "派了单"),
        ({"record": "nothing"}, "没有找到这条记录", "派了单"),
        ({"since": "2026-13-45"}, "日期没有看懂", "派了单"),
        ({"since": "2026-11-20", "until": "2026-11-19"}, "结束的日子早于开始的日子", "派了单"),
        ({"since": "2099-01-01"}, "没有这样的记录", "派了单"),
        ({"cursor": "nonsense"}, "派了单", "没有这样的记录"),
    ],
)
def test_each_filter_narrows(client_of, looked_at, asked, expected, others):  # noqa: F811
    shown = client_of("administrator").get(PAGE, asked, headers={"HX-Request": "true"}).content.decode()
    assert expected in shown
    assert others not in shown


def test_a_review_is_one_row_of_the_trail(client_of, world, looked_at):  # noqa: F811
    browser = client_of("administrator")
    before = events_named("audit.trail_read").count()
    browser.get(PAGE, {"record": looked_at.number, "words": "张三", "kind": "read"})
    (read,) = events_named("audit.trail_read")[before:]
    assert read.actor == world.people["administrator"]
    assert read.payload["record"] == f"requests_intake.servicerequest:{looked_at.pk}"
    assert read.payload["has_words"] is True
    assert "张三" not in str(read.payload)
    browser.head(PAGE)
    browser.get(PAGE, {"cursor": MergedPage(trail(TrailFilter()), size=1, cursor="").next_cursor})
    assert events_named("audit.trail_read").count() == before + 1, "turning pages writes nothing"


def test_pages_walk_both_tables_in_one_order_of_time(db):
    """Rows of one moment in both tables, there and back, each once."""
    with transaction.atomic():
        for minute in (0, 1, 1, 2):
            at = MORNING + timedelta(minutes=minute)
            log_read(user_id=None, subject="x.person:1", fields=["phone"], purpose="contact", at=at)
            DomainEvent.objects.create(name="x.done", at=at, actor_kind="system", subject_ref="x.person:1")
    merged = trail(TrailFilter(refs=("x.person:1",)))
    whole = [place for place, _row in merged.fetch(None, count=20)]
    assert len(whole) == 8
    assert whole == sorted(whole, reverse=True)
    page, seen = MergedPage(merged, size=3, cursor=""), []
    while True:
        seen += page._places
        if not page.has_next:
            break
        page = MergedPage(merged, size=3, cursor=page.next_cursor)
    assert seen == whole
    back = MergedPage(merged, size=3, cursor=page.previous_cursor)
    assert back._places == whole[3:6]
    assert MergedPage(merged, size=3, cursor=back.previous_cursor)._places == whole[:3]
    assert not MergedPage(merged, size=3, cursor=back.previous_cursor).has_previous


def test_a_page_costs_the_same_with_more_rows(client_of, world, looked_at):  # noqa: F811
    viewer = auditor(world)

    def ask():
        with assert_sql(8, at_most=True):
            rows_in_words(MergedPage(trail(TrailFilter()), size=50, cursor="").rows, viewer)

    to_state(world, "closed")
    ask()
    to_state(world, "closed")
    assert len(trail(TrailFilter()).fetch(None, count=50)) > 15
    ask()


def test_indexes_serve_many_rows(db):
    """Each way to narrow reads an index from its newest end, and no more rows than a page holds."""
    rows = """
        INSERT INTO outbox_domainevent (uuid, name, at, actor_id, actor_kind, subject_ref, area_code, payload, digest)
        SELECT gen_random_uuid(), 'x.kind_' || n % 40, now() - n * interval '1 minute', NULL, 'system',
            'x.thing:' || n % 1500, '', '{}', '' FROM generate_series(1, 30000) n"""
    looks = """
        INSERT INTO privacy_accesslog (at, subject_ref, fields, purpose, digest)
        SELECT now() - n * interval '1 minute', 'x.person:' || n % 1500, '{phone}', 'contact', ''
        FROM generate_series(1, 30000) n"""
    with connection.cursor() as cursor:
        cursor.execute(rows)
        cursor.execute(looks)
        cursor.execute("ANALYZE outbox_domainevent, privacy_accesslog")
    person = User.objects.create_user("li@example.com", display_name="Li")
    since = timezone.now() - timedelta(days=30)
    asked = {
        TrailFilter(): ("outbox_event_at", "accesslog_at"),
        TrailFilter(people=(person.pk,)): ("outbox_event_actor", "accesslog_user"),
        TrailFilter(refs=("x.thing:7", "x.person:7")): ("outbox_event_subject", "accesslog_subject"),
        TrailFilter(since=since, until=since + timedelta(days=1)): ("outbox_event_at", "accesslog_at"),
    }
    for narrowed, names in asked.items():
        for source, name in zip(trail(narrowed).sources, names, strict=True):
            plan = source.order_by("-at", "-id")[:51].explain()
            assert name in plan, f"{narrowed}: {plan}"
            assert "Seq Scan on outbox" not in plan
            assert "Seq Scan on privacy" not in plan
    rare = DomainEvent.objects.filter(name__in=["access.grant_given", "x.rare"]).order_by("-at", "-id")[:51]
    assert "outbox_event_name" in rare.explain()


def test_an_export_holds_what_was_found_as_text(client_of, world, looked_at):  # noqa: F811
    browser = client_of("administrator")
    answer = browser.post(reverse("audit:exports"), {"record": looked_at.number})
    made = TrailExport.objects.get()
    assert answer.url == reverse("jobs:show", args=[made.job.public_id])
    assert events_named("audit.trail_exported").get().payload["record"].endswith(f":{looked_at.pk}")
    ref = f"requests_intake.servicerequest:{looked_at.pk}"  # a purpose that a spreadsheet would take for a formula
    log_read(user_id=None, subject=ref, fields=["phone"], purpose="=1+1", at=MORNING)
    job_run(job_id=made.job_id, clock=timezone.now)
    made.job.refresh_from_db()
    assert (made.job.state, made.job.done, made.job.total) == ("done", made.job.done, made.job.done)
    address = reverse("audit:export-file", args=[made.public_id])
    text = b"".join(browser.get(address).streaming_content).decode("utf-8-sig")
    titles, *lines = csv.reader(io.StringIO(text))
    assert titles[:3] == ["时间", "谁", "做了什么"]
    assert len(lines) == made.job.done
    assert {"派了单", "看了个人信息"} <= {line[2] for line in lines}
    assert not [cell for line in lines for cell in line if cell[:1] in "=+-@" and cell]
    worlds.grant(world, "supervisor", "administrator", worlds.DISTRICT)
    assert client_of("supervisor").get(address).status_code == 404, "an export is one's own"
    assert exports_expire(at=made.expires_at + timedelta(seconds=1)) > 0
    assert browser.get(address).status_code == 404


def test_an_export_in_steps_loses_and_doubles_nothing(world, looked_at, monkeypatch):  # noqa: F811
    from governance.jobs.services import running

    monkeypatch.setattr(running, "STEP_ROWS", 2)
    made = export_start(narrowed=TrailFilter(), actor=auditor(world), at=timezone.now())
    wanted = sum(source.count() for source in trail(TrailFilter.from_json(made.narrowed)).sources)
    assert job_run(job_id=made.job_id, clock=timezone.now).state == "done"
    from governance.audit.services import export_lines

    lines = list(csv.reader(io.StringIO(b"".join(export_lines(made)).decode("utf-8-sig"))))[1:]
    assert len(lines) == wanted > 4
    assert len({line[-1] for line in lines}) == wanted


def test_who_lost_the_right_gets_no_file(world):  # noqa: F811
    made = export_start(narrowed=TrailFilter(), actor=auditor(world), at=timezone.now())
    Grant.objects.filter(user=world.people["administrator"]).update(ends_at=MORNING)
    job_run(job_id=made.job_id, clock=timezone.now)
    made.job.refresh_from_db()
    assert made.job.state == "failed"


def test_failed_sign_ins_are_told_and_the_lock_once(db):
    user = User.objects.create_user("li@example.com", display_name="Li")
    now = timezone.now()
    for address in ("li@example.com", "nobody@example.com"):
        for second in range(FAILURES_PER_ACCOUNT_AND_ADDRESS + 2):
            sign_in_failed(email=address, address="192.0.2.1", at=now + timedelta(seconds=second))
    failed = events_named("access.sign_in_failed")
    assert failed.filter(subject_ref=f"access.user:{user.pk}").count() == FAILURES_PER_ACCOUNT_AND_ADDRESS + 2
    assert failed.filter(subject_ref="access.door:1").count() == FAILURES_PER_ACCOUNT_AND_ADDRESS + 2
    assert events_named("access.sign_in_locked").count() == 2
    assert "nobody" not in str(list(failed.values_list("payload", "subject_ref")))
    assert "192.0.2.1" not in str(list(failed.values_list("payload", flat=True)))
