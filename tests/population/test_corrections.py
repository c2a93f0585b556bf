"""One's own record, and what becomes of what a resident says is wrong in it."""

import copy
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from governance.errors import DomainError, Forbidden, StaleState
from governance.files.models import StoredFile
from governance.notifications.registry import kinds_of
from governance.outbox.models import DomainEvent
from governance.privacy.models import AccessLog
from governance.privacy.sources import Whose, sources
from population.models import Correction, Person, Residency, Revision
from population.selectors.own import my_record
from population.services.corrections import (
    correction_accept,
    correction_propose,
    correction_refuse,
    correction_withdraw,
    own_record_confirm,
)
from population.services.people import person_reveal
from tests.factories import world as worlds
from tests.factories.residents import signed_in, viewer_of
from tests.factories.world import MORNING
from tests.governance.file_samples import telephone_jpeg
from tests.population.binding_support import NAME, Home, furnish
from tests.sql import assert_sql

LATER = MORNING + timedelta(hours=1)
NUMBER = "11010519491231002X"  # GB 11643's own example


@pytest.fixture(scope="module")
def _home(django_db_setup, django_db_blocker):
    with worlds.kept(django_db_blocker, furnish) as made:
        yield made


@pytest.fixture
def home(_home, db) -> Home:
    worlds.forget()
    home = copy.deepcopy(_home)
    home.bound()
    index = Person._meta.get_field("document_index")
    Person.objects.filter(pk=home.person.pk).update(document_number=NUMBER, document_index=index.digest(NUMBER))
    return home


def propose(home, kind="fields", user=None, key=None, words="换了号码", **values):
    return correction_propose(
        kind=kind,
        values=values or {"phone": "13900001111"},
        words=words,
        submission_key=key or uuid4(),
        actor=viewer_of(user or home.user),
        at=LATER,
    )


def staff(home, name):
    client = Client()
    client.force_login(home.world.people[name])
    return client


def test_one_reads_oneself_and_of_the_others_only_their_number(home):
    with assert_sql(4):
        record = my_record(viewer_of(home.user))
    assert record.person == home.person
    assert [stay.people for stay in record.stays] == [3]
    assert my_record(viewer_of(home.other)) is None
    assert my_record(home.world.viewer("head")) is None
    page = reverse("population:my-record")
    text = signed_in(home.user).get(page).content.decode()
    for shown in (NAME, NUMBER, "13912342046", "1949-12-31", "登记了 3 人", "槐安里7幢 1单元 301室", "履行法定职责"):
        assert shown in text
    for hidden in ("林秀英", "周梅", "13912342047", "110105198007070028"):
        assert hidden not in text
    assert NAME not in signed_in(home.other).get(page).content.decode()
    assert staff(home, "head").get(page).status_code == 403


def test_all_is_right(home):
    with pytest.raises(Forbidden):
        own_record_confirm(actor=viewer_of(home.other), at=LATER)
    person = own_record_confirm(actor=viewer_of(home.user), at=LATER)
    assert (person.confirmed_at, person.confirmed_by, person.source) == (LATER, home.user, "resident")
    assert Residency.objects.get(person=person).confirmed_by == home.user
    other = Residency.objects.get(person=home.registry.people["周梅"])
    assert other.confirmed_by is None
    refused = signed_in(home.other).post(reverse("population:my-record-confirm"), follow=True)
    assert "绑定了住房，才看得到" in refused.content.decode()
    signed_in(home.user).post(reverse("population:my-record-confirm"))
    assert "您自己" in signed_in(home.user).get(reverse("population:my-record")).content.decode()


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("fields", {"phone": "13912342046"}, None),
        ("fields", {"phone": "12"}, "phone"),
        ("fields", {"name": ""}, "name"),
        ("fields", {"birth_date": "2026-13-01"}, "birth_date"),
        ("fields", {"birth_date": "乱写"}, "birth_date"),
        ("fields", {"birth_date": "2030-01-01"}, "birth_date"),
        ("fields", {"document_number": "110105194912310021"}, "document_number"),
        ("moved_out", {"date": ""}, "date"),
        ("moved_out", {"date": "2026-12-31"}, "date"),
        ("moved_out", {"date": "2010-01-01"}, "date"),
        ("moved_in", {"date": "2026-11-01", "address": " "}, "address"),
        ("other", {"phone": "1"}, "kind"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(home, kind, values, field):
    with pytest.raises(DomainError) as refused:
        propose(home, kind, **values)
    assert refused.value.field == field
    assert not Correction.objects.exists()


def test_it_is_kept_once_sealed_and_limited(home):
    key = uuid4()
    made = propose(home, key=key, phone="139 0000 1111", name=NAME)
    assert propose(home, key=key) == made
    assert made.proposed == {"phone": "13900001111"}, "only what differs"
    with pytest.raises(Forbidden):
        propose(home, user=home.other)
    for _more in range(4):
        propose(home)
    with pytest.raises(DomainError, match="还没有答复"):
        propose(home)
    assert home.person.phone == "13912342046"
    told = DomainEvent.objects.filter(name="population.correction_proposed").first()
    assert told.payload == {"kind": "fields"}


def test_taken_over_it_is_a_change_like_any_with_the_resident_as_source(home):
    made = propose(home, phone="13900001111", sex="9")
    for name in ("west_head", "grid_worker", "handler"):
        with pytest.raises(Forbidden):
            correction_accept(correction=made, actor=home.world.viewer(name), at=LATER)
    done = correction_accept(correction=made, actor=home.world.viewer("clerk"), at=LATER)
    assert (done.state, done.decided_by) == ("accepted", home.world.people["clerk"])
    person = Person.objects.get(pk=home.person.pk)
    assert (person.phone, person.sex, person.source) == ("13900001111", "9", "resident")
    assert person.name == NAME
    assert Revision.objects.get(record_id=person.pk).before["phone"] == "13912342046"
    with pytest.raises(StaleState, match="已经答复"):
        correction_refuse(correction=made, answer="x", actor=home.world.viewer("head"), at=LATER)
    with pytest.raises(StaleState):
        correction_withdraw(correction=made, actor=viewer_of(home.user), at=LATER)
    [event] = DomainEvent.objects.filter(name="population.correction_accepted")
    [kind] = kinds_of(event.name)
    assert [one.user_id for one in kind.audience(event)] == [home.user.pk]


def test_a_number_that_somebody_else_has_is_refused_in_words(home):
    other = "110105198007070028"
    index = Person._meta.get_field("document_index")
    valid = "11010519800707002" + "0123456789X"[_check("11010519800707002")]
    Person.objects.filter(pk=home.registry.people["周梅"].pk).update(
        document_number=valid, document_index=index.digest(valid)
    )
    assert other[:17] == valid[:17]
    made = propose(home, document_number=valid)
    with pytest.raises(DomainError, match="已经有人登记") as refused:
        correction_accept(correction=made, actor=home.world.viewer("head"), at=LATER)
    assert refused.value.field == "document_number"
    assert Correction.objects.get().state == "open"


def _check(digits: str) -> int:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return [1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2][total % 11]


def test_a_move_that_would_leave_a_household_without_head_or_empty_is_refused(home):
    head = home.world.viewer("head")
    made = propose(home, "moved_out", date="2026-11-10")
    with pytest.raises(DomainError) as refused:
        correction_accept(correction=made, actor=head, at=LATER)
    assert refused.value.code == "household_needs_head"
    others = Residency.objects.exclude(person=home.person).filter(dwelling=made.dwelling)
    others.update(to_date=date(2026, 11, 1), end_reason="moved")
    with pytest.raises(DomainError) as refused:
        correction_accept(correction=made, actor=head, at=LATER)
    assert refused.value.code == "household_would_be_empty"
    assert Residency.objects.get(person=home.person).to_date is None
    page = reverse("population:correction", args=[made.public_id])
    shown = staff(home, "head").post(page, {"accept": "1"})
    assert shown.status_code == 422
    assert "先到这一户把原因办好" in shown.content.decode()


def test_a_member_who_moved_out_is_moved_out(home):
    lin = home.bound(name="林秀英", user=home.other)
    made = propose(home, "moved_out", user=home.other, date="2026-11-10")
    correction_accept(correction=made, actor=home.world.viewer("head"), at=LATER)
    stay = Residency.objects.get(person=lin.person)
    assert (stay.to_date, stay.end_reason) == (date(2026, 11, 10), "moved")
    assert my_record(viewer_of(home.other)) is None
    text = signed_in(home.other).get(reverse("population:my-correction", args=[made.public_id])).content.decode()
    assert "照您说的改了" in text, "the answer stays readable"


def test_a_move_to_another_place_is_entered_by_hand_first(home):
    made = propose(home, "moved_in", date="2026-11-10", address="桐里 2幢 1单元 202")
    with pytest.raises(DomainError, match="先在户室卡上办好搬入"):
        correction_accept(correction=made, actor=home.world.viewer("head"), at=LATER)
    assert correction_refuse(correction=made, answer="那里没有您", actor=home.world.viewer("head"), at=LATER)


def test_a_refusal_needs_a_reason_and_the_resident_reads_it(home):
    made, page = propose(home), None
    with pytest.raises(DomainError) as refused:
        correction_refuse(correction=made, answer=" ", actor=home.world.viewer("head"), at=LATER)
    assert refused.value.field == "answer"
    page, head = reverse("population:correction", args=[made.public_id]), staff(home, "head")
    assert head.post(page, {"refuse": "1"}).status_code == 422
    done = head.post(page, {"refuse": "1", "answer": "和户口簿不一致"}, follow=True)
    assert "没有等答复的更正" in done.content.decode()
    mine = signed_in(home.user).get(reverse("population:my-correction", args=[made.public_id])).content.decode()
    assert "和户口簿不一致" in mine
    assert "Head Person" not in mine, "offices answer, not colleagues"
    assert signed_in(home.other).get(reverse("population:my-correction", args=[made.public_id])).status_code == 404


def test_the_desk_sees_masks_until_it_says_that_it_looks(home):
    made = propose(home, name="周建囯", phone="13900001111")
    page, head = reverse("population:correction", args=[made.public_id]), staff(home, "head")
    text = head.get(page).content.decode()
    for hidden in (NAME, "周建囯", "13912342046", "13900001111"):
        assert hidden not in text
    assert not AccessLog.objects.exists()
    shown = head.post(page, {"reveal": "1"}).content.decode()
    for value in (NAME, "周建囯", "13912342046", "13900001111"):
        assert value in shown
    assert AccessLog.objects.get().purpose == "registry_correction"
    looked = signed_in(home.user).get(reverse("intake:my-looks")).content.decode()
    assert "答复本人提的更正" in looked
    assert "证件号码" in looked
    assert "答复本人提的更正" not in signed_in(home.other).get(reverse("intake:my-looks")).content.decode()
    for name, status in (("west_head", 404), ("grid_worker", 403), ("handler", 403)):
        assert staff(home, name).get(page).status_code == status
        assert staff(home, name).post(page, {"accept": "1"}).status_code == status


def test_the_list_is_the_own_area_oldest_first(home):
    made, page, head = propose(home), reverse("population:corrections"), staff(home, "head")
    head.get(page)
    with assert_sql(4):
        text = head.get(page).content.decode()
    assert "周**" in text
    assert NAME not in text
    assert str(made.public_id) in text
    assert str(made.public_id) not in staff(home, "west_head").get(page).content.decode()
    correction_accept(correction=made, actor=home.world.viewer("head"), at=LATER)
    assert str(made.public_id) in head.get(f"{page}?done=1").content.decode()


def test_the_pages_of_a_proposal(home):
    mine, page = signed_in(home.user), reverse("population:my-correction-new", args=["fields"])
    known = {
        "name": NAME, "sex": "1", "birth_date": "1949-12-31", "document_kind": "111", "document_number": NUMBER,
        "phone": "13912342046", "submission_key": str(uuid4()),
    }  # fmt: skip
    assert f'value="{NUMBER}"' in mine.get(page).content.decode()
    same = mine.post(page, known)
    assert same.status_code == 422
    assert "和登记里一样" in same.content.decode()
    wrong = mine.post(
        page, known | {"phone": "1", "words": "新号码", "photos": SimpleUploadedFile("a.jpg", telephone_jpeg())}
    )
    assert wrong.status_code == 422
    text = wrong.content.decode()
    assert "新号码" in text
    kept = str(StoredFile.objects.get().pk)
    assert f'name="kept" value="{kept}"' in text
    done = mine.post(page, known | {"phone": "13900001111", "kept": kept}, follow=True)
    assert "等社区答复" in done.content.decode()
    made = Correction.objects.get()
    assert StoredFile.objects.get().owner_ref == f"population.correction:{made.pk}"
    picture = reverse("files:show", args=[kept, "thumb"])
    assert [staff(home, name).get(picture).status_code for name in ("head", "west_head")] == [200, 404]
    assert signed_in(home.other).get(picture).status_code == 404
    back = reverse("population:my-correction-withdraw", args=[made.public_id])
    assert signed_in(home.other).post(back).status_code == 404
    assert "撤回了" in mine.post(back, follow=True).content.decode()
    for kind in ("moved_out", "moved_in"):
        address = reverse("population:my-correction-new", args=[kind])
        assert mine.get(address).status_code == 200
        assert mine.post(address, {"date": "x"}).status_code == 422
        assert signed_in(home.other).get(address).status_code == 302


def test_the_copy_of_ones_own_data_has_it_for_the_bound_account_only(home):
    propose(home)
    person_reveal(
        person=home.person, fields=["name"], purpose="registry_check", actor=home.world.viewer("head"), at=LATER
    )
    mine = [source for source in sources() if source.key.startswith("population.")]
    assert all(source.erase is None for source in mine), "kept by law"

    def told(user):
        parts = [part for source in mine for part in source.parts(Whose(user, "13912342046"), LATER)]
        return " ".join(text for part in parts for pair in [(part.title, ""), *part.rows] for text in pair)

    text = told(home.user)
    for shown in (NAME, NUMBER, "13900001111", "换了号码", "槐安里7幢 1单元 301室"):
        assert shown in text
    assert "林秀英" not in text
    assert told(None) == "", "a telephone number alone proves nobody"
    assert told(home.other) == ""
