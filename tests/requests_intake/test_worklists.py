"""Worklists that people keep: their own, shared ones, and numbers that are counted rarely and never far."""

import re
import uuid

import pytest
from django.urls import reverse

from governance.errors import DomainError, Forbidden
from requests_intake.models import SavedWorklist
from requests_intake.selectors import worklists as lists
from requests_intake.services.worklists import MOST, worklist_change, worklist_delete, worklist_move, worklist_save
from tests.factories.bulk import request_row, save_requests
from tests.factories.world import EAST_GRID, MORNING, WEST_GRID
from tests.sql import assert_sql

QUEUE, COUNTS = "intake:queue", "intake:counts"


def keep(world, name="supervisor", title="夜里的", **values):
    given = {"page": "requests", "view": "open", "query": "状态:超期 路灯", "share": "", "key": uuid.uuid4()} | values
    return worklist_save(name=title, actor=world.viewer(name), at=MORNING, **given)


def titles(world, name, page="requests"):
    tabs = lists.tabs_for(world.viewer(name), page=page, view="open", query="", at=MORNING)
    return [str(tab.title) for tab in tabs if tab.saved_id]


def test_own_lists_are_seen_by_nobody_else(world):
    keep(world)
    assert titles(world, "supervisor") == ["夜里的"]
    assert titles(world, "dispatcher") == titles(world, "head") == []


def test_lists_are_shared_with_an_office_or_a_role(world):
    keep(world, share="office")  # the sub-district office, where dispatcher and call-back agent work, too
    keep(world, "dispatcher", "派单员的", share="role:dispatcher")
    assert titles(world, "dispatcher") == ["派单员的", "夜里的"]
    assert titles(world, "agent") == ["夜里的"]
    assert titles(world, "head") == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "  "}, "name"), ({"title": "长" * 31}, "name"), ({"query": ""}, "query"),
        ({"query": "时间:昨天"}, "query"), ({"query": "长" * 400}, "query"), ({"share": "role:administrator"}, "share"),
        ({"share": "everybody"}, "share"), ({"name": "head", "share": "office"}, "share"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_said_beside_its_field(world, values, field):
    keep(world, title="好的")
    with pytest.raises(DomainError) as refused:
        keep(world, **values)
    assert refused.value.field == field
    assert SavedWorklist.objects.count() == 1


def test_a_name_is_used_once_and_a_press_counts_once(world):
    key = uuid.uuid4()
    assert keep(world, key=key) == keep(world, key=key)
    with pytest.raises(DomainError) as refused:
        keep(world)
    assert refused.value.field is None or refused.value.field == "name"
    assert keep(world, "dispatcher").owner == world.people["dispatcher"]


def test_twenty_are_enough(world):
    for number in range(MOST):
        keep(world, title=f"第 {number} 张")
    with pytest.raises(DomainError, match="20"):
        keep(world, title="再来一张")


def test_order_change_and_end(world):
    first, second = keep(world, title="一"), keep(world, title="二")
    supervisor, dispatcher = world.viewer("supervisor"), world.viewer("dispatcher")
    worklist_move(worklist=second, up=True, actor=supervisor)
    worklist_move(worklist=second, up=True, actor=supervisor)
    assert titles(world, "supervisor") == ["二", "一"]
    worklist_change(worklist=first, name="甲", share="office", actor=supervisor)
    assert titles(world, "dispatcher") == ["甲"]
    for act in (
        lambda: worklist_move(worklist=first, up=True, actor=dispatcher),
        lambda: worklist_change(worklist=first, name="乙", share="", actor=dispatcher),
        lambda: worklist_delete(worklist=first, actor=dispatcher),
    ):
        with pytest.raises(Forbidden):
            act()
    worklist_delete(worklist=first, actor=supervisor)
    assert titles(world, "supervisor") == ["二"]


def shown(client, **values):
    html = client.get(reverse(COUNTS), {"page": "requests", "view": "open", **values}).content.decode()
    return dict(re.findall(r">([^<>]+)<b title=\"[^\"]*\">([\d,+]+)</b>", html))


def test_numbers_are_kept_shared_and_within_the_scope(world, client_of, time_machine):
    time_machine.move_to(MORNING, tick=False)
    save_requests([request_row(world, n, area_code=(EAST_GRID, WEST_GRID)[n % 3 == 0]) for n in range(30)])
    client = client_of("supervisor")
    assert shown(client) == {
        "超期": "0",
        "督办中": "0",
        "经办人不在岗": "0",
        "争议待定": "0",
        "延期待批": "0",
        "挂账待核对": "0",
        "待审核": "0",
        "暂停和挂账": "0",
        "未办结": "30",
    }
    assert shown(client_of("head")) == {"超期": "0", "督办中": "0", "暂停和挂账": "0", "未办结": "20"}
    save_requests([request_row(world, 99)])
    with assert_sql(4, at_most=True):  # session, person, grants, saved lists: nothing is counted
        assert shown(client)["未办结"] == "30"
    time_machine.shift(46)
    assert shown(client)["未办结"] == "31"


def test_many_are_not_counted_to_the_end(world, client_of, monkeypatch, time_machine):
    time_machine.move_to(MORNING, tick=False)
    monkeypatch.setattr(lists, "CAP", 5)
    save_requests([request_row(world, n) for n in range(8)])
    assert shown(client_of("supervisor"))["未办结"] == "1,000+"


def test_the_page_itself_counts_nothing(world, client_of):
    save_requests([request_row(world, n) for n in range(3)])
    for number in range(5):
        keep(world, title=f"第 {number} 张")
    with assert_sql(8, at_most=True):
        page = client_of("supervisor").get(reverse(QUEUE) + "?view=open").content.decode()
    assert "hx-get" in page
    assert not re.search(r"<b title=", page)


def test_saving_renaming_and_deleting_in_the_browser(world, client_of):
    client = client_of("supervisor")
    page = client.get(reverse("intake:worklist-new"), {"q": "状态:超期", "page": "requests", "view": "open"})
    assert page.context["form"]["query"].value() == "状态:超期"
    sent = {"name": "", "query": "状态:超期", "page": "requests", "view": "open", "key": str(uuid.uuid4())}
    refused = client.post(reverse("intake:worklist-new"), sent)
    assert refused.status_code == 422
    assert "起个名字" in refused.content.decode()
    answer = client.post(reverse("intake:worklist-new"), sent | {"name": "晚了的"})
    assert client.get(answer["Location"]).context["tabs"][-1].is_current
    kept = SavedWorklist.objects.get()
    names = {f"w{kept.pk}-name": "迟了的", f"w{kept.pk}-share": "office", "worklist": kept.pk}
    assert client.post(reverse("intake:worklists"), names).status_code == 302
    kept.refresh_from_db()
    assert (kept.name, kept.organisation) == ("迟了的", world.organisations["street"])
    assert client_of("dispatcher").post(reverse("intake:worklist-delete", args=[kept.pk])).status_code == 404
    assert client.post(reverse("intake:worklist-delete", args=[kept.pk])).status_code == 302
    assert not SavedWorklist.objects.exists()
