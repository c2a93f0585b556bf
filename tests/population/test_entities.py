"""Legal entities and underground spaces: entered, corrected, confirmed, closed, inspected; who answers is masked."""

from datetime import date

import pytest
from django.urls import reverse

from governance.outbox.models import DomainEvent
from governance.privacy.models import AccessLog
from governance.refs import ref_of
from population.check_digits import credit_check_character
from population.models import LegalEntity, Revision, UndergroundSpace
from tests.factories.world import MORNING
from tests.web.english import chinese_in

BODY = "91350100M000100Y4"  # 17 signs; the last is counted
CODE = BODY + credit_check_character(BODY)
DATA = {
    "name": "槐安里理发店", "kind": "trader", "credit_code": CODE, "trade": "理发", "staff": "1",
    "representative": "孙丽", "phone": "13900000007", "opened_on": "2020-05-01", "source": "door",
}  # fmt: skip
SPACE = {
    "label": "7幢地下车库", "kind": "basement", "use": "parking", "level": "1", "area_m2": "820.5",
    "keeper_name": "何军", "keeper_phone": "13900000008", "inspect_due": "2026-12-01", "source": "door",
}  # fmt: skip


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(MORNING, tick=False)


def new_entity(registry) -> str:
    return reverse("population:entity-new", args=[registry.buildings["east"].public_id])


def new_space(registry) -> str:
    return reverse("population:space-new", args=[registry.buildings["east"].compound.public_id])


def of(row, route: str) -> str:
    return reverse(f"population:{route}", args=[row.public_id])


def refusals(page, address, data, cases):
    for changes, words in cases:
        answer = page.post(address, data | changes)
        html = answer.content.decode()
        assert (answer.status_code, words in html) == (422, True), (changes, words)


def test_an_entity_is_entered_once_and_what_is_wrong_stands_beside_its_field(registry, client_of):
    page, address = client_of("grid_worker"), new_entity(registry)
    dwelling = registry.dwellings["7幢2单元101"]
    with_o = CODE[:9] + "O" + CODE[10:]  # 0 is written as the letter O
    assert CODE[9] == "0"
    refusals(page, address, DATA, (
        ({"name": " "}, "请写单位的名称"), ({"kind": ""}, "请选单位的类型"), ({"phone": "12"}, "电话没有看懂"),
        ({"credit_code": with_o}, f"没有字母 O，整个代码是不是 {CODE}"), ({"credit_code": "123"}, "18 位"),
        ({"opened_on": "2027-01-01"}, "这一天还没有到"), ({"opened_on": "soon"}, "日期没有看懂"),
    ))  # fmt: skip
    assert page.post(address, DATA | {"dwelling": str(dwelling.public_id)}).status_code == 302
    row = LegalEntity.objects.get(credit_code=CODE)
    assert (row.building, row.dwelling, row.area_code) == (dwelling.building, dwelling, dwelling.area_code)
    refusals(page, address, DATA, (({}, "已经登记了这个单位"), ({"name": "别的店"}, "已经有单位登记了")))
    assert DomainEvent.objects.filter(name="population.entity_registered").count() == 1


def test_a_correction_keeps_who_answers_for_it_unless_told(registry, client_of):
    row, page = registry.entities["shop"], client_of("clerk")
    html = page.get(of(row, "entity-edit")).content.decode()
    assert ("沈*" in html, "139****2051" in html, "沈芳" in html, "13912342051" in html) == (True, True, False, False)
    data = {
        "name": row.name,
        "kind": "trader",
        "trade": "零售",
        "source": "counter",
        "seen": row.changed_at.isoformat(),
    }
    assert page.post(of(row, "entity-edit"), data).status_code == 302
    row.refresh_from_db()
    assert (row.trade, str(row.representative), str(row.phone)) == ("零售", "沈芳", "13912342051")
    assert Revision.objects.get(kind="legalentity").before == {"trade": ""}
    assert page.post(of(row, "entity-edit"), data).status_code == 409
    assert page.post(of(row, "entity-edit"), data | {"seen": "", "no_contact": "on"}).status_code == 302
    row.refresh_from_db()
    assert (row.representative, row.phone) == (None, None)


def test_confirmed_and_closed(registry, client_of, world):
    row, page = registry.entities["shop"], client_of("head")
    assert page.post(of(row, "entity-confirm")).status_code == 302
    row.refresh_from_db()
    assert (row.confirmed_at, row.confirmed_by) == (MORNING, world.people["head"])
    refusals(page, of(row, "entity-close"), {"source": "door"}, (
        ({"closed_on": "2027-01-01"}, "这一天还没有到"), ({"closed_on": ""}, "日期没有看懂"),
    ))  # fmt: skip
    assert page.post(of(row, "entity-close"), {"closed_on": "2026-11-01", "source": "door"}).status_code == 302
    row.refresh_from_db()
    assert row.closed_on == date(2026, 11, 1)
    assert "已注销或迁走" in page.get(of(row, "entity")).content.decode()


def test_an_underground_space_is_entered_corrected_and_inspected(registry, client_of):
    page, address = client_of("head"), new_space(registry)
    refusals(page, address, SPACE, (
        ({"label": ""}, "请写这里叫什么"), ({"keeper_name": ""}, "请写管理人，或者选管理单位"),
        ({"keeper_phone": "1"}, "电话没有看懂"), ({"use": "x"}, "请选用途"), ({"level": "9"}, "6"),
    ))  # fmt: skip
    assert page.post(address, SPACE | {"building": str(registry.buildings["east"].public_id)}).status_code == 302
    row = UndergroundSpace.objects.get()
    assert (row.building, str(row.keeper_name)) == (registry.buildings["east"], "何军")
    keeper = registry.entities["shop"]
    changed = SPACE | {"keeper": str(keeper.public_id), "keeper_name": "", "keeper_phone": "", "no_contact": "on"}
    assert page.post(of(row, "space-edit"), changed).status_code == 302
    row.refresh_from_db()
    assert (row.keeper, row.keeper_name, row.keeper_phone) == (keeper, None, None)
    inspected = {"inspected_on": "2026-11-16", "inspect_due": "2027-11-16", "source": "door"}
    refusals(page, of(row, "space-inspect"), inspected, (
        ({"inspect_due": "2026-11-16"}, "下次检查要在这次以后"), ({"inspected_on": "2026-12-01"}, "这一天还没有到"),
    ))  # fmt: skip
    assert page.post(of(row, "space-inspect"), inspected).status_code == 302
    row.refresh_from_db()
    assert (row.inspected_on, row.inspect_due) == (date(2026, 11, 16), date(2027, 11, 16))


def test_who_answers_for_it_is_shown_once_and_logged(registry, client_of, world):
    row, page = registry.entities["shop"], client_of("head")
    assert page.post(of(row, "entity-reveal"), {}).status_code == 422
    html = page.post(of(row, "entity-reveal"), {"purpose": "registry_urgent"}).content.decode()
    assert ("沈芳" in html, "13912342051" in html) == (True, True)
    log = AccessLog.objects.get()
    assert (log.subject_ref, log.user, log.purpose) == (ref_of(row), world.people["head"], "registry_urgent")
    assert log.fields == ["phone", "representative"]
    assert "沈芳" not in page.get(of(row, "entity")).content.decode()
    assert client_of("supervisor").post(of(row, "entity-reveal"), {"purpose": "registry_urgent"}).status_code == 403


def test_who_may_not(registry, client_of):
    row = registry.entities["shop"]
    for address in (of(row, "entity-edit"), of(row, "entity-close"), new_entity(registry), new_space(registry)):
        assert client_of("head").get(address).status_code == 200, address
        assert client_of("supervisor").get(address).status_code == 403, address
        assert client_of("head_west").get(address).status_code == 404, address


def test_in_english(registry, client_of):
    row, page = registry.entities["shop"], client_of("head")
    client_of("head").post(new_space(registry), SPACE)
    space = UndergroundSpace.objects.get()
    page.cookies["liren_lang"] = "en"
    pages = [
        of(row, "entity-edit"), of(row, "entity-close"), new_entity(registry), new_space(registry),
        of(space, "space-edit"), of(space, "space-inspect"),
    ]  # fmt: skip
    for address in pages:
        assert chinese_in(page.post(address, {"credit_code": "O"}).content.decode()) == [], address
    for address, written in ((of(row, "entity"), row.name), (of(space, "space"), space.label)):
        assert chinese_in(page.get(address).content.decode(), written=(written,)) == []
