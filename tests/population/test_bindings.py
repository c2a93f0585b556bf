"""Binding an account to a person: the letter, the counter, what ends it, and whom it lets see nothing."""

import copy
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.models import UserPhone
from governance.accounts.services import account_delete
from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from population.handlers import follow_deaths, follow_moves, forget_account
from population.models import BindingCode, DwellingBinding, Person, Residency
from population.selectors.homes import bindings_listed, homes_of
from population.services.bindings import (
    SIGNS,
    binding_at_counter,
    binding_code_issue,
    binding_code_revoke,
    binding_end,
    binding_redeem,
    bindings_follow,
)
from tests.factories import world as worlds
from tests.factories.residents import signed_in, viewer_of
from tests.factories.world import MORNING
from tests.population.binding_support import HOME, NAME, TAIL, Home, furnish
from tests.sql import assert_sql

LATER = MORNING + timedelta(hours=1)


@pytest.fixture(scope="module")
def _home(django_db_setup, django_db_blocker):
    with worlds.kept(django_db_blocker, furnish) as made:
        yield made


@pytest.fixture
def home(_home, db) -> Home:
    worlds.forget()
    return copy.deepcopy(_home)


def redeem(home, code, *, name=NAME, tail=TAIL, user=None, at=LATER):
    return binding_redeem(code=code, name=name, tail=tail, actor=viewer_of(user or home.user), at=at)


def staff(home, name):
    client = Client()
    client.force_login(home.world.people[name])
    return client


def test_a_letter_binds_once_and_shows_the_home(home):
    code = home.code()
    row = BindingCode.objects.get()
    assert len(code) == 11
    assert set(code) <= {*SIGNS, "-"}
    assert code.replace("-", "") not in row.digest
    assert row.expires_at == MORNING + timedelta(days=30)
    spoken = f" {code.lower().replace('-', ' ')} "
    made = redeem(home, spoken, name="周 建国")
    assert (made.user, made.person, made.method) == (home.user, home.person, "code")
    assert redeem(home, code) == made, "pressed twice, bound once"
    with pytest.raises(DomainError, match="没有对上"):
        redeem(home, code, user=home.other)
    [shown] = homes_of(viewer_of(home.user))
    assert shown.address == "槐安里7幢 1单元 301室"
    assert homes_of(viewer_of(home.other)) == []
    assert homes_of(home.world.viewer("head")) == []
    told = DomainEvent.objects.get(name="population.dwelling_bound")
    assert told.payload == {"method": "code"}


@pytest.mark.parametrize(
    ("code", "name", "tail", "counts"),
    [
        ("23456-789AB", NAME, TAIL, 0),
        ("", NAME, TAIL, 0),
        ("right", "周梅", TAIL, 1),
        ("right", "周建", TAIL, 1),
        ("right", NAME, "310022", 1),
        ("right", NAME, "", 1),
        ("right", "", "", 1),
        ("right", NAME, "110105194912310021", 1),
    ],
)
def test_whatever_was_wrong_the_answer_is_the_same(home, code, name, tail, counts):
    right = home.code()
    with pytest.raises(DomainError) as refused:
        redeem(home, right if code == "right" else code, name=name, tail=tail)
    assert refused.value.code == "binding_refused"
    assert str(refused.value).startswith("没有对上")
    assert BindingCode.objects.get().tries == counts
    assert not DwellingBinding.objects.exists()
    assert redeem(home, right).person == home.person


def test_the_fifth_wrong_answer_kills_the_code_for_everybody(home):
    code = home.code()
    for _try in range(5):
        with pytest.raises(DomainError):
            redeem(home, code, name="别人", user=home.other)
    with pytest.raises(DomainError, match="没有对上"):
        redeem(home, code)
    assert BindingCode.objects.get().tries == 5, "dead codes are not counted on"
    assert redeem(home, home.code()).person == home.person, "a new letter helps"


def test_a_code_dies_by_time_by_revoking_and_by_a_newer_one(home):
    first = home.code()
    with pytest.raises(DomainError, match="没有对上"):
        redeem(home, first, at=MORNING + timedelta(days=30))
    second = home.code()
    with pytest.raises(DomainError):
        redeem(home, first)
    head = home.world.viewer("head")
    row = BindingCode.objects.waiting().get()
    assert binding_code_revoke(code=row, actor=head, at=LATER).revoked_at == LATER
    with pytest.raises(DomainError):
        redeem(home, second)
    used = home.code()
    redeem(home, used)
    with pytest.raises(StaleState, match="已经用过"):
        binding_code_revoke(code=BindingCode.objects.get(used_at=LATER), actor=head, at=LATER)


def test_who_cannot_be_bound_and_who_may_not_bind(home):
    head, people, dwelling = home.world.viewer("head"), home.registry.people, home.registry.dwellings[HOME]

    def issue(person, where=dwelling, actor=head):
        return binding_code_issue(person=person, dwelling=where, submission_key=uuid4(), actor=actor, at=MORNING)

    with pytest.raises(DomainError, match="没有证件号码"):
        issue(people["欧阳小明"], home.registry.dwellings["7幢2单元101"])
    with pytest.raises(DomainError, match="不在这一户"):
        issue(people["欧阳小明"])
    for name in ("west_head", "grid_worker", "handler", "administrator"):
        with pytest.raises(Forbidden):
            issue(home.person, actor=home.world.viewer(name))
    child = people["周梅"]
    Person.objects.filter(pk=child.pk).update(birth_date="2014-01-01", birth_year=2014)
    with pytest.raises(DomainError, match="监护人"):
        issue(child)
    Person.objects.filter(pk=home.person.pk).update(died_on=date(2026, 11, 1))
    with pytest.raises(DomainError, match="去世"):
        issue(home.person)
    assert not BindingCode.objects.exists()
    unproved = home.other
    UserPhone.objects.filter(user=unproved).delete()
    with pytest.raises(DomainError, match="验证手机号或邮箱"):
        redeem(home, "23456-789AB", user=unproved)
    with pytest.raises(Forbidden):
        binding_redeem(code="", name="", tail="", actor=head, at=LATER)


def test_the_counter_sees_the_document_and_finds_the_account(home):
    dwelling = home.registry.dwellings[HOME]

    def bind(actor="clerk", **changes):
        values = {"contact": "139 1234 2046", "document_kind": "111", "is_seen": True} | changes
        return binding_at_counter(
            person=home.person, dwelling=dwelling, actor=home.world.viewer(actor), at=LATER, **values
        )

    for changes, field in (
        ({"contact": "13912340000"}, "contact"),
        ({"contact": "head@example.com"}, "contact"),
        ({"contact": "乱写"}, "contact"),
        ({"document_kind": ""}, "document_kind"),
        ({"is_seen": False}, "is_seen"),
    ):
        with pytest.raises(DomainError) as error:
            bind(**changes)
        assert error.value.field == field
    with pytest.raises(Forbidden):
        bind(actor="west_head")
    home.code()
    made = bind()
    assert (made.user, made.method, made.document_kind) == (home.user, "counter", "111")
    assert made.confirmed_by == home.world.people["clerk"]
    assert not BindingCode.objects.waiting().exists(), "the letter is not needed any more"
    with pytest.raises(DomainError, match="已经绑定"):
        bind()


def test_one_person_has_one_account_and_one_account_is_one_person(home):
    home.bound()
    with pytest.raises(DomainError, match="已经绑定了另一个人"):
        redeem(home, home.code(name="周梅"), name="周梅", tail="070028")
    code = home.code(name="周梅")
    redeem(home, code, name="周梅", tail="070028", user=home.other)
    assert DwellingBinding.objects.live().count() == 2
    rows = DwellingBinding.objects.filter(user=home.user)
    rows.update(ended_at=LATER, end_reason="resident")
    with pytest.raises(DomainError, match="已经绑定在另一个账号上"):
        binding_at_counter(
            person=home.registry.people["周梅"],
            dwelling=_second_home(home, "周梅"),
            contact="13912342046",
            document_kind="111",
            is_seen=True,
            actor=home.world.viewer("clerk"),
            at=LATER,
        )


def _second_home(home, name):
    """Registered in another dwelling, too."""
    stay = Residency.objects.get(person=home.registry.people["欧阳小明"])
    Residency.objects.filter(person=home.registry.people[name]).first()
    dwelling = home.registry.dwellings["7幢2单元101"]
    Residency.objects.create(
        person=home.registry.people[name],
        household=stay.household,
        dwelling=dwelling,
        area_code=dwelling.area_code,
        kind="registered",
        is_main=False,
        relation="8",
        from_date=date(2020, 1, 1),
        source="door",
        collected_at=MORNING,
        confirmed_at=MORNING,
    )
    return dwelling


def test_what_ends_a_binding(home):
    binding, me = home.bound(), viewer_of(home.user)
    with pytest.raises(Forbidden):
        binding_end(binding=binding, actor=viewer_of(home.other), at=LATER)
    with pytest.raises(Forbidden):
        binding_end(binding=binding, actor=home.world.viewer("west_head"), at=LATER)
    assert binding_end(binding=binding, actor=me, at=LATER).end_reason == "resident"
    assert binding_end(binding=binding, actor=me, at=LATER + timedelta(days=1)).ended_at == LATER
    assert binding_end(binding=home.bound(), actor=home.world.viewer("clerk"), at=LATER).end_reason == "staff"
    home.bound()
    account_delete(actor=me, at=LATER)
    forget_account(DomainEvent.objects.get(name="accounts.account_deleted"))
    assert DwellingBinding.objects.latest("pk").end_reason == "account"


def test_moving_out_and_dying_end_it_and_shut_at_once(home):
    home.bound()
    code = home.code(name="周梅")
    stays = Residency.objects.filter(person=home.person)
    stays.update(to_date=date(2026, 12, 1), end_reason="moved")
    assert homes_of(viewer_of(home.user)), "still there until the end of the month"
    stays.update(to_date=date(2026, 11, 17))
    assert homes_of(viewer_of(home.user)) == [], "no event has been handled yet"
    event = DomainEvent(payload={"person": f"population.person:{home.person.pk}"})
    follow_moves([event])
    assert DwellingBinding.objects.get().end_reason == "moved"
    mei = home.registry.people["周梅"]
    redeem(home, code, name="周梅", tail="070028", user=home.other)
    Person.objects.filter(pk=mei.pk).update(died_on=date(2026, 11, 16))
    assert homes_of(viewer_of(home.other)) == []
    follow_deaths([DomainEvent(subject_ref=f"population.person:{mei.pk}")])
    assert DwellingBinding.objects.get(person=mei).end_reason == "died"


def test_a_letter_for_somebody_who_moved_is_worthless(home):
    code = home.code()
    Residency.objects.filter(person=home.person).update(to_date=date(2026, 11, 17), end_reason="moved")
    with pytest.raises(DomainError, match="没有对上"):
        redeem(home, code)
    bindings_follow(person_ids=[home.person.pk], at=LATER)
    assert BindingCode.objects.get().revoked_at == LATER


def test_the_resident_types_the_code_on_a_page(home):
    page, browser = reverse("population:my-home"), signed_in(home.user)
    shown = browser.get(page).content.decode()
    assert "还没有绑定住房" in shown
    wrong = browser.post(page, {"code": "", "name": "周建国", "tail": "12"})
    assert wrong.status_code == 422
    text = wrong.content.decode()
    assert "请写信里的绑定码" in text
    assert "要写满 6 位" in text
    assert 'value="周建国"' in text, "nothing typed is lost"
    code = home.code()
    refused = browser.post(page, {"code": code, "name": "周建", "tail": TAIL})
    assert refused.status_code == 422
    assert "没有对上" in refused.content.decode()
    done = browser.post(page, {"code": code, "name": NAME, "tail": TAIL}, follow=True)
    assert "槐安里7幢 1单元 301室" in done.content.decode()
    end = reverse("population:my-home-end", args=[DwellingBinding.objects.get().public_id])
    assert signed_in(home.other).post(end, {"sure": "on"}).status_code == 404
    assert "请先打勾" in browser.post(end, follow=True).content.decode()
    assert "解除了" in browser.post(end, {"sure": "on"}, follow=True).content.decode()
    answers = [browser.post(page, {"code": "", "name": "", "tail": ""}).status_code for _try in range(8)]
    assert answers[-1] == 429, "ten tries an hour for one account"
    assert staff(home, "head").get(page).status_code == 403


def test_the_letter_is_shown_once(home):
    head, page = staff(home, "head"), reverse("population:binding-letter", args=[home.person.public_id])
    data = {"dwelling": str(home.registry.dwellings[HOME].public_id), "submission_key": str(uuid4())}
    shown = head.post(page, data)
    assert shown.status_code == 200
    assert shown["Cache-Control"].count("no-store")
    text = shown.content.decode()
    assert "周**" in text
    assert NAME not in text
    assert "<svg" in text
    again = head.post(page, data, follow=True).content.decode()
    assert "已经打开过一次" in again
    assert BindingCode.objects.waiting().count() == 1
    assert head.get(page).status_code == 302
    assert staff(home, "west_head").post(page, data).status_code == 404
    assert staff(home, "grid_worker").post(page, data).status_code == 403
    foreign = data | {"dwelling": str(home.registry.dwellings["2幢1单元201"].public_id), "submission_key": str(uuid4())}
    assert "不在这一户" in head.post(page, foreign, follow=True).content.decode()


def test_the_desk_binds_revokes_and_ends(home):
    clerk, page = staff(home, "clerk"), reverse("population:person-binding", args=[home.person.public_id])
    dwelling = str(home.registry.dwellings[HOME].public_id)
    home.code()
    shown = clerk.get(page).content.decode()
    assert "周**" in shown
    assert NAME not in shown
    assert "110105" not in shown
    wrong = clerk.post(page, {"dwelling": dwelling, "contact": "123"})
    assert wrong.status_code == 422
    assert 'value="123"' in wrong.content.decode()
    revoke = reverse("population:binding-code-revoke", args=[BindingCode.objects.get().public_id])
    assert staff(home, "west_head").post(revoke).status_code == 404
    assert "作废了" in clerk.post(revoke, follow=True).content.decode()
    data = {"dwelling": dwelling, "contact": "13912342046", "document_kind": "111", "is_seen": "on"}
    assert "绑定好了" in clerk.post(page, data, follow=True).content.decode()
    end = reverse("population:binding-end", args=[DwellingBinding.objects.get().public_id])
    assert staff(home, "west_head").post(end).status_code == 404
    assert "解除了" in clerk.post(end, follow=True).content.decode()
    assert staff(home, "west_head").get(page).status_code == 404


def test_the_list_shows_the_own_area_masked(home):
    home.bound()
    head, page = staff(home, "head"), reverse("population:bindings")
    head.get(page)
    with assert_sql(4):
        shown = head.get(page).content.decode()
    assert "周**" in shown
    assert NAME not in shown
    assert "槐安里7幢 1单元 301室" in shown
    west = staff(home, "west_head").get(page).content.decode()
    assert "周**" not in west
    assert list(bindings_listed(home.world.viewer("west_head"))) == []
    home.code(name="周梅")
    assert "周*" in head.get(f"{page}?view=codes").content.decode()
    assert "没有解除过的绑定" in head.get(f"{page}?view=ended").content.decode()
