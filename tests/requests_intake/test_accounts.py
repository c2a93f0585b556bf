"""Requests and drafts of a resident with an account: whose they are, who sees them, what only the requester may do."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from governance.access.rules import matching_rules
from governance.access.viewer import ANONYMOUS, requester
from governance.errors import DomainError, Forbidden
from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from governance.refs import ref_of
from requests_intake.models import Draft, RequesterContact, ServiceRequest
from requests_intake.selectors.detail import request_detail, request_for
from requests_intake.selectors.mine import my_drafts, my_requests
from requests_intake.selectors.requester import is_requester
from requests_intake.services.callback import request_rate
from requests_intake.services.drafts import draft_discard, draft_start, drafts_expire
from requests_intake.services.ownership import contact_remove, request_hide_name, request_take_over
from tests.factories.residents import resident, signed_in, viewer_of
from tests.factories.world import MORNING, World
from tests.requests_intake.resident import WORDS, Resident, fields_of
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

LATER = MORNING + timedelta(hours=3)


@pytest.fixture
def clock(time_machine: Any) -> Any:
    time_machine.move_to(MORNING, tick=False)
    return time_machine


@pytest.fixture
def owner(world: World) -> Any:
    return resident()


def owned(world: World, user: Any, state: str = "submitted", **changes: Any) -> ServiceRequest:
    """A request of the town that belongs to somebody's account."""
    request = to_state(world, state, **changes)
    ServiceRequest.objects.filter(pk=request.pk).update(account=user)
    return ServiceRequest.objects.get(pk=request.pk)


# --- whose it is -----------------------------------------------------------------------------------------------


def test_filed_while_signed_in_it_belongs_to_the_account(world: World, owner: Any, clock: Any):
    walk = Resident(clock, client=signed_in(owner)).begin().answer_all(world.categories["lamp"].pk)
    walk.send()
    filed = ServiceRequest.objects.get()
    assert filed.account == owner
    assert filed.transitions.get().actor is None, "the history never names residents"
    assert DomainEvent.objects.get(name="requests_intake.submitted").actor == owner
    assert not Draft.objects.exists()


def test_a_draft_begun_signed_in_belongs_to_the_account_even_when_the_session_is_lost(
    world: World, owner: Any, clock: Any
):
    walk = Resident(clock, client=signed_in(owner)).begin()
    walk.client = Client()
    walk.answer_all(world.categories["lamp"].pk).send()
    assert ServiceRequest.objects.get().account == owner


def test_without_account_nothing_changes(world: World, clock: Any):
    Resident(clock).begin().answer_all(world.categories["lamp"].pk).send()
    assert ServiceRequest.objects.get().account is None
    assert not Draft.objects.exists()


def test_staff_who_report_as_residents_do_are_no_account(world: World, clock: Any):
    client = Client()
    client.force_login(world.people["handler"], backend="governance.access.backends.GrantBackend")
    Resident(clock, client=client).begin().answer_all(world.categories["lamp"].pk).send()
    assert ServiceRequest.objects.get().account is None


def test_contact_is_filled_in_from_the_account_and_can_be_changed(world: World, clock: Any):
    user = resident("周女士", email="zhou@example.com")
    walk = Resident(clock, client=signed_in(user)).begin("enquiry")
    page = walk.go("contact")
    shown = fields_of(page)
    assert (shown["name"], shown["phone"], shown["email"]) == ("周女士", "13812345678", "zhou@example.com")
    walk.send(name="老周", email="")
    walk.go("contact")
    assert fields_of(walk.open(walk.address))["name"] == "老周"
    stranger = Resident(clock).begin("enquiry")
    assert 'name="for_whom"' in stranger.go("contact").content.decode()


def signed_in_staff(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name], backend="governance.access.backends.GrantBackend")
    return client


@pytest.mark.parametrize(
    ("left", "account", "told"),
    [
        ({"email": "zhou@example.com"}, {"email": "me@example.com"}, {("contact", "email")}),
        ({"email": "", "phone": ""}, {"email": "me@example.com"}, {("account", "email")}),
        ({"email": "", "phone": "", "name": ""}, {}, {("account", "sms")}),
        ({"email": "", "phone": "021-88120316"}, {}, {("account", "sms")}),
    ],
)
def test_the_account_is_told_where_nothing_else_was_left(world: World, left: Any, account: Any, told: Any):
    user = resident(**account)
    request = world.submit(**left).request
    ServiceRequest.objects.filter(pk=request.pk).update(account=user)
    relay.drain(at=LATER)
    rows = Message.objects.filter(kind="requests_intake.received")
    assert {("account" if row.user_id else "contact", row.channel) for row in rows} == told


def test_an_earlier_request_is_taken_over_by_its_link_once(world: World, owner: Any):
    request = world.submit().request
    client = signed_in(owner)
    link = reverse("intake:track", args=[request.track_token])
    assert "放到我的账号里" in client.get(link).content.decode()
    take = reverse("intake:take-over", args=[request.track_token])
    for _press in range(2):
        assert client.post(take)["Location"] == link
    assert ServiceRequest.objects.get().account == owner
    assert DomainEvent.objects.filter(name="requests_intake.taken_over").count() == 1
    assert "放到我的账号里" not in client.get(link).content.decode()


def test_a_link_that_was_passed_on_moves_nothing_away(world: World, owner: Any):
    request = owned(world, owner)
    other = resident("别人", "+8613912342046")
    with pytest.raises(DomainError) as refused:
        request_take_over(request=request, actor=viewer_of(other), at=LATER)
    assert refused.value.code == "in_other_account"
    with pytest.raises(Forbidden):
        request_take_over(request=request, actor=requester(ref_of(request)), at=LATER)
    page = signed_in(other).get(reverse("intake:track", args=[request.track_token])).content.decode()
    assert "放到我的账号里" not in page
    assert signed_in(other).post(reverse("intake:take-over", args=["nonsense"])).status_code == 404


# --- who sees what ---------------------------------------------------------------------------------------------

# viewer, in the list of visible rows, by which rule, is the requester
GOLDEN = [
    ("owner", True, "account", True),
    ("stranger", False, "", False),
    ("anonymous", False, "", False),
    ("link", True, "token", True),
    ("link of another", False, "", False),
    ("dispatcher", True, "area", False),
    ("supervisor", True, "area", False),
    ("handler", False, "", False),
    ("administrator", False, "", False),
]


@pytest.mark.parametrize(("who", "sees", "rule", "speaks"), GOLDEN)
def test_who_sees_a_request_of_an_account(world: World, owner: Any, who: str, sees: bool, rule: str, speaks: bool):
    request, other = owned(world, owner), world.submit().request
    viewers = {
        "owner": viewer_of(owner),
        "stranger": viewer_of(resident("别人", "+8613912342046")),
        "anonymous": ANONYMOUS,
        "link": requester(ref_of(request)),
        "link of another": requester(ref_of(other)),
    }
    viewer = viewers[who] if who in viewers else world.viewer(who)
    assert ServiceRequest.objects.visible_to(viewer).filter(pk=request.pk).exists() is sees
    assert [found.key for found in matching_rules(request, viewer)] == ([rule] if rule else [])
    assert is_requester(viewer, request) is speaks


PAGES = [
    # page, owner, stranger, signed out, staff
    ("intake:mine", 200, 200, 302, 403),
    ("intake:my-drafts", 200, 200, 302, 403),
    ("intake:track", 200, 200, 200, 200),
    ("intake:request", 403, 403, 302, 200),
]


@pytest.mark.parametrize(("name", "own", "strange", "out", "staff"), PAGES)
def test_who_opens_which_page(world: World, owner: Any, name: str, own: int, strange: int, out: int, staff: int):
    request = owned(world, owner)
    argument = {"intake:track": [request.track_token], "intake:request": [request.number]}.get(name, [])
    clients = [
        signed_in(owner),
        signed_in(resident("别人", "+8613912342046")),
        Client(),
        signed_in_staff(world, "dispatcher"),
    ]
    assert [client.get(reverse(name, args=argument)).status_code for client in clients] == [own, strange, out, staff]


def test_the_owner_rates_like_the_holder_of_the_link_and_a_stranger_does_not(world: World, owner: Any):
    request = owned(world, owner, "callback")
    given: dict[str, Any] = {"contacted": True, "solved": "yes", "grade": 5, "comment": "", "at": LATER}
    with pytest.raises(Forbidden):
        request_rate(request=request, actor=viewer_of(resident("别人", "+8613912342046")), **given)
    request_rate(request=request, actor=viewer_of(owner), **given)
    assert ServiceRequest.objects.get(pk=request.pk).state == "closed"


# --- the list --------------------------------------------------------------------------------------------------


def test_my_requests_shows_state_promise_and_link_in_three_statements(world: World, owner: Any, clock: Any):
    for number in range(25):
        owned(world, owner, body=f"第 {number} 盏路灯不亮。", email="")
    owned(world, owner, "callback")
    owned(world, owner, "closed")
    other = world.submit(body="别人家的事。").request
    clock.move_to(LATER, tick=False)
    client = signed_in(owner)
    with assert_sql(3):  # session, person, rows
        page = client.get(reverse("intake:mine")).content.decode()
    assert page.count("r-mine__link") == 20
    assert other.title not in page
    assert "等您评价" in page
    assert "已办结" in page
    assert "前答复" in page
    following = client.get(reverse("intake:mine") + "?" + page.split('rel="next" href="?')[1].split('"')[0])
    assert following.content.decode().count("r-mine__link") == 7
    still = client.get(reverse("intake:mine") + "?view=open").content.decode()
    assert "已办结" not in still
    assert my_requests(viewer_of(owner)).count() == 27


def test_an_account_without_requests_says_what_will_be_there(owner: Any):
    page = signed_in(owner).get(reverse("intake:mine")).content.decode()
    assert "这里会有您反映的事" in page


def test_the_own_link_of_an_old_request_opens_for_the_owner_alone(world: World, owner: Any, clock: Any):
    request = owned(world, owner, "closed")
    clock.move_to(MORNING + timedelta(days=500), tick=False)
    link = reverse("intake:track", args=[request.track_token])
    assert signed_in(owner).get(link).status_code == 200
    assert Client().get(link).status_code == 404
    assert signed_in(resident("别人", "+8613912342046")).get(link).status_code == 404


def test_the_first_page_begins_with_what_a_resident_waits_for(world: World, owner: Any, clock: Any):
    assert "您反映的事" not in signed_in(owner).get("/").content.decode()
    requests = [owned(world, owner, at=MORNING - timedelta(hours=hours)) for hours in range(5)]
    owned(world, owner, "closed")
    client = signed_in(owner)
    with assert_sql(3):  # session, person, the panel
        page = client.get("/").content.decode()
    assert page.index("您反映的事") < page.index("我要反映")
    assert page.count("r-mine__link") == 3
    assert requests[-1].number_grouped in page, "the nearest date first"
    with assert_sql(0):
        assert "您反映的事" not in Client().get("/").content.decode()


# --- drafts ----------------------------------------------------------------------------------------------------


def test_drafts_are_listed_continued_and_thrown_away(world: World, owner: Any, clock: Any):
    walk = Resident(clock, client=signed_in(owner)).begin()
    walk.go("what")
    walk.send(body=WORDS)
    with assert_sql(3):  # session, person, drafts
        page = walk.client.get(reverse("intake:my-drafts")).content.decode()
    assert "槐安里 7 号楼北侧的路灯不亮了" in page
    (draft,) = my_drafts(viewer_of(owner), at=MORNING)
    walk.open(draft.url)
    walk.send()
    walk.go("what")
    assert fields_of(walk.open(walk.address))["body"] == WORDS
    discard = reverse("intake:my-draft-discard", args=[draft.pk])
    assert signed_in(resident("别人", "+8613912342046")).post(discard).status_code == 404
    assert Client().post(discard).status_code == 302
    assert Draft.objects.count() == 1
    assert walk.client.post(discard).status_code == 302
    assert not Draft.objects.exists()
    assert walk.client.post(discard).status_code == 404


def test_a_draft_keeps_its_token_encrypted_and_only_for_its_account(world: World, owner: Any):
    _draft, token = draft_start(data={"kind": "help", "raw": {}}, at=MORNING, actor=viewer_of(owner))
    draft_start(data={"kind": "help", "raw": {}}, at=MORNING)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '') FROM requests_intake_draft t")
        stored = cursor.fetchone()[0]
    assert token not in stored
    assert token.encode().hex() not in stored
    assert [row.token for row in Draft.objects.order_by("pk")] == [token, None]
    assert len(my_drafts(viewer_of(owner), at=MORNING)) == 1
    assert my_drafts(ANONYMOUS, at=MORNING) == []
    assert my_drafts(viewer_of(owner), at=MORNING + timedelta(days=8)) == []
    assert not draft_discard(draft_id=_draft.pk, actor=ANONYMOUS)
    assert drafts_expire(at=MORNING + timedelta(days=8)) == 2


# --- own details -----------------------------------------------------------------------------------------------


def test_a_name_is_hidden_from_those_who_handle_it_and_shown_again(world: World, owner: Any):
    request = owned(world, owner, "dispatched")
    handler = world.viewer("handler")

    def seen() -> str:
        found = request_for(request.number, handler)
        assert found is not None
        contact = request_detail(found, handler, at=LATER).contact
        assert contact is not None
        return contact.name

    assert seen() == "周*"
    address = reverse("intake:hide-name", args=[request.track_token])
    Client().post(address, {"hide": "1"})
    assert seen() == "要求不显示姓名"
    revealed = signed_in_staff(world, "handler").post(
        reverse("intake:reveal", args=[request.number]), {"purpose": "contact"}
    )
    page = revealed.content.decode()
    assert "13912342046" in page
    assert "周梅" not in page
    Client().post(address, {"hide": "0"})
    assert seen() == "周*"
    hidden = DomainEvent.objects.filter(name="requests_intake.name_hidden").order_by("pk")
    assert [event.payload for event in hidden] == [{"is_hidden": True}, {"is_hidden": False}]


def test_contact_details_are_removed_from_what_is_over_and_from_nothing_else(world: World, owner: Any):
    still_open, over = owned(world, owner, "dispatched"), owned(world, owner, "closed")
    with pytest.raises(DomainError) as refused:
        contact_remove(request=still_open, actor=viewer_of(owner), at=LATER)
    assert refused.value.code == "still_open"
    with pytest.raises(Forbidden):
        contact_remove(request=over, actor=viewer_of(resident("别人", "+8613912342046")), at=LATER)
    link, forget = (reverse(f"intake:{name}", args=[over.track_token]) for name in ("track", "forget-contact"))
    assert "去掉了找不回来" in Client().get(link).content.decode()
    client = Client()
    client.post(forget)
    assert "请先打勾" in client.get(link).content.decode()
    assert RequesterContact.objects.filter(request=over).exists()
    client.post(forget, {"sure": "on"})
    assert not RequesterContact.objects.filter(request=over).exists()
    assert RequesterContact.objects.filter(request=still_open).exists()
    assert client.get(link).status_code == 200
    client.post(forget, {"sure": "on"})
    assert DomainEvent.objects.filter(name="requests_intake.contact_removed").count() == 1


def test_only_the_requester_hides_a_name(world: World, owner: Any):
    request = owned(world, owner)
    for stranger in (viewer_of(resident("别人", "+8613912342046")), world.viewer("dispatcher"), ANONYMOUS):
        with pytest.raises(Forbidden):
            request_hide_name(request=request, is_hidden=True, actor=stranger, at=LATER)
    nameless = owned(world, owner, name="", email="")
    with pytest.raises(DomainError) as refused:
        request_hide_name(request=nameless, is_hidden=True, actor=viewer_of(owner), at=LATER)
    assert refused.value.code == "no_name"


def test_closing_the_account_keeps_the_requests_and_drops_the_link(world: World, owner: Any, clock: Any):
    from governance.accounts.services import account_delete

    request = owned(world, owner, "dispatched")
    draft_start(data={"kind": "help", "raw": {}}, at=MORNING, actor=viewer_of(owner))
    account_delete(actor=viewer_of(owner), at=MORNING)
    relay.drain(at=LATER)
    request.refresh_from_db()
    assert (request.account, request.state) == (None, "dispatched")
    assert RequesterContact.objects.filter(request=request).exists()
    assert not Draft.objects.exists()
    assert Client().get(reverse("intake:track", args=[request.track_token])).status_code == 200
