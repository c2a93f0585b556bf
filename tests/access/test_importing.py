"""A table of grants: judged row by row, then written; again, it changes nothing; nobody raises themselves."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from governance.access.models import AccessPolicy, Grant, GrantImport, Role
from governance.access.services.importing import imports_forget
from governance.outbox.models import DomainEvent
from tests.access.conftest import DISTRICT, EAST, LAKE, WEST
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
PAGE, WRITE = reverse("access:grant-import"), reverse("access:grant-import-write")
HEAD = "人员,角色,区域,单位,从,到,理由"
SHOWN_SQL = 9  # session, person, grants, the table, people, roles, organisations, grants there, separated


def hand_in(client, *rows):
    upload = SimpleUploadedFile("grants.csv", "\n".join([HEAD, *rows]).encode())
    return client.post(PAGE, {"file": upload})


def write(client, **extra):
    handed = GrantImport.objects.first()
    return client.post(WRITE, {"handed_at": handed.handed_at.isoformat() if handed else "", **extra})


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator.user)
    return client


def problems(client):
    return client.get(PAGE).context["rows"]


def test_good_rows_are_given_bad_ones_come_back_and_again_nothing_changes(
    admin, administrator, make_user, give, organisation
):
    lin, chen = make_user("林晓", staff_no="Q0031"), make_user("陈静")
    make_user("走了的人", email="gone@liren.example", is_active=False)
    Role.objects.filter(key="grid_worker").update(is_built_in=False, retired_at=timezone.now())
    give(chen, "supervisor", WEST, ends_at=timezone.now() + timedelta(days=9))
    good = [
        f"{lin.email},派单员,{LAKE},,,2099-12-31,轮岗",
        "q0031,handler,,安居物业,2026-01-05 09:00,,接手物业",
        f"{chen.email},Call-back agent,湖畔社区,,,,回访",
    ]
    bad = {
        f"nobody@liren.example,派单员,{LAKE},,,,x": "没有用",
        f"gone@liren.example,派单员,{LAKE},,,,x": "停用",
        f"{administrator.user.email},派单员,{LAKE},,,,x": "不能给自己授权",
        f"{lin.email},大王,{LAKE},,,,x": "没有“大王”这个角色",
        f"{lin.email},网格员,{LAKE},,,,x": "角色已经停用",
        f"{lin.email},回访员,{EAST},,,,x": "您不能在那里授权",
        f"{lin.email},回访员,990100001999,,,,x": "没有编码是",
        f"{lin.email},回访员,{LAKE},安居物业,,,x": "只能选一样",
        f"{lin.email},回访员,,,,,x": "请选一个区域",
        f"{lin.email},回访员,,无此单位,,,x": "没有登记",
        f"{lin.email},回访员,{LAKE},,2099-02-01,2099-01-01,x": "晚于开始",
        f"{lin.email},回访员,{LAKE},,2020-01-01,2020-02-01,x": "已经过去",
        f"{lin.email},回访员,{LAKE},,明天,,x": "时间没有看懂",
        f"{lin.email},回访员,{LAKE},,,,": "理由：空着",
        f"{chen.email},街道督办,{WEST},,,2099-01-01,x": "时间有重叠",
        f"{lin.email},派单员,{LAKE},,,,x": "和第 2 行重复",
        f"{lin.email},大王,{EAST},,明天,,": "理由：空着 角色：没有“大王”这个角色 区域：您不能在那里授权",
    }
    assert hand_in(admin, *good, *bad).status_code == 302
    rows = {row.number: row for row in problems(admin)}
    for number, (row, words) in enumerate(bad.items(), start=5):
        assert words in " ".join(rows[number].problems), (row, rows[number].problems)
    assert not any(rows[number].problems for number in (2, 3, 4))
    assert not Grant.objects.filter(user=lin).exists(), "nothing is written yet"
    book = load_workbook(io.BytesIO(admin.get(reverse("access:grant-import-faults")).content))
    assert book.active.max_row == 1 + len(bad)
    assert write(admin).status_code == 302
    given = {(one.user, one.role.key): one for one in Grant.objects.filter(reason__in=["轮岗", "接手物业", "回访"])}
    assert set(given) == {(lin, "dispatcher"), (lin, "handler"), (chen, "callback_agent")}
    end = timezone.localtime(given[lin, "dispatcher"].ends_at)
    assert f"{end:%Y-%m-%d %H:%M}" == "2100-01-01 00:00", "the last day is in"
    assert given[lin, "handler"].organisation == organisation
    assert DomainEvent.objects.filter(name="access.grant_given").count() == 3
    told = DomainEvent.objects.get(name="access.grants_imported")
    assert told.payload == {"rows": 3, "left_out": len(bad)}
    assert not GrantImport.objects.exists(), "names of people are not kept"
    hand_in(admin, *good)
    assert {str(row.verdict) for row in problems(admin)} == {"same"}
    write(admin)
    assert DomainEvent.objects.filter(name="access.grant_given").count() == 3
    admin.post(WRITE, {"discard": "1"})
    assert write(admin).status_code == 302
    assert imports_forget(at=timezone.now() + timedelta(days=8)) == 0


def test_many_rows_cost_the_same_sql_and_over_two_thousand_are_refused(admin, make_user, give):
    people = [make_user() for _number in range(4)]
    rows = [
        f"{one.email},派单员,{LAKE},,20{year}-01-01,20{year}-06-30,轮岗" for one in people for year in range(30, 99)
    ]
    hand_in(admin, *rows[:2])
    with assert_sql(SHOWN_SQL):
        admin.get(PAGE)
    hand_in(admin, *rows)
    with assert_sql(SHOWN_SQL):
        admin.get(PAGE)
    with assert_sql(18):
        write(admin)
    assert Grant.objects.filter(reason="轮岗").count() == len(rows)
    assert hand_in(admin, *(f"{people[0].email},派单员,{LAKE},,,,x" for _row in range(2011))).status_code == 422


def test_duties_stay_apart_and_only_who_gives_may_import(admin, administrator, make_user, viewer_with, client, give):
    boss = viewer_with("security_admin", DISTRICT)
    AccessPolicy.objects.update_or_create(pk=AccessPolicy.ROW, defaults={"separated_at": timezone.now()})
    lin, chen = make_user("林晓"), make_user("陈静")
    give(lin, "audit_admin", DISTRICT)
    client.force_login(boss.user)
    rows = [
        f"{lin.email},系统管理员,{DISTRICT},,,,x",
        f"{chen.email},系统管理员,{DISTRICT},,,,x",
        f"{chen.email},安全管理员,{DISTRICT},,,,x",
    ]
    hand_in(client, *rows)
    assert [bool(row.problems) for row in sorted(problems(client), key=lambda row: row.number)] == [True, False, True]
    GrantImport.objects.update(handed_at=timezone.now() - timedelta(minutes=1))
    for other in (timezone.now().isoformat(), "2026-13-45T00:00", "x", ""):
        assert client.post(WRITE, {"handed_at": other}).status_code == 302
    assert not Grant.objects.filter(user=chen).exists(), "another table was looked over"
    write(client)
    assert Grant.objects.get(user=chen).role.key == "system_admin"
    client.force_login(viewer_with("supervisor", WEST).user)
    assert client.get(PAGE).status_code == 403
    assert client.post(WRITE, {}).status_code == 403
