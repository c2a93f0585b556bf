"""Moving in: found first, confirmed where known, entered where not; nobody is in the registry twice."""

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from population.models import Household, Person, Residency
from tests.factories.world import MORNING, WEST
from tests.web.english import chinese_in

NUMBER = "110105198007070028"  # of 周梅, in the east
NEW = "110105199003070033"
STAY = {
    "from_date": "2026-11-01", "relation": "8", "kind": "mobile", "is_main": "on", "purpose": "service",
    "source": "door",
}  # fmt: skip


@pytest.fixture
def now(time_machine):
    time_machine.move_to(MORNING, tick=False)


def address_of(registry, where: str) -> str:
    return reverse("population:move-in", args=[registry.dwellings[where].public_id])


def hidden(html: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]+)"', html)[1]


def test_somebody_known_is_confirmed_and_leaves_where_they_lived(now, registry, client_of):
    page, address = client_of("grid_worker"), address_of(registry, "7幢1单元101")
    assert page.get(address).status_code == 200
    found = page.post(address, {"do": "find", "document_number": NUMBER.lower()}).content.decode()
    assert ("周*" in found, "槐安里7幢 1单元 301室" in found, "周梅" in found, NUMBER in found) == (
        True,
        True,
        False,
        False,
    )
    who = hidden(found, "who")
    asked = page.post(address, {"do": "known", "who": who}).content.decode()
    assert ("从原来的住处搬走" in asked, "周梅" in asked) == (True, False)
    data = {"do": "move", "who": who, "key": hidden(asked, "key"), **STAY, "relation": "0"}
    refused = page.post(address, data)
    assert (refused.status_code, "是搬家就勾选" in refused.content.decode()) == (422, True)
    assert 'value="2026-11-01"' in refused.content.decode(), "nothing typed is lost"
    sent = page.post(address, {**data, "leaves_previous": "on"})
    assert (sent.status_code, page.post(address, {**data, "leaves_previous": "on"}).status_code) == (302, 302)
    rows = Residency.objects.filter(person=registry.people["周梅"]).order_by("pk")
    assert [(one.to_date, one.dwelling_id) for one in rows] == [
        (date(2026, 11, 1), registry.dwellings["7幢1单元301"].pk),
        (None, registry.dwellings["7幢1单元101"].pk),
    ]
    assert Person.objects.count() == 5, "nobody was entered anew"


def test_somebody_new_is_entered_with_what_the_number_proposes(now, registry, client_of):
    page, address = client_of("clerk"), address_of(registry, "7幢1单元101")
    shown = page.post(address, {"do": "find", "document_number": NEW, "name": "罗建"}).content.decode()
    assert ('value="1990-03-07"' in shown, 'value="罗建"' in shown, "按证件号码推的" in shown) == (True, True, True)
    data = {
        "do": "enter", "key": hidden(shown, "key"), "name": "罗建", "sex": "1", "birth_date": "1990-03-07",
        "document_kind": "111", "document_number": NEW, "phone": "139", **STAY,
    }  # fmt: skip
    for changes, words in (
        ({}, "电话没有看懂"),
        ({"phone": "", "document_number": NEW[:-1] + "1"}, "有一位写错了"),
        ({"phone": "", "birth_date": "1990-02-30"}, "日期没有看懂"),
        ({"phone": "", "from_date": "1989-01-01"}, "早于出生日期"),
        ({"phone": "", "from_date": "2027-01-01"}, "这一天还没有到"),
        ({"phone": "", "kind": ""}, "请选居住类型"),
        ({"phone": "", "name": " "}, "请写姓名"),
    ):
        answer = page.post(address, data | changes)
        html = answer.content.decode()
        assert (answer.status_code, words in html) == (422, True), changes
        assert changes.get("name") == " " or 'value="罗建"' in html
    assert not Household.objects.filter(dwelling=registry.dwellings["7幢1单元101"]).exists(), "all or nothing"
    assert page.post(address, data | {"phone": ""}).status_code == 302
    assert page.post(address, data | {"phone": ""}).status_code == 302, "pressed twice"
    person = Person.objects.get(birth_year=1990)
    stay = person.residencies.get()
    assert (stay.relation, stay.dwelling, str(person.name)) == ("0", registry.dwellings["7幢1单元101"], "罗建")


def test_a_number_that_is_registered_elsewhere_names_an_office_and_no_person(now, registry, world, client_of):
    tenant = registry.people["欧阳小明"]  # of the east; asked for from the west
    index = Person._meta.get_field("document_index")
    Person.objects.filter(pk=tenant.pk).update(
        document_kind="111", document_number=NEW, document_index=index.digest(NEW)
    )
    page, address = client_of("head_west"), address_of(registry, "2幢1单元101")
    html = page.post(address, {"do": "find", "document_number": NEW, "name": "别人"}).content.decode()
    assert ("槐安社区居委会" in html, "欧阳" in html, 'name="who"' in html) == (True, False, False)
    wrong = {
        "do": "enter", "name": "别人", "sex": "1", "document_kind": "111", "document_number": NEW, **STAY,
    }  # fmt: skip
    answer = page.post(address, wrong)
    html = answer.content.decode()
    assert (answer.status_code, "已经有人登记了这个证件号码" in html, "槐安社区居委会" in html) == (422, True, True)
    assert str(tenant.public_id) not in html
    html = page.post(address, {"do": "find", "document_number": NEW, "name": "欧阳小明"}).content.decode()
    assert ("姓名和您写的一样" in html, str(tenant.public_id) in html, "欧阳" in html) == (True, False, False)
    data = {"do": "move", "who": hidden(html, "who"), "leaves_previous": "on", **STAY}
    assert page.post(address, data).status_code == 302, "whoever has the person before them may register the move"
    stay = tenant.residencies.get(to_date__isnull=True)
    assert stay.area_code[:12] == WEST


def test_found_by_name_and_phone_or_entered_all_the_same(now, registry, client_of):
    page, address = client_of("head"), address_of(registry, "7幢1单元101")
    html = page.post(address, {"do": "find", "name": "周建国", "phone": "139 1234 2046"}).content.decode()
    assert ("周**" in html, "都不是，登记新的人" in html) == (True, True)
    html = page.post(address, {"do": "new", "name": "周建国", "phone": "13912342046"}).content.decode()
    assert 'value="周建国"' in html
    assert page.post(address, {"do": "find", "name": "周建国"}).status_code == 422
    assert "登记新的人" in page.post(address, {"do": "find", "name": "没有", "phone": "13912342046"}).content.decode()


def test_a_signed_choice_belongs_to_who_made_it(now, registry, client_of):
    address = address_of(registry, "7幢1单元101")
    html = client_of("head").post(address, {"do": "find", "document_number": NUMBER}).content.decode()
    for role, who in (("grid_worker", hidden(html, "who")), ("head", "x"), ("head", "")):
        answer = client_of(role).post(address, {"do": "move", "who": who, "leaves_previous": "on", **STAY})
        assert answer.status_code == 422, role
    assert client_of("supervisor").get(address).status_code == 403
    assert client_of("head_west").get(address).status_code == 404


def test_in_english(now, registry, client_of):
    page, address = client_of("head"), address_of(registry, "7幢1单元101")
    page.cookies["liren_lang"] = "en"
    assert timezone.localdate() == date(2026, 11, 17)
    for data in (
        {}, {"do": "find"}, {"do": "find", "document_number": NUMBER}, {"do": "find", "document_number": NEW},
        {"do": "enter"}, {"do": "move", "who": "x"},
    ):  # fmt: skip
        assert chinese_in(page.post(address, data).content.decode()) == [], data
    html = page.post(address, {"do": "find", "document_number": NUMBER}).content.decode()
    assert chinese_in(page.post(address, {"do": "known", "who": hidden(html, "who")}).content.decode()) == []
    assert chinese_in(page.post(address, {"do": "move", "who": hidden(html, "who")}).content.decode()) == []
