"""The catalogue editor: versions with who and why, the diff, retiring, moving, deleting, the pages."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from requests_intake.catalogue_texts import changes_between, snapshot_of
from requests_intake.models import Category, CategoryVersion, DispatchRule
from requests_intake.questions import Option, Question, QuestionKind, questions_of
from requests_intake.selectors.catalogue_pages import catalogue_tree, category_history, category_uses, wording_at
from requests_intake.services.catalogue import (
    category_activate,
    category_change,
    category_create,
    category_delete,
    category_move,
    question_put,
    question_remove,
)
from requests_intake.suggestion import categories_for
from tests.factories.world import MORNING, STREET, add_person
from tests.sql import assert_sql

LATER = MORNING + timedelta(hours=2)
LIT = Question(
    key="lit",
    kind=QuestionKind.ONE,
    label="全黑吗？",
    label_en="Is it all dark?",
    options=(Option("yes", "是", "Yes"), Option("no", "否", "No")),
)
POLE = Question(
    key="pole", kind=QuestionKind.LINE, label="灯杆", label_en="Pole", only_if="lit", only_if_codes=("yes",)
)


@pytest.fixture
def tree(world):
    """Two themes with a group each; the lamps and the noise stand in the first."""
    rows = {}
    for code, name in [("01", "城市"), ("0101", "设施"), ("02", "小区"), ("0201", "物业")]:
        rows[code] = Category.objects.create(code=code, name=name, name_en=f"Group {code}", policy_key="general")
    return rows


def change(world, category, *, at=LATER, version=None, actor="operations", reason="说清楚些", **values):
    category.refresh_from_db()
    return category_change(
        category=category,
        version=category.version if version is None else version,
        values=values,
        reason=reason,
        actor=world.viewer(actor),
        at=at,
    )


def put(world, category, question, position=9, **values):
    category.refresh_from_db()
    return question_put(
        category=category,
        version=category.version,
        question=question,
        position=position,
        reason="要问清",
        actor=world.viewer("operations"),
        at=values.get("at", LATER),
    )


def test_each_change_is_a_version_and_old_requests_keep_their_words(world, django_capture_on_commit_callbacks):
    lamp = world.categories["lamp"]
    request = world.submit().request
    with django_capture_on_commit_callbacks(execute=True):
        change(world, lamp, guide="请写灯杆编号。", closing="灯亮了")
    change(world, lamp, at=LATER + timedelta(hours=1), name="路灯坏了", reason="居民这样说")
    versions = list(CategoryVersion.objects.filter(category=lamp))
    assert [(one.version, one.by, one.reason) for one in versions] == [
        (1, None, ""),
        (2, world.people["operations"], "说清楚些"),
        (3, world.people["operations"], "居民这样说"),
    ]
    assert wording_at(lamp, request.submitted_at).snapshot["name"] == "路灯不亮"
    assert wording_at(lamp, request.submitted_at).snapshot["closing"] == ""
    assert wording_at(lamp, LATER + timedelta(minutes=1)).snapshot["closing"] == "灯亮了"
    newest = category_history(lamp)[0]
    assert [(one.label, one.before, one.after) for one in newest.changes] == [("名称", "路灯不亮", "路灯坏了")]
    event = DomainEvent.objects.filter(name="requests_intake.category_changed").latest("pk")
    assert event.payload == {"code": "010101", "version": 3, "fields": ["name"]}


def test_residents_read_the_change_at_once(world, django_capture_on_commit_callbacks):
    assert not categories_for("灯杆倒了").categories
    with django_capture_on_commit_callbacks(execute=True):
        change(world, world.categories["lamp"], keywords=["灯杆"])
    assert categories_for("灯杆倒了").categories == [world.categories["lamp"]]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name_en": ""}, "name_en"),
        ({"name": "长" * 41}, "name"),
        ({"policy_key": "nothing"}, "policy_key"),
        ({"stop_text": "请打 110", "stop_text_en": "Call 110"}, "stop_phone"),
        ({"stop_text": "请打 110", "stop_phone": "110"}, "stop_text_en"),
        ({"stop_phone": "110"}, "stop_text"),
        ({"urgency": "someday"}, "urgency"),
        ({"acceptance": "长" * 201}, "acceptance"),
        ({"keywords": ["长" * 21]}, "keywords"),
        ({"name": "路灯不亮"}, None),  # nothing changes
    ],
)
def test_what_is_refused(world, values, field):
    with pytest.raises(DomainError) as refused:
        change(world, world.categories["lamp"], **values)
    assert refused.value.field == field
    assert not CategoryVersion.objects.exists()


def test_the_reason_is_asked_for_and_the_second_of_two_editors_is_told(world):
    lamp = world.categories["lamp"]
    with pytest.raises(DomainError) as refused:
        change(world, lamp, name="灯", reason=" ")
    assert refused.value.field == "reason"
    change(world, lamp, name="灯")
    with pytest.raises(StaleState):
        change(world, lamp, name="路灯", version=1)


def test_only_who_edits_for_the_whole_district(world):
    add_person(world, "street_admin", "operations_admin", STREET, world.organisations["street"])
    for name in ("administrator", "dispatcher", "supervisor", "street_admin"):
        with pytest.raises(Forbidden):
            change(world, world.categories["lamp"], actor=name, name="灯")


def test_questions_are_versions_too(world):
    lamp = world.categories["lamp"]
    put(world, lamp, LIT)
    saved = put(world, lamp, POLE)
    assert [one.key for one in questions_of(saved.questions)] == ["lit", "pole"]
    with pytest.raises(DomainError):  # what hangs on another question stands after it
        put(world, lamp, POLE, position=0)
    with pytest.raises(DomainError) as refused:
        question_remove(category=saved, version=3, key="lit", reason="x", actor=world.viewer("operations"), at=LATER)
    assert refused.value.code == "question_needed"
    history = category_history(lamp)
    assert history[0].changes[0].label == "附加问题：灯杆"
    assert "只在“全黑吗？”答“是”时问" in history[0].changes[0].after
    question_remove(category=saved, version=3, key="pole", reason="x", actor=world.viewer("operations"), at=LATER)
    assert category_history(lamp)[0].changes[0].after == ""
    with pytest.raises(DomainError):
        put(world, Category.objects.create(code="09", name="类", name_en="Group", policy_key="general"), LIT)


def test_the_order_of_questions_is_a_change(world):
    lamp = world.categories["lamp"]
    other = Question("since", QuestionKind.DATE, "从哪天起", "Since when")
    put(world, lamp, LIT)
    put(world, lamp, other)
    put(world, lamp, other, position=0)
    assert category_history(lamp)[0].changes[0].label == "附加问题的顺序"


def test_a_retired_category_cannot_be_chosen_and_stays_where_it_is(world, tree, django_capture_on_commit_callbacks):
    lamp, actor = world.categories["lamp"], world.viewer("operations")
    request = world.submit().request
    with pytest.raises(DomainError) as refused:
        category_activate(category=tree["0101"], version=1, is_active=False, reason="x", actor=actor, at=LATER)
    assert refused.value.code == "items_below"
    with django_capture_on_commit_callbacks(execute=True):
        category_activate(category=lamp, version=1, is_active=False, reason="并到别处", actor=actor, at=LATER)
    with pytest.raises(DomainError) as refused:
        world.submit()
    assert refused.value.field == "category"
    request.refresh_from_db()
    assert request.category == lamp
    with django_capture_on_commit_callbacks(execute=True):
        category_activate(category=lamp, version=2, is_active=True, reason="恢复", actor=actor, at=LATER)
    assert world.submit().request.category == lamp


def test_a_category_in_use_is_not_deleted(world, tree):
    lamp, actor = world.categories["lamp"], world.viewer("operations")
    world.submit()
    uses = category_uses(lamp)
    assert (uses.requests, uses.rules, uses.below) == (1, 1, 0)
    for category in (lamp, tree["0101"]):
        with pytest.raises(DomainError) as refused:
            category_delete(category=category, reason="x", actor=actor, at=LATER)
        assert refused.value.code == "category_in_use"
    change(world, world.categories["noise"], name="噪声")
    category_delete(category=world.categories["noise"], reason="没人用", actor=actor, at=LATER)
    assert not Category.objects.filter(code="010102").exists()
    with pytest.raises(StaleState):
        category_delete(category=world.categories["noise"], reason="没人用", actor=actor, at=LATER)


def test_moving_takes_all_below_along_and_the_rules_follow(world, tree):
    actor = world.viewer("operations")
    moved = category_move(category=tree["0101"], parent=tree["02"], reason="归到小区", actor=actor, at=LATER)
    assert moved.code == "0202"
    world.categories["lamp"].refresh_from_db()
    assert world.categories["lamp"].code == "020201"
    assert DispatchRule.objects.filter(category_prefix="020201").exists()
    assert not DispatchRule.objects.filter(category_prefix="010101").exists()
    assert world.submit().request.category.code == "020201"
    assert category_history(world.categories["lamp"])[0].changes[0].after == "020201"
    for parent in (tree["01"], tree["0201"], None):
        with pytest.raises(DomainError) as refused:
            category_move(
                category=world.categories["lamp"], parent=parent, reason="x", actor=actor, at=LATER
            ) if parent != tree["0201"] else category_move(
                category=tree["0201"], parent=tree["02"], reason="x", actor=actor, at=LATER
            )
        assert refused.value.field == "parent"


def test_a_new_category_gets_the_next_code(world, tree):
    actor = world.viewer("operations")
    values = {"name": "井盖", "name_en": "Manhole covers", "policy_key": "urgent", "keywords": ["井盖"]}
    made = category_create(parent=tree["0101"], values=values, reason="新开", actor=actor, at=LATER)
    assert (made.code, made.version) == ("010104", 1)
    theme = category_create(
        parent=None, values={"name": "新类", "name_en": "New"}, reason="新开", actor=actor, at=LATER
    )
    assert theme.code == "03"
    with pytest.raises(DomainError):
        category_create(parent=made, values=values, reason="新开", actor=actor, at=LATER)


def test_the_diff_says_what_people_call_things(world):
    lamp = world.categories["lamp"]
    before = snapshot_of(lamp)
    lamp.is_public, lamp.urgency, lamp.keywords, lamp.duty_item = False, "urgent", ["灯"], None
    rows = {one.label: (one.before, one.after) for one in changes_between(before, snapshot_of(lamp))}
    assert rows == {
        "默认可以公开": ("是", "否"),
        "紧急程度": ("一般", "紧急"),
        "关键词": ("路灯 灯不亮 照明", "灯"),
        "履职清单": ("B-1 基本", ""),
    }


def test_the_tree_finds_words(tree):
    found = catalogue_tree(words="灯不亮")
    assert [one.category.code for one in found] == ["01"]
    assert [one.category.code for one in found[0].below[0].below] == ["010101"]
    assert catalogue_tree(words="没有这样的事") == []


@pytest.fixture
def today(time_machine):
    time_machine.move_to(LATER, tick=False)


def posted(category, **changes):
    values = {
        "name": category.name,
        "name_en": category.name_en,
        "guide": category.guide,
        "keywords": " ".join(category.keywords),
        "policy_key": category.policy_key,
        "urgency": category.urgency,
        "duty_item": category.duty_item_id,
        "is_public": "on",
        "needs_place": "on",
        "version": category.version,
        "reason": "说清楚些",
    }
    return values | changes


@pytest.mark.usefixtures("today")
def test_a_change_is_looked_at_before_it_is_saved(world, client_of):
    lamp, client = world.categories["lamp"], client_of("operations")
    address = reverse("intake:category-edit", args=[lamp.pk])
    assert client.post(address, posted(lamp)).status_code == 422  # nothing changed
    looked = client.post(address, posted(lamp, guide="请写灯杆编号。"))
    assert "请写灯杆编号。" in looked.content.decode()
    lamp.refresh_from_db()
    assert lamp.guide == ""
    digest = looked.context["digest"]
    other = client.post(address, posted(lamp, guide="别的话。", reviewed=digest))  # changed again after the look
    assert other.status_code == 200
    lamp.refresh_from_db()
    assert lamp.guide == ""
    assert client.post(address, posted(lamp, guide="请写灯杆编号。", reviewed=digest)).status_code == 302
    lamp.refresh_from_db()
    assert (lamp.guide, lamp.version) == ("请写灯杆编号。", 2)
    read_first = posted(lamp, needs_review="on")  # an office decides itself whose answers are read before
    digest = client.post(address, read_first).context["digest"]
    client.post(address, read_first | {"reviewed": digest})
    lamp.refresh_from_db()
    assert (lamp.needs_review, lamp.version) == (True, 3)
    refused = client.post(address, posted(lamp, name="", guide="保留我"))
    assert refused.status_code == 422
    assert "保留我" in refused.content.decode()
    page = client.get(reverse("intake:category", args=[lamp.pk])).content.decode()
    assert "第 2 版" in page
    assert "改了 1 处" in page


QUESTION = {
    "label": "是什么灯？",
    "label_en": "What lamp?",
    "kind": "one",
    "position": "0",
    "rows": "3",
    "option_0_label": "路灯",
    "option_0_label_en": "Street lamp",
    "option_1_label": "楼道灯",
    "option_1_label_en": "Stairwell",
    "option_1_notice": "由物业修",
    "option_1_notice_en": "The firm repairs it",
    "version": "1",
    "reason": "派得准",
}


@pytest.mark.usefixtures("today")
def test_the_page_of_a_question(world, client_of):
    lamp, client = world.categories["lamp"], client_of("operations")
    new = reverse("intake:question-new", args=[lamp.pk])
    more = client.post(new, QUESTION | {"more": "1"})
    assert 'name="option_5_label"' in more.content.decode()
    assert "由物业修" in more.content.decode()
    refused = client.post(new, QUESTION | {"option_1_label_en": "", "option_1_label": ""})
    assert refused.status_code in (200, 422)
    looked = client.post(new, QUESTION)
    assert "– 楼道灯 / Stairwell" in looked.content.decode()
    saved = client.post(new, QUESTION | {"reviewed": looked.context["digest"]})
    assert saved.status_code == 302
    lamp.refresh_from_db()
    question = questions_of(lamp.questions)[0]
    assert [(one.label, one.notice) for one in question.options] == [("路灯", ""), ("楼道灯", "由物业修")]
    edit = reverse("intake:question", args=[lamp.pk, question.key])
    assert "由物业修" in client.get(edit).content.decode()
    second = QUESTION | {
        "label": "灯杆",
        "label_en": "Pole",
        "kind": "line",
        "condition": [f"{question.key}:{question.options[0].code}"],
        "position": "1",
        "version": "2",
    }
    looked = client.post(new, second)
    assert client.post(new, second | {"reviewed": looked.context["digest"]}).status_code == 302
    drop = reverse("intake:question-drop", args=[lamp.pk, question.key])
    needed = client.post(drop, {"version": "3", "reason": "不问了"})
    assert needed.status_code == 422
    assert "要看它的答案" in needed.content.decode()
    assert client.get(reverse("intake:question", args=[lamp.pk, "gone"])).status_code == 404


@pytest.mark.usefixtures("today")
def test_the_other_pages(world, tree, client_of):
    lamp, client = world.categories["lamp"], client_of("operations")
    assert "路灯不亮" in client.get(reverse("intake:catalogue")).content.decode()
    world.submit(at=MORNING)
    page = client.get(reverse("intake:category", args=[lamp.pk])).content.decode()
    assert "1 件诉求" in page
    assert "1 条派单规则" in page
    move = reverse("intake:category-move", args=[lamp.pk])
    assert client.post(move, {"parent": "", "reason": "x"}).status_code == 422
    assert client.post(move, {"parent": tree["0201"].pk, "reason": "归到物业"}).status_code == 302
    delete = reverse("intake:category-delete", args=[lamp.pk])
    assert "不能删" in client.post(delete, {"reason": "x"}).content.decode()
    use = reverse("intake:category-use", args=[lamp.pk])
    assert client.post(use, {"active": "0", "reason": "", "version": "2"}).status_code == 422
    assert client.post(use, {"active": "0", "reason": "停用", "version": "2"}).status_code == 302
    assert client.post(reverse("intake:category-preview", args=[lamp.pk])).status_code == 404
    assert "路灯不亮" not in client.get(reverse("intake:catalogue")).content.decode()
    assert "路灯不亮" in client.get(reverse("intake:catalogue"), {"retired": "1"}).content.decode()
    new = reverse("intake:category-new")
    made = client.post(f"{new}?under={tree['02'].pk}", {"name": "停车", "name_en": "Parking", "reason": "新开"})
    assert made.status_code == 302
    assert Category.objects.get(name="停车").code == "0202"
    assert client.get(f"{new}?under={lamp.pk}").status_code == 404


@pytest.mark.usefixtures("today")
def test_who_sees_the_pages(world, client_of):
    add_person(world, "street_admin", "operations_admin", STREET, world.organisations["street"])
    lamp = world.categories["lamp"]
    assert client_of("dispatcher").get(reverse("intake:catalogue")).status_code == 403
    assert client_of("street_admin").get(reverse("intake:category", args=[lamp.pk])).status_code == 200
    assert client_of("street_admin").get(reverse("intake:category-edit", args=[lamp.pk])).status_code == 403
    use = reverse("intake:category-use", args=[lamp.pk])
    assert client_of("street_admin").post(use, {"active": "0", "reason": "x", "version": "1"}).status_code == 403


@pytest.mark.usefixtures("today")
def test_the_tree_asks_the_database_little(world, tree, client_of):
    client = client_of("operations")
    client.get(reverse("intake:catalogue"))
    with assert_sql(4, at_most=True):  # session, person, viewer; the catalogue
        client.get(reverse("intake:catalogue"))
