"""Risk alerts: what raises one, who is called when, the answer; each level is one message, whatever runs twice."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from governance.errors import DomainError, Forbidden, StaleState
from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from requests_intake.models import AlertCall, RiskAlert, RiskWords, ServiceRequest, TurnLimit
from requests_intake.selectors.tracking import tracking
from requests_intake.services.alerts import alert_acknowledge, alert_raise, alert_sweep, alerts_raise
from requests_intake.services.office_settings import risk_words_change
from tests.factories.world import MORNING
from tests.requests_intake.test_duty import plan, shanghai
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql
from tests.web.english import chinese_in

NIGHT = shanghai(17, 22)
MINUTES = timedelta(minutes=10)
GAS = "三楼楼道里有很浓的煤气味，敲门没有人应。"


def filed(world, at=NIGHT, **changes) -> ServiceRequest:
    """File a request and let what follows from it happen."""
    request = world.submit(at, **changes).request
    relay.drain(at)
    return request


def calls(request) -> list[tuple[int, str]]:
    rows = AlertCall.objects.filter(alert__request=request).order_by("level")
    return list(rows.values_list("level", "recipient__staff_no"))


@pytest.fixture
def night(world, time_machine):
    """Tuesday evening; the dispatcher is on duty."""
    time_machine.move_to(NIGHT, tick=False)
    plan(world, t17="dispatcher")
    return world


def test_words_of_danger_call_whoever_is_on_duty(night):
    request = filed(night, body=GAS)
    alert = RiskAlert.objects.get()
    assert (alert.request, alert.cause, alert.text, alert.level) == (request, "words", "煤气味", 1)
    assert calls(request) == [(1, "dispatcher")]
    request.refresh_from_db()
    assert request.has_open_alert
    assert all("煤气味" not in step.text for step in tracking(request, at=NIGHT).steps)  # told among staff only


def test_what_is_answered_round_the_clock_calls_when_the_offices_are_closed(night):
    night.categories["lamp"].round_the_clock = True
    night.categories["lamp"].save()
    assert not RiskAlert.objects.filter(request=filed(night, at=MORNING)).exists()
    assert RiskAlert.objects.get(request=filed(night)).cause == "all_day"
    assert not RiskAlert.objects.filter(request=filed(night, category_id=night.categories["noise"].pk)).exists()


def test_in_office_hours_words_call_the_desk(world, time_machine):
    time_machine.move_to(MORNING, tick=False)
    assert calls(filed(world, MORNING, body=GAS)) == [(1, "dispatcher")]


def test_unanswered_it_goes_up_level_by_level_and_no_further(night):
    plan(night, t18="supervisor", at=MORNING)
    request = filed(night, body=GAS)
    alert_sweep(at=NIGHT + MINUTES - timedelta(seconds=1))
    assert calls(request) == [(1, "dispatcher")]
    for minutes in (10, 10, 20, 30, 40, 600):  # twice at the same moment
        at = NIGHT + timedelta(minutes=minutes)
        alert_sweep(at=at)
        relay.drain(at)
    # the next on the roster is the supervisor, who is not called again as such
    assert calls(request) == [(1, "dispatcher"), (2, "supervisor"), (4, "district")]
    sent = Message.objects.filter(kind="requests_intake.alert", channel="in_app").values_list(
        "user__staff_no", flat=True
    )
    assert sorted(sent) == ["dispatcher", "district", "supervisor"]
    assert RiskAlert.objects.get().next_at is None


def test_the_minutes_are_data(night):
    TurnLimit.objects.filter(key="alert_ack").update(amount=3)
    request = filed(night, body=GAS)
    alert_sweep(at=NIGHT + timedelta(minutes=3))
    assert [level for level, _who in calls(request)] == [1, 3]  # nobody is next on the roster


def test_the_same_request_is_raised_once_however_often_it_is_looked_at(night):
    request = filed(night, body=GAS)
    for _again in range(2):
        assert alerts_raise(request_ids=[request.pk], at=NIGHT) == 0
    alert = RiskAlert.objects.get()
    alert_acknowledge(alert=alert, action="已关总阀。", actor=night.viewer("dispatcher", NIGHT), at=NIGHT)
    assert alerts_raise(request_ids=[request.pk], at=NIGHT) == 0
    relay.drain(NIGHT)
    assert Message.objects.filter(kind="requests_intake.alert", channel="in_app").count() == 1


def test_many_cost_no_more_statements_than_one(night):
    requests = [night.submit(NIGHT, body=GAS).request for _number in range(5)]
    with assert_sql(14, at_most=True):
        assert alerts_raise(request_ids=[one.pk for one in requests], at=NIGHT) == 5
    with assert_sql(9, at_most=True):
        assert alert_sweep(at=NIGHT + MINUTES) == 5


def test_an_answer_says_who_when_and_what_and_calls_nobody_else(night):
    request = filed(night, body=GAS)
    alert = RiskAlert.objects.get()
    actor = night.viewer("supervisor", NIGHT)
    with pytest.raises(DomainError) as refused:
        alert_acknowledge(alert=alert, action=" ", actor=actor, at=NIGHT)
    assert refused.value.field == "action"
    alert_acknowledge(alert=alert, action="燃气公司已到，总阀关了。", actor=actor, at=NIGHT)
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.acknowledged_at) == (night.people["supervisor"], NIGHT)
    alert_sweep(at=NIGHT + timedelta(hours=2))
    assert calls(request) == [(1, "dispatcher")]
    request.refresh_from_db()
    assert not request.has_open_alert
    with pytest.raises(StaleState) as second:
        alert_acknowledge(alert=alert, action="我也去", actor=night.viewer("dispatcher", NIGHT), at=NIGHT)
    assert "Supervisor Person" in str(second.value.message)
    relay.drain(NIGHT)
    told = Message.objects.filter(kind="requests_intake.alert_answered", channel="in_app")
    assert list(told.values_list("user__staff_no", flat=True)) == ["dispatcher"]


def test_only_where_one_may_answer(night):
    filed(night, body=GAS)
    for person in ("handler", "grid_worker", "operations", "clerk"):
        with pytest.raises(Forbidden):
            alert_acknowledge(alert=RiskAlert.objects.get(), action="去了", actor=night.viewer(person, NIGHT), at=NIGHT)


def test_whoever_sees_a_request_may_report_it(night):
    request = to_state(night, "signed", NIGHT)
    actor = night.viewer("handler", NIGHT)
    with pytest.raises(DomainError) as refused:
        alert_raise(request=request, text=" ", actor=actor, at=NIGHT)
    assert refused.value.field == "text"
    alert_raise(request=request, text="灯杆快倒了，下面有人。", actor=actor, at=NIGHT)
    assert calls(request) == [(1, "dispatcher")]
    assert DomainEvent.objects.get(name="requests_intake.alert_raised").actor_id == night.people["handler"].pk
    with pytest.raises(StaleState):
        alert_raise(request=request, text="再报一次", actor=actor, at=NIGHT)
    alert_acknowledge(alert=RiskAlert.objects.get(), action="围起来了", actor=night.viewer("head", NIGHT), at=NIGHT)
    alert_raise(request=request, text="又歪了", actor=actor, at=NIGHT)  # answered once, it can happen again
    assert RiskAlert.objects.filter(request=request).count() == 2


def test_what_has_ended_is_not_reported(night):
    request = to_state(night, "closed", NIGHT)
    with pytest.raises(StaleState):
        alert_raise(request=request, text="危险", actor=night.viewer("dispatcher", NIGHT), at=NIGHT)


def test_the_words_are_the_office_s_own(night):
    row = RiskWords.objects.get()
    common = {"row": row, "is_confirmed": True, "reason": "应急局的通知", "seen": None}
    common |= {"actor": night.viewer("operations"), "at": MORNING}
    for words in ([], ["火"], ["长" * 21]):
        with pytest.raises(DomainError) as refused:
            risk_words_change(words=words, **common)
        assert refused.value.field == "words"
    risk_words_change(words=["路灯", "灯杆倒"], **common)
    assert RiskAlert.objects.filter(request=filed(night)).exists()
    assert not RiskAlert.objects.filter(request=filed(night, body=GAS)).exists()


def test_the_pages_show_open_ones_first_and_take_the_answer(night, client_of):
    request, other = filed(night, body=GAS), filed(night, body="有人在楼顶要跳楼")
    done = RiskAlert.objects.get(request=other)
    alert_acknowledge(alert=done, action="民警已经接走。", actor=night.viewer("supervisor", NIGHT), at=NIGHT)
    client, alert = client_of("dispatcher"), RiskAlert.objects.get(request=request)
    address = reverse("intake:alerts")
    client.get(address)
    with assert_sql(9, at_most=True):
        page = client.get(address).content.decode()
    assert page.index("煤气味") < page.index("民警已经接走。")
    assert "叫了 Dispatcher Person" in page
    queue = client.get(reverse("intake:queue"), {"view": "open"}).content.decode()
    assert "突发" in queue
    shown = client.get(reverse("intake:request", args=[request.number])).content.decode()
    assert "可能是突发事件，还没有人处置" in shown
    act = reverse("intake:alert-answer", args=[alert.pk])
    refused = client.post(act, {"action": ""})
    assert (refused.status_code, "请写做了什么" in refused.content.decode()) == (422, True)
    assert client.post(act, {"action": "去了"}).status_code == 302
    second = client.post(act, {"action": "也去了"}, follow=True).content.decode()
    assert "Dispatcher Person 已经在" in second
    assert client_of("grid_worker").get(address).status_code == 403
    assert client_of("grid_worker").post(act, {"action": "去了"}).status_code == 403


def test_the_form_on_a_request(night, client_of):
    request = to_state(night, "signed", NIGHT)
    client = client_of("handler")
    page = client.get(reverse("intake:request", args=[request.number])).content.decode()
    address = reverse("intake:alert-raise", args=[request.number])
    assert address in page
    assert client.post(address, {"text": ""}).status_code == 422
    assert client.post(address, {"text": "灯杆快倒了"}).status_code == 302
    assert client.post(address, {"text": "灯杆快倒了"}).status_code == 409
    assert client_of("other_handler").get(address).status_code == 404


def test_they_are_read_in_english(night, client_of):
    request, other = filed(night, body=GAS), to_state(night, "signed", NIGHT)
    alert_acknowledge(alert=RiskAlert.objects.get(), action="Done.", actor=night.viewer("supervisor", NIGHT), at=NIGHT)
    alert_raise(request=other, text="Lamp post", actor=night.viewer("handler", NIGHT), at=NIGHT)
    client = client_of("dispatcher")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    alert = RiskAlert.objects.get(request=other)
    pages = [reverse("intake:alerts"), reverse("intake:alert-raise", args=[request.number])]
    for page in [*pages, reverse("intake:request", args=[other.number])]:
        assert chinese_in(client.get(page).content.decode(), written=(other.title, request.title)) == []
    for page in (pages[1], reverse("intake:alert-answer", args=[alert.pk])):
        assert chinese_in(client.post(page, {}).content.decode(), written=(other.title,)) == []
    editor = client_of("operations")
    editor.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for answer in (editor.get, lambda page: editor.post(page, {"words": "x"})):
        assert chinese_in(answer(reverse("intake:risk-words")).content.decode()) == []
