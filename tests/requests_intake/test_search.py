"""Searching the lists: by words, by property, inside what the viewer may see, and saying what was not understood."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from governance.outbox import relay
from requests_intake.models import RequestWords, ServiceRequest
from requests_intake.selectors import words as word_search
from tests.factories.bulk import request_row, save_requests
from tests.factories.world import EAST, EAST_GRID, IN_WEST, MORNING, WEST_GRID
from tests.requests_intake.conftest import town_with
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

QUEUE, ORDERS, FIND = "intake:queue", "intake:orders", "intake:find"


def found(client, q, view="all", address=QUEUE, **more):
    response = client.get(reverse(address), {"view": view, "q": q, **more})
    assert response.status_code == 200
    return set(re.findall(r'href="/staff/requests/(\d{15})/"', response.content.decode()))


def _three(world):
    """A lamp in the east, a tree in the west with an address, a question."""
    lamp = to_state(world, "contacted", body="槐安里 7 号楼北侧路灯杆歪了，ＬＥＤ 一闪一闪。")
    tree = to_state(
        world, "submitted", body="行道树断枝挡路。", place_kind="pin", lng=IN_WEST[0], lat=IN_WEST[1],
        address="青禾路 18 号", kind="complaint", category_id=world.categories["noise"].pk,
    )  # fmt: skip
    question = to_state(world, "accepted", body="请问居住证到期怎么续？", kind="enquiry")
    relay.drain(MORNING)
    return lamp.number, tree.number, question.number


@pytest.fixture(scope="module")
def _town(django_db_setup, django_db_blocker):
    """The town with these requests, made once: nearly all tests here only read them."""
    with town_with(django_db_blocker, _three) as town:
        yield town


@pytest.fixture
def three(_town, world):
    """Their numbers."""
    return _town[2]


@pytest.mark.parametrize(
    ("typed", "which"),
    [
        ("路灯", {0}), ("灯杆", {0}), ("led", {0}), ("断", {1}), ("青禾路", {1}), ("18", {1}), ("路", {0, 1}),
        ("路 树", {1}), ("路 -树", {0}), ("-路", {2}), ("“行道树断”", {1}), ("没有这个词", set()), ("居住证", {2}),
        ("状态:办理中", {0}), ("state:accepted", {2}), ("状态:已受理,已提交", {1, 2}), ("-状态:办理中", {1, 2}),
        ("类型:投诉", {1}), ("kind:complaint,enquiry", {1, 2}), ("社区:青禾", {1}), ("网格:1", {0, 1, 2}),
        ("网格:槐安1", {0, 2}), ("区域:990105001002", {1}), ("单位:市政", {0}), ("单位:无", {1, 2}),
        ("经办:Handler", {0}), ("经办:无", {1, 2}), ("经办:我", set()), ("渠道:网页", {0, 1, 2}),
        ("事项:噪声", {1}), ("category:010101", {0, 2}), ("提交:2026-11", {0, 1, 2}), ("提交:2026-10", set()),
        ("期限:..2020-01-01", set()), ("社区:槐安,青禾 路", {0, 1}), ("状态:未办结 路灯", {0}),
    ],
)  # fmt: skip
def test_words_and_properties(three, client_of, typed, which):
    assert found(client_of("supervisor"), typed) == {three[index] for index in which}


def test_overdue_is_what_waits_too_long(three, client_of, time_machine):
    client = client_of("supervisor")
    time_machine.move_to(MORNING + timedelta(minutes=40), tick=False)
    assert found(client, "状态:超期") == set()
    time_machine.move_to(MORNING + timedelta(days=8), tick=False)
    assert found(client, "状态:超期 路") == {three[0], three[1]}
    assert found(client, "期限:超期 -社区:青禾") == {three[0], three[2]}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("时间:昨天 路灯", "时间"), ("状态:飞了 路灯", "飞了"), ("社区:没有 路灯", "没有"), ("单位:火星 路灯", "火星"),
        ("提交:从前 路灯", "从前"), ("号码:12 路灯", "12"), ("经办:无名氏 路灯", "无名氏"), ("？！ 路灯", "?!"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_and_the_rest_holds(three, client_of, typed, told):
    response = client_of("supervisor").get(reverse(QUEUE), {"view": "all", "q": typed})
    assert len(response.context["problems"]) == 1
    assert told in response.context["problems"][0]
    assert [row.number for row in response.context["page"].rows] == [three[0]]


def test_a_search_never_leaves_the_viewers_scope(three, client_of):
    lamp, tree, question = three
    assert found(client_of("head"), "路") == {lamp}
    assert found(client_of("grid_worker"), "断枝") == set()
    assert found(client_of("handler"), "路", view="", address=ORDERS) == {lamp}
    assert found(client_of("other_handler"), "路", view="", address=ORDERS) == set()
    assert found(client_of("grid_worker"), ServiceRequest.objects.get(number=tree).number_tail) <= {lamp, question}


@pytest.mark.parametrize("few", [3_000, 0])
def test_common_words_are_found_by_reading_the_list(three, client_of, monkeypatch, few):
    monkeypatch.setattr(word_search, "FEW", few)
    assert found(client_of("supervisor"), "路") == {three[0], three[1]}
    assert found(client_of("head"), "路") == {three[0]}
    assert found(client_of("handler"), "灯杆", view="", address=ORDERS) == {three[0]}


def test_chips_each_take_one_condition_away(three, client_of):
    response = client_of("supervisor").get(reverse(QUEUE), {"view": "all", "q": "状态：办理中 路灯", "kind": "help"})
    chips = response.context["chips"]
    assert [chip.label for chip in chips] == ["状态：办理中", "“路灯”", "类型：求助"]
    assert [chip.rest for chip in chips] == ["路灯 类型:help", "状态:办理中 类型:help", "状态:办理中 路灯"]
    assert response.context["q"] == "状态:办理中 路灯 类型:help"
    assert "北侧<mark>路灯</mark>杆" in response.content.decode()


def test_the_command_bar_leads_to_the_request_or_to_the_own_list(three, client_of):
    lamp, tree, _question = three
    answer = client_of("handler").get(reverse(FIND), {"q": f"{lamp[:8]}-{lamp[8:14]}-{lamp[14]}"})
    assert answer["Location"] == reverse("intake:request", args=[lamp])
    answer = client_of("handler").get(reverse(FIND), {"q": tree})
    assert answer["Location"].startswith(reverse(ORDERS))
    answer = client_of("dispatcher").get(reverse(FIND), {"q": "路灯"}, follow=True)
    assert answer.context["worklist"].key == "all"
    assert [row.number for row in answer.context["page"].rows] == [lamp]
    assert client_of("administrator").get(reverse(FIND), {"q": "路灯"}).status_code == 403


def test_what_a_search_costs(world, client_of):
    rows = [request_row(world, n, area_code=(EAST_GRID, WEST_GRID)[n % 2], body=f"第{n}盏路灯") for n in range(120)]
    save_requests(rows)
    from django.core.management import call_command

    with assert_sql(3):  # read, write, see that nothing is left
        call_command("index_requests")
    assert RequestWords.objects.count() == 120 + 3
    client = client_of("supervisor")
    for q, most in [("状态:未办结 类型:求助", 8), ("路灯", 9), (f"网格:槐安1 区域:{EAST} 路灯", 12), ("0001", 10)]:
        with assert_sql(most, at_most=True):
            assert client.get(reverse(QUEUE), {"view": "open", "q": q}).status_code == 200


def test_words_are_cut_once_and_anew_on_demand(three, world):
    lamp = ServiceRequest.objects.get(number=three[0])
    before = RequestWords.objects.get(request=lamp).words
    relay.drain(MORNING)
    assert RequestWords.objects.count() == 3
    ServiceRequest.objects.filter(pk=lamp.pk).update(address="新的地址")
    from requests_intake.services.indexing import words_index

    words_index(request_ids=[lamp.pk, lamp.pk])
    after = RequestWords.objects.get(request=lamp).words
    assert "新的" in after
    assert "新的" not in before
