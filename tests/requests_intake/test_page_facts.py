"""What the pages of a request tell beside the words: who took it down, from where, what residents read of each step."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from governance.knowledge.selectors import articles_forget
from governance.knowledge.services import article_create, article_publish
from requests_intake.models import ServiceRequest, UpstreamOrder, WorkOrder
from requests_intake.selectors.sight import is_shielded
from requests_intake.selectors.tracking import _TITLES
from requests_intake.services.catalogue import category_change
from requests_intake.services.extension import order_ask_extension
from requests_intake.services.ledger import order_ask_ledger
from requests_intake.services.stepping import AMONG_STAFF
from requests_intake.services.triage import request_name_complained, request_to_district
from requests_intake.workflow import REQUEST_TRANSITIONS
from tests.factories import world as worlds
from tests.factories.world import EAST, MORNING, STREET
from tests.requests_intake.resident import Resident
from tests.requests_intake.upstream_files import order, received, source_of, xlsx
from tests.requests_intake.walk import to_state

LATER = MORNING + timedelta(hours=1)
ENTRY = {
    "channel": "counter",
    "kind": "complaint",
    "name": "周梅",
    "phone": "13912342046",
    "body": "安居物业三天没有修楼道灯，请管一管。",
    "area_code": EAST,
    "category_words": "路灯不亮 010101",
}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER, tick=False)


def page(request):
    return reverse("intake:request", args=[request.number])


def text_of(response):
    return response.content.decode()


# ---------- the staff page ----------


def test_the_page_says_who_took_it_down_and_what_to_read_first(world, client_of):
    clerk = client_of("clerk")
    clerk.post(f"/staff/entry/{'d' * 32}/", ENTRY | {"urgent_remark": "老人独自在家"})
    shown = text_of(client_of("dispatcher").get(page(ServiceRequest.objects.get())))
    assert "窗口 · Clerk Person登记" in shown
    assert "老人独自在家" in shown


def test_the_page_names_the_upstream_order(world, client_of):
    source, request = source_of(), to_state(world, "submitted", channel="web")
    UpstreamOrder.objects.create(
        request=request,
        source=source,
        batch=received(world, source, xlsx([order(1)])),
        upstream_no="SZ-2026-0917",
        case_no="12345-77",
        called_at=MORNING - timedelta(hours=3),
        due_at=MORNING + timedelta(days=5),
    )
    shown = text_of(client_of("dispatcher").get(page(request)))
    assert "SZ-2026-0917" in shown
    assert "12345-77" in shown
    assert source.name in shown


def test_an_item_that_was_renamed_is_named_as_it_was(world, client_of):
    request, lamp = to_state(world, "submitted"), world.categories["lamp"]
    assert "这个事项叫" not in text_of(client_of("dispatcher").get(page(request)))
    lamp.refresh_from_db()
    category_change(
        category=lamp,
        version=lamp.version,
        values={"name": "路灯坏了"},
        reason="居民这样说",
        actor=world.viewer("operations"),
        at=LATER,
    )
    shown = text_of(client_of("dispatcher").get(page(request)))
    assert "反映时，这个事项叫“路灯不亮”" in shown
    assert "路灯坏了" in shown


@pytest.mark.parametrize("turn", ["extension", "ledger"])
def test_what_an_office_writes_of_the_resident_is_covered_for_the_party_complained_about(world, client_of, turn):
    request = to_state(world, "contacted", kind="complaint")
    lead, handler = WorkOrder.objects.get(request=request), world.viewer("handler")
    request_name_complained(
        request=request, complained=world.organisations["parks"], actor=world.viewer("dispatcher"), at=LATER
    )
    words = "要等 13912342046 的机主回来"
    if turn == "extension":
        order_ask_extension(order=lead, amount=2, text=words, actor=handler, at=LATER)
    else:
        day = (LATER + timedelta(days=60)).date()
        order_ask_ledger(order=lead, text=words, plan="再打 13912342046", milestone=day, actor=handler, at=LATER)
    worlds.add_person(world, "insider", "dispatcher", STREET, world.organisations["parks"])
    request.refresh_from_db()
    assert is_shielded(request, world.viewer("insider", LATER))
    assert "13912342046" not in text_of(client_of("insider").get(page(request)))
    assert "13912342046" in text_of(client_of("supervisor").get(page(request)))


# ---------- the resident's page ----------


def test_every_step_that_a_resident_may_read_has_words_for_them():
    public = set(REQUEST_TRANSITIONS) - set(AMONG_STAFF)
    noted = {"submit", "contacted", "joined", "supplement", "answer", "unanswered", "remind", "stage"}
    assert public | noted == set(_TITLES)


def test_a_request_that_the_district_coordinates_says_so(world):
    request = to_state(world, "accepted")
    request_to_district(request=request, text="不清楚归谁", actor=world.viewer("dispatcher"), at=LATER)
    shown = text_of(Client().get(reverse("intake:track", args=[request.track_token])))
    assert "由区城市运行管理中心牵头协调" in shown
    assert "to_district" not in shown


# ---------- whom a complaint is about ----------


def test_a_resident_names_whom_the_complaint_is_about(world, time_machine):
    firm = world.organisations["firm"]
    walk = Resident(time_machine).begin("complaint")
    walk.answer_all(world.categories["lamp"].pk, what={"body": "物业不修灯，请管一管。", "complained": str(firm.pk)})
    preview = text_of(walk.open(walk.address))
    assert "安居物业有限公司" in preview
    walk.send()
    request = ServiceRequest.objects.get()
    assert request.complained_organisation == firm


@pytest.mark.parametrize(("kind", "asked"), [("help", False), ("suggestion", False), ("tip_off", True)])
def test_only_complaints_ask_whom_they_are_about(world, time_machine, kind, asked):
    walk = Resident(time_machine).begin(kind)
    walk.send(lng="121.905", lat="30.905")
    assert ('name="complained"' in text_of(walk.open(walk.address))) == asked


def test_who_changes_a_complaint_into_a_question_names_nobody(world, time_machine):
    firm = world.organisations["firm"]
    walk = Resident(time_machine).begin("complaint")
    walk.send(lng="121.905", lat="30.905")
    walk.send(body="物业不修灯，请管一管。", complained=str(firm.pk))
    token = walk.token
    walk.open(f"{reverse('intake:start')}?draft={token}")
    walk.send(kind="help")
    walk.answer_all(world.categories["lamp"].pk, what={"body": "物业不修灯，请管一管。"})
    walk.send()
    assert ServiceRequest.objects.get().complained_organisation is None


def test_an_organisation_that_is_not_offered_comes_back_beside_its_field(world, time_machine):
    walk = Resident(time_machine).begin("complaint")
    walk.send(lng="121.905", lat="30.905")  # in the east: the western community does not serve it
    refused = walk.send(body="居委会不管。", complained=str(world.organisations["west"].pk))
    assert refused.status_code == 422
    assert "请从列表里选，或者不选" in text_of(refused)
    assert "居委会不管。" in text_of(refused)


# ---------- the counter ----------


def test_a_clerk_names_whom_the_complaint_is_about(world, client_of):
    firm = world.organisations["firm"]
    client_of("clerk").post(f"/staff/entry/{'e' * 32}/", ENTRY | {"complained": firm.pk})
    assert ServiceRequest.objects.get().complained_organisation == firm


def test_what_can_be_answered_at_once_is_answered_with_the_entry(world, client_of):
    editor = world.viewer("operations")
    article = article_create(
        title="楼道灯谁来修",
        body="楼道灯由物业修，电话 62220000。",
        keywords=["楼道灯"],
        organisation=world.organisations["street"],
        review_date=None,
        reason="问的人多",
        actor=editor,
        at=MORNING,
    )
    article_publish(article=article, actor=editor, at=MORNING)
    articles_forget()
    desk, key = client_of("dispatcher"), f"/staff/entry/{'f' * 32}/"
    offered = text_of(desk.post(f"{key}?aside=1", ENTRY))
    assert "楼道灯由物业修，电话 62220000。" in offered
    filled = text_of(desk.post(key, ENTRY | {"say": "楼道灯由物业修，电话 62220000。"}))
    assert "楼道灯由物业修，电话 62220000。</textarea>" in filled
    assert ServiceRequest.objects.count() == 0
    long = desk.post(key, ENTRY | {"answer": "字" * 2001})
    assert long.status_code == 422
    assert ServiceRequest.objects.count() == 0  # one transaction: nothing is filed without its answer
    desk.post(key, ENTRY | {"answer": "楼道灯由物业修，电话 62220000。"})
    request = ServiceRequest.objects.get()
    assert request.state == "answered"
    tracked = text_of(Client().get(reverse("intake:track", args=[request.track_token])))
    assert "楼道灯由物业修，电话 62220000。" in tracked
    assert 'name="answer"' not in text_of(client_of("clerk").get(key))  # whoever may not accept answers nothing
    articles_forget()
