"""Tables of people: mapped, judged row by row, written by a job once, decided by hand, taken back."""

import csv
import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from governance.jobs.models import Job, State
from governance.jobs.services import job_cancel, job_run
from governance.outbox.models import DomainEvent
from governance.text.check_digits import id_check_character
from population.import_people import WORDS
from population.models import Building, Dwelling, Household, Person, RegistryImport, Residency, Revision
from population.services.imports import KEPT, imports_expire
from population.services.people import PersonData, person_change

HOME = "/staff/registry/imports/"
KEYS = {
    "姓名": "name",
    "性别": "sex",
    "出生日期": "birth_date",
    "证件类型": "document_kind",
    "证件号码": "document_number",
    "电话": "phone",
    "住址": "address",
    "居住类型": "kind",
    "与户主的关系": "relation",
    "户号": "household",
    "从哪天起住": "since",
    "人住在这里": "lives",
}
TITLES = list(KEYS)
EMPTY = "槐安里7幢1单元101"  # where nobody lives


@pytest.fixture
def head(client_of, registry):
    return client_of("head")


def number(body):
    return body + id_check_character(body)


def person(name="沈芳", **changes):
    """A good row, by key."""
    good = {"name": name, "kind": "常住", "address": EMPTY, "since": "2020-01-05"}
    return {key: value for key, value in (good | changes).items() if value}


def numbered(registry, name, body):
    """Give somebody of the registry a number that adds up."""
    found, text = registry.people[name], number(body)
    digest = Person._meta.get_field("document_index").digest(text)
    Person.objects.filter(pk=found.pk).update(document_number=text, document_index=digest, document_kind="111")
    return text


def table(*rows, titles=TITLES, encoding="utf-8"):
    out = io.StringIO()
    lines = [[row.get(KEYS.get(title, title), "") for title in titles] for row in rows]
    csv.writer(out).writerows([titles, *lines])
    return out.getvalue().encode(encoding)


def handed_in(client, body, name="people.csv"):
    file = io.BytesIO(body)
    file.name = name
    answer = client.post(HOME, {"file": file, "key": uuid4(), "kind": "people"})
    assert answer.status_code == 302, answer.content.decode()
    return RegistryImport.objects.get(public_id=answer["Location"].split("/")[-2])


def page(client, row):
    answer = client.get(f"{HOME}{row.public_id}/")
    assert answer.status_code == 200
    return answer.content.decode()


def run(row):
    row.refresh_from_db()
    done = job_run(job_id=row.job.pk, clock=timezone.now)
    row.refresh_from_db()
    return done


def checked(client, row, **changes):
    fields = {KEYS[title]: title for title in row.titles if title in KEYS}
    said = {"version": row.version, "rule": "fill", **fields, **changes}
    answer = client.post(f"{HOME}{row.public_id}/", said)
    assert answer.status_code == 302, answer.content.decode()
    assert run(row).state == State.DONE
    return row


def written(client, row):
    answer = client.post(f"{HOME}{row.public_id}/write/", {"version": row.version})
    assert answer.status_code == 302
    assert run(row).state == State.DONE
    return row


def imported(client, *rows, **changes):
    return written(client, checked(client, handed_in(client, table(*rows)), **changes))


def undone(client, row):
    assert client.post(f"{HOME}{row.public_id}/undo/").status_code == 302
    assert run(row).state == State.DONE
    return row


def counts(row):
    return [
        sum(getattr(part, name) for part in row.parts.all()) for name in ("new", "changed", "same", "asked", "refused")
    ]


def faults(client, row):
    """(line, what is wrong) from the file of faulty rows."""
    book = load_workbook(io.BytesIO(client.get(f"{HOME}{row.public_id}/faults/").content))
    lines = list(book.active.values)[1:]
    return {int(line[-2]): line[-1] for line in lines}


def everything():
    return (Person.objects.count(), Residency.objects.count(), Household.objects.count(), Dwelling.objects.count())


FAMILY = [
    person("沈国强", sex="男", document_number=number("11010519600101003"), relation="户主", birth_date="1960-01-01"),
    person("冯丽", sex="女", birth_date="1962-02-02", relation="妻子", phone="13912340077"),
    person("沈芳", birth_date="1990-03-03", relation="长女"),
    person("外人", birth_date="1991-03-03", address="槐安里7幢1单元102", kind="租户"),
]


def test_a_table_goes_in_once_and_goes_back(registry, head):
    before = everything()
    row = checked(head, handed_in(head, table(*FAMILY, encoding="gb18030"), "人员.csv"))
    assert counts(row) == [4, 0, 0, 0, 0]
    assert everything() == before  # nothing is written by looking
    assert "写入 4 行" in page(head, row)
    written(head, row)
    assert counts(row) == [4, 0, 0, 0, 0]
    made = Person.objects.get(
        document_index=Person._meta.get_field("document_index").digest(number("11010519600101003"))
    )
    assert (made.name, made.source, made.sex, made.birth_year) == ("沈国强", "import", "1", 1960)
    assert made.home == registry.dwellings["7幢1单元101"]
    stays = Residency.objects.filter(dwelling=made.home).order_by("relation")
    assert [(one.person.name, one.relation, one.kind) for one in stays] == [
        ("沈国强", "0", "usual"), ("冯丽", "1", "usual"), ("沈芳", "3", "usual"),
    ]  # fmt: skip
    assert len({one.household_id for one in stays}) == 1
    assert stays[0].household.formed_on == date(2020, 1, 5)
    lone = Residency.objects.get(dwelling=registry.dwellings["7幢1单元102"])
    assert (lone.relation, lone.kind) == ("0", "mobile")  # the first in a household is its head
    assert DomainEvent.objects.filter(name="population.person_registered").count() == 4
    assert DomainEvent.objects.filter(name="population.moved_in").count() == 4
    assert DomainEvent.objects.get(name="population.registry_imported").payload["made"] == 4
    assert not row.pieces.exists()  # the file is gone

    again = imported(head, *FAMILY)
    assert counts(again) == [0, 0, 4, 0, 0]
    assert everything() == tuple(a + b for a, b in zip(before, (4, 4, 2, 0), strict=True))

    undone(head, row)
    assert everything() == before
    assert "都撤回了" in page(head, row)
    assert head.post(f"{HOME}{row.public_id}/undo/").status_code == 409
    assert DomainEvent.objects.filter(name="population.moved_out").count() == 4


ID = number("11010519700101003")
BAD = [
    (person(""), "请写姓名"),
    (person(document_number="110105197001010031"), "最后一位"),
    (person(sex="雄"), "没有看懂“雄”"),
    (person(birth_date="1990-02-30"), "没有“1990-02-30”这一天"),
    (person(birth_date="2999-01-01"), "年份不对"),
    (person(since="昨天"), "不是日期"),
    (person(since="2999-01-01"), "年份不对"),
    (person(birth_date="2021-01-05"), "早于出生日期（2021-01-05）"),
    (person(phone="12"), "不像电话号码"),
    (person(relation="邻居"), "“邻居”没有看懂"),
    (person(kind=""), "空着"),
    (person(address=""), "没有写住址"),
    (person(address="没有的小区9幢101"), "没有这栋楼"),
    (person(address="7幢1单元101"), "没有写小区"),
    (person(address="槐安里7幢1单元"), "没有写室号"),
    (person(address="槐安里7幢101"), "这栋楼有几个单元"),
    (person(address="槐安里7幢5单元101"), "没有这个单元"),
    (person(address="槐安里7幢1单元109"), "没有这个户室"),
    (person(address="槐安里7幢1单元501"), "没有这么高"),
    (person(address="槐安里7幢1单元401"), "没有这一层"),
    (person(address="桐里2幢1单元101"), "不在您可以导入的范围里"),
    (person("示例（请删掉这一行）"), "示例行"),
    (person("周建国", document_number="11010519491231002X"), "住在别处"),
    (person("头一个", document_number=ID), ""),
    (person("又一个", document_number=ID.lower()), "和第 25 行是同一个人"),
    (person("张三", address="槐安里7幢1单元301", relation="户主", since="2017-01-01", household="9"), ""),
    (person("李四", address="槐安里7幢1单元301", relation="户主", household="9"), "这一户已经有户主"),
    (person("王五", address="槐安里7幢2单元101", since="2010-01-01"), "2018-05-01 才立户"),
]  # fmt: skip


def test_each_fault_is_said_in_words_and_only_that_row_stays_out(registry, head):
    """And the file of faulty rows, mended, goes in by the mapping that is remembered."""
    Building.objects.filter(pk=registry.buildings["east"].pk).update(skipped_floors=[4], floors_above=4)
    numbered(registry, "周建国", "11010519491231002")
    named = [one | {"name": f"沈芳{n}"} if one.get("name") == "沈芳" else one for n, (one, _words) in enumerate(BAD)]
    row = checked(head, handed_in(head, table(*named)))
    told = faults(head, row)
    for line, (_one, words) in enumerate(BAD, start=2):
        assert words in told[line] if words else line not in told, (line, words, told.get(line))
    assert counts(row) == [2, 0, 0, 0, len(BAD) - 2]
    shown = page(head, row)
    assert "没有这栋楼，请先登记" in shown
    written(head, row)
    assert Person.objects.filter(source="import").count() == 2

    body = head.get(f"{HOME}{row.public_id}/faults/").content
    book = load_workbook(io.BytesIO(body))
    sheet = book.active
    titles = [cell.value for cell in sheet[1]]
    for line in range(sheet.max_row, 2, -1):
        sheet.delete_rows(line)
    for title, value in {"姓名": "改好了", "居住类型": "常住", "住址": EMPTY, "从哪天起住": date(2021, 5, 1)}.items():
        sheet.cell(row=2, column=titles.index(title) + 1, value=value)
    out = io.BytesIO()
    book.save(out)
    again = handed_in(head, out.getvalue(), "mended.xlsx")
    assert '<option value="住址" selected>' in page(head, again)
    assert counts(checked(head, again)) == [1, 0, 0, 0, 0]


def test_the_rule_says_what_happens_to_people_who_are_known(registry, head):
    known = registry.people["周梅"]
    there, document = "槐安里7幢1单元301", numbered(registry, "周梅", "11010519800707002")
    said = person("周玫", document_number=document, phone="13900001111", address=there, relation="户主")
    Person.objects.filter(pk=known.pk).update(phone=None, phone_index="")
    assert counts(imported(head, said, rule="keep")) == [0, 0, 1, 0, 0]
    assert counts(imported(head, said, rule="fill")) == [0, 1, 0, 0, 0]
    known.refresh_from_db()
    assert (known.name, known.phone) == ("周梅", "13900001111")
    refused = checked(head, handed_in(head, table(said)), rule="take")
    assert "这一户已经有户主" in faults(head, refused)[2]  # two heads
    row = imported(head, said | {"relation": "女儿", "phone": ""}, rule="take")
    known.refresh_from_db()
    stay = known.residencies.get()
    assert (known.name, known.phone, stay.kind) == ("周玫", "13900001111", "usual")
    assert Revision.objects.filter(kind="residency", record_id=stay.pk).latest("pk").before == {"kind": "registered"}
    undone(head, row)
    known.refresh_from_db()
    stay.refresh_from_db()
    assert (known.name, stay.kind) == ("周梅", "registered")


def test_a_family_moves_and_moves_back(registry, head):
    family = [
        ("周建国", numbered(registry, "周建国", "11010519491231002"), "户主"),
        ("林秀英", numbered(registry, "林秀英", "11010519520315002"), "配偶"),
        ("周梅", numbered(registry, "周梅", "11010519800707002"), "女"),
    ]
    rows = [person(name, document_number=n, relation=relation, since="2024-06-01") for name, n, relation in family]
    alone = checked(head, handed_in(head, table(rows[0])), rule="take")
    assert "请先在登记里换户主" in faults(head, alone)[2]
    before = everything()
    row = imported(head, *rows, rule="take")
    assert counts(row) == [0, 3, 0, 0, 0]
    old, new = registry.households["7幢1单元301"], registry.dwellings["7幢1单元101"]
    old.refresh_from_db()
    assert old.ended_on == date(2024, 6, 1)
    assert {one.to_date for one in old.residencies.all()} == {date(2024, 6, 1)}
    assert {one.home for one in Person.objects.filter(pk__in=[registry.people[name].pk for name, *_ in family])} == {
        new
    }
    undone(head, row)
    old.refresh_from_db()
    assert old.ended_on is None
    assert old.residencies.current().count() == 3
    assert {registry.people[name].residencies.current().get().dwelling for name, *_ in family} == {old.dwelling}
    assert everything() == before
    assert Person.objects.get(pk=registry.people["周梅"].pk).home == old.dwelling


def test_namesakes_behind_one_door_are_decided_by_hand(registry, head, client_of):
    there = "槐安里7幢2单元101"
    rows = [
        person("欧阳小明", birth_date="1995-01-20", phone="13900002222", address=there),
        person("欧阳小明", birth_date="1996-01-20", address=there),  # another day of birth: another person
        person("欧阳小明", birth_date="1995-01-20", document_number=number("11010519950120003"), address=there),
    ]
    row = checked(head, handed_in(head, table(*rows)))
    assert counts(row) == [1, 0, 0, 2, 0]
    shown = page(head, row)
    assert "是同一个人" in shown
    assert "欧阳**" in shown  # the registry's side is masked
    assert "13912342049" not in shown
    known = registry.people["欧阳小明"]
    answer = f"{HOME}{row.public_id}/answer/"
    assert client_of("head_west").post(answer, {"line": 2, "answer": "new"}).status_code == 404
    assert head.post(answer, {"line": 3, "answer": "new"}).status_code == 409  # nothing to decide
    assert head.post(answer, {"line": 2, "answer": "x"}).status_code == 404
    head.post(answer, {"line": 2, "answer": registry.people["周梅"].pk})  # nobody it may be
    row.refresh_from_db()
    assert row.parts.get().answers == {}
    written(head, row)
    assert Person.objects.filter(source="import").count() == 1
    assert head.post(answer, {"line": 4, "answer": known.pk}).status_code == 302
    assert head.post(answer, {"line": 2, "answer": "out"}).status_code == 302
    assert "接着写入" in page(head, row)
    written(head, row)
    known.refresh_from_db()
    assert known.document_number == number("11010519950120003")
    assert Person.objects.filter(source="import").count() == 1
    assert counts(row) == [1, 1, 0, 1, 0]


def test_doors_are_made_where_the_building_has_the_floor(registry, head):
    rows = [
        person("甲", address="槐安里7号楼一单元303室", relation="户主"),
        person("乙", address="槐安里7栋1单元303", relation="子"),
        person("丙", address="槐安里7幢2单元901"),
    ]
    row = imported(head, *rows, makes_dwellings="on")
    assert counts(row) == [2, 0, 0, 0, 1]
    made = Dwelling.objects.get(door="303")
    assert (made.floor, made.entrance.name, made.source) == (3, "1单元", "import")
    assert made.households.get().residencies.count() == 2
    undone(head, row)
    assert not Dwelling.objects.filter(door="303").exists()


def test_undoing_leaves_what_somebody_has_touched_since(registry, head, world):
    row = imported(head, *FAMILY)
    made = Person.objects.get(phone_index=Person._meta.get_field("phone_index").digest("13912340077"))
    data = PersonData(name="冯莉", sex="2", birth_date=date(1962, 2, 2))
    person_change(person=made, data=data, source="door", actor=world.viewer("head"), at=timezone.now())
    undone(head, row)
    shown = page(head, row)
    assert "导入以后有人改过" in shown
    assert Person.objects.filter(source="import").count() == 0  # confirmed at the door by now
    assert made.residencies.count() == 1
    late = imported(head, FAMILY[3])
    RegistryImport.objects.filter(pk=late.pk).update(written_at=timezone.now() - timedelta(days=8))
    assert "撤回这次导入" not in page(head, late)
    assert head.post(f"{HOME}{late.public_id}/undo/").status_code == 409


def test_a_cancelled_job_goes_on_where_it_stopped(registry, head, world, monkeypatch):
    monkeypatch.setattr("governance.jobs.services.running.STEP_ROWS", 2)
    monkeypatch.setattr("population.services.imports.PARTS_AT_ONCE", 1)
    rows = [
        person(f"人{n}", birth_date=f"1990-01-{n + 1:02}", address=f"槐安里7幢{n // 4 + 1}单元{n % 3 + 1}02")
        for n in range(7)
    ]
    row = checked(head, handed_in(head, table(*rows)))
    assert row.parts.count() == 4
    head.post(f"{HOME}{row.public_id}/write/", {"version": row.version})
    row.refresh_from_db()
    from governance.jobs.services import running

    assert running._begin(row.job.pk, timezone.now())
    assert running._step(row.job.pk, timezone.now()).is_active
    assert Person.objects.filter(source="import").count() == 2
    job_cancel(job=row.job, actor=world.viewer("head"), at=timezone.now())
    assert job_run(job_id=row.job.pk, clock=timezone.now).state == State.CANCELLED
    assert (
        head.post(
            f"{HOME}{row.public_id}/", {"version": row.version, "rule": "fill", "name": "姓名", "address": "住址"}
        ).status_code
        == 409
    )
    assert "接着写入" in page(head, row)
    written(head, row)
    assert Person.objects.filter(source="import").count() == 7
    undone(head, row)
    assert Person.objects.filter(source="import").count() == 0


def test_a_row_that_the_database_refuses_stays_out_alone(registry, head, monkeypatch):
    from population.services import import_people

    row = checked(head, handed_in(head, table(*FAMILY)))
    real, refused = import_people._Batch._newcomers, []

    def refuse(batch):
        real(batch)
        if any(str(one.name) == "沈芳" for one in batch.people.values()):
            refused.append(len(batch.rows))
            Person.objects.filter(pk=batch.people[2].pk if 2 in batch.people else batch.people[4].pk).update(
                area_code="x"
            )

    monkeypatch.setattr(import_people._Batch, "_newcomers", refuse)
    written(head, row)
    assert refused == [4, 1]
    assert counts(row) == [3, 0, 0, 0, 1]
    assert "人要登记在一个社区或网格里" in faults(head, row)[4]
    assert Residency.objects.filter(dwelling=registry.dwellings["7幢1单元101"]).count() == 2


def test_whose_it_is_and_what_is_kept_of_it(registry, head, client_of, world):
    for name in ("grid_worker", "clerk", "dispatcher", "administrator"):
        assert client_of(name).get(HOME).status_code in (403, 404), name
    row = checked(head, handed_in(head, table(*FAMILY), "沈国强一家.csv"))
    other = client_of("supervisor")
    assert other.get(HOME).status_code == 200
    for way in ("", "faults/"):
        assert other.get(f"{HOME}{row.public_id}/{way}").status_code == 404
    for way in ("write/", "undo/", "drop/"):
        assert other.post(f"{HOME}{row.public_id}/{way}").status_code == 404
    secrets = ("沈国强", "13912340077", "1101051960")
    with connection.cursor() as cursor:
        for name in ("registryimport", "registryimportpart", "registryimportpiece"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM population_{name} t")
            stored = cursor.fetchone()[0]
            hidden = [form for text in secrets for form in (text, text.encode().hex())]
            assert not [one for one in hidden if one in stored]
    told = [*Job.objects.values_list("params", "error"), *DomainEvent.objects.values_list("payload", "subject_ref")]
    assert not [text for text in secrets if text in str(told)]
    assert imports_expire(at=row.created_at + KEPT) == 0
    assert imports_expire(at=row.created_at + KEPT + timedelta(seconds=1)) > 0
    assert not RegistryImport.objects.exists()


def test_the_template_goes_in_as_it_came(registry, head):
    body = head.get(f"{HOME}template/people/").content
    sheet = load_workbook(io.BytesIO(body)).active
    assert sheet["A1"].value == "姓名 *"
    assert sheet["A1"].comment is not None
    row = checked(head, handed_in(head, body, "t.xlsx"))
    assert "示例行" in faults(head, row)[2]
    assert head.get(f"{HOME}template/x/").status_code == 404


def test_an_excel_of_others_with_a_merged_heading(registry, head):
    book = Workbook()
    sheet = book.active
    sheet.append(["槐安社区人员台账"])
    sheet.merge_cells("A1:E1")
    sheet.append(["姓名", "身份证号", "小区", "楼号", "单元号", "房号", "人员类别", "迁入日期"])
    sheet.append(["孙悦", number("11010519850505002"), "槐安里", 7, 1, 102, "户籍", 43831])
    out = io.BytesIO()
    book.save(out)
    row = handed_in(head, out.getvalue(), "a.xlsx")
    shown = page(head, row)
    assert "合并的单元格" in shown
    assert '<option value="房号" selected>' in shown
    fields = {
        "name": "姓名",
        "document_number": "身份证号",
        "estate": "小区",
        "building": "楼号",
        "entrance": "单元号",
        "door": "房号",
    }
    fields |= {"kind": "人员类别", "since": "迁入日期", "takes_from_number": "on"}
    written(head, checked(head, row, **fields))
    made = Person.objects.get(source="import")
    assert (made.birth_date, made.sex) == ("1985-05-05", "2")
    assert made.residencies.get().from_date == date(2020, 1, 1)


def test_every_word_for_a_fault_says_something():
    assert all(str(words) for words in WORDS.values())
