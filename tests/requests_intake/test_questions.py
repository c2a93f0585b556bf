"""Extra questions of a category: conditions, required answers, stoppers; in the flow with and without script."""

import pytest
from django.urls import reverse

from governance.errors import DomainError
from requests_intake.models import Category, Draft, RequestAnswers, ServiceRequest
from requests_intake.questions import (
    Option,
    Question,
    QuestionKind,
    answer_rows,
    asked,
    check_questions,
    kept_answers,
    questions_of,
    raw_of,
)
from requests_intake.selectors.catalogue import catalogue_forget
from tests.factories.world import MORNING
from tests.requests_intake.resident import Resident
from tests.requests_intake.test_entry import TOLD
from tests.sql import assert_sql

WHAT = Question(
    key="what",
    kind=QuestionKind.ONE,
    label="是什么灯？",
    label_en="What kind of lamp?",
    required=True,
    options=(
        Option("street", "路灯", "Street lamp"),
        Option(
            "stairs", "楼道灯", "Stairwell lamp", notice="楼道灯由物业修。", notice_en="The property firm repairs it."
        ),
        Option(
            "bare",
            "电线露在外面",
            "A bare wire",
            notice="有触电危险，请马上打 110。",
            notice_en="Call 110 now.",
            stops=True,
            phone="110",
        ),
    ),
)
POLE = Question(
    key="pole", kind=QuestionKind.LINE, label="灯杆编号", label_en="Number on the pole", required=True,
    only_if="what", only_if_codes=("street",),
)  # fmt: skip
WHEN = Question(
    key="when", kind=QuestionKind.MANY, label="什么时候不亮", label_en="When is it out",
    options=(Option("dusk", "傍晚", "Dusk"), Option("night", "半夜", "Night")),
    only_if="what", only_if_codes=("street", "stairs"),
)  # fmt: skip
SINCE = Question(key="since", kind=QuestionKind.DATE, label="从哪天起", label_en="Since which day")
COUNT = Question(key="count", kind=QuestionKind.NUMBER, label="几盏", label_en="How many")
ALL = (WHAT, POLE, WHEN, SINCE, COUNT)


def keys(questions) -> list[str]:
    return [one.key for one in questions]


def test_what_is_asked_follows_the_answers():
    assert keys(asked(ALL, {})) == ["what", "since", "count"]
    assert keys(asked(ALL, {"what": "street"})) == ["what", "pole", "when", "since", "count"]
    assert keys(asked(ALL, {"what": "stairs"})) == ["what", "when", "since", "count"]
    assert keys(asked(ALL, {"what": "nonsense", "pole": "7"})) == ["what", "since", "count"]


def test_what_hangs_on_a_question_that_is_not_asked_is_not_asked():
    third = Question("third", QuestionKind.LINE, "再", "More", only_if="when", only_if_codes=("dusk",))
    assert "third" in keys(asked((*ALL, third), {"what": "street", "when": ["dusk"]}))
    assert "third" not in keys(asked((*ALL, third), {"what": "bare", "when": ["dusk"]}))


def test_a_hidden_required_answer_does_not_block():
    """The pole is required only where it is asked; what was typed there before is not kept with the request."""
    with pytest.raises(DomainError) as refused:
        kept_answers(ALL, {"what": "street"})
    assert refused.value.field == "q_pole"
    stored = kept_answers(ALL, {"what": "stairs", "pole": "A-7"})
    assert [row["label"] for row in stored] == ["是什么灯？"]


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({}, "q_what"),
        ({"what": "bare"}, "q_what"),  # stops
        ({"what": "stairs", "since": "31.12."}, "q_since"),
        ({"what": "stairs", "since": "2026-02-30"}, "q_since"),
        ({"what": "stairs", "count": "三"}, "q_count"),
        ({"what": "stairs", "count": "NaN"}, "q_count"),
        ({"what": "street", "pole": "长" * 201}, "q_pole"),
    ],
)
def test_what_is_refused(answers, field):
    with pytest.raises(DomainError) as refused:
        kept_answers(ALL, answers)
    assert refused.value.field == field


def test_answers_are_kept_in_the_words_they_were_asked_in():
    stored = kept_answers(ALL, {"what": "street", "pole": "A-7", "when": ["dusk", "night", "x"], "count": "2"})
    assert [(row.label, row.value) for row in answer_rows(stored)] == [
        ("是什么灯？", "路灯"),
        ("灯杆编号", "A-7"),
        ("什么时候不亮", "傍晚、半夜"),
        ("几盏", "2"),
    ]


def test_questions_survive_json():
    assert questions_of(raw_of(ALL)) == ALL
    check_questions(ALL)


def replaced(question, **changes):
    return (
        questions_of(raw_of([question]))[0]
        if not changes
        else Question(**{**{f: getattr(question, f) for f in question.__slots__}, **changes})
    )


@pytest.mark.parametrize(
    ("questions", "field"),
    [
        ((replaced(WHAT, label=""),), "label"),
        ((replaced(WHAT, label_en=""),), "label_en"),
        ((replaced(WHAT, kind="colour"),), "kind"),
        ((replaced(WHAT, options=WHAT.options[:1]),), "option_0_label"),
        ((replaced(WHAT, options=(Option("a", "是", ""), Option("b", "否", "No"))),), "option_0_label_en"),
        ((replaced(WHAT, options=(Option("a", "是", "Yes", stops=True), Option("b", "否", "No"))),), "option_0_notice"),
        (
            (replaced(WHAT, options=(Option("a", "是", "Yes", phone="call"), Option("b", "否", "No"))),),
            "option_0_phone",
        ),
        ((POLE, WHAT), "condition"),  # the condition looks forward
        ((WHAT, replaced(POLE, only_if_codes=("gone",))), "condition"),
        (tuple(replaced(SINCE, key=f"k{n}") for n in range(11)), None),
    ],
)
def test_questions_that_cannot_be_asked(questions, field):
    with pytest.raises(DomainError) as refused:
        check_questions(questions)
    assert refused.value.field == field


@pytest.fixture
def lamp(world):
    """The lamps' category, asking all of these."""
    category = world.categories["lamp"]
    Category.objects.filter(pk=category.pk).update(questions=raw_of(ALL))
    catalogue_forget()
    return category


def test_a_request_is_filed_with_its_answers(world, lamp):
    answers = {"what": "street", "pole": "A-7"}
    request = world.submit(answers=answers).request
    assert [row["label"] for row in request.answers.rows] == ["是什么灯？", "灯杆编号"]
    with pytest.raises(DomainError):
        world.submit(answers={"what": "bare"})
    # a channel that does not ask is not held up
    assert not RequestAnswers.objects.filter(request=world.submit().request).exists()


def test_stored_answers_cannot_be_read_in_the_table(world, lamp):
    from django.db import connection

    world.submit(answers={"what": "street", "pole": "周梅 13912342046"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT rows::text FROM requests_intake_requestanswers")
        stored = cursor.fetchone()[0]
    assert "13912342046" not in stored


def test_a_category_without_questions_costs_no_statement(world):
    world.submit()
    with assert_sql(10, at_most=True):
        world.submit(answers={})


@pytest.fixture
def resident(world, lamp, time_machine):
    time_machine.move_to(MORNING, tick=False)
    return Resident(clock=time_machine)


def at_questions(resident, category) -> Resident:
    resident.begin()
    resident.send(lng="121.905", lat="30.905")
    resident.send(body="槐安里 7 号楼北侧的路灯不亮了，晚上看不清。")
    resident.send(category=str(category.pk))
    assert resident.step == "questions"
    return resident


def test_the_flow_without_script(resident, lamp):
    """A further question comes with the next page; nothing typed is lost; preview, receipt and trail of the answers."""
    at_questions(resident, lamp)
    page = resident.open(resident.address).content.decode()
    assert "是什么灯？" in page
    assert "灯杆编号" not in page
    again = resident.send(q_what="street", q_since="2026-11-10")
    assert again.status_code == 422
    html = again.content.decode()
    assert "灯杆编号" in html
    assert "还要再问 2 句" in html
    assert 'value="2026-11-10"' in html
    missing = resident.send(q_what="street", q_since="2026-11-10", seen="q_what q_pole q_when q_since q_count")
    assert "请回答这个问题" in missing.content.decode()
    sent = {"q_what": "street", "q_pole": "A-7", "q_when": ["dusk", "night"], "q_since": "2026-11-10"}
    assert resident.send(**sent, seen="q_what q_pole q_when q_since q_count").status_code == 302
    assert resident.step == "photos"
    resident.answer_all(lamp.pk)
    preview = resident.open(resident.address).content.decode()
    assert "傍晚、半夜" in preview
    public = preview.partition("office-part")[0]
    assert "A-7" not in public
    resident.send()
    filed = ServiceRequest.objects.latest("pk")
    assert [row["values"][0]["zh"] for row in filed.answers.rows] == ["路灯", "A-7", "傍晚", "2026-11-10"]


def test_a_notice_is_read_before_it_goes_on(resident, lamp):
    at_questions(resident, lamp)
    first = resident.send(q_what="stairs", seen="q_what q_when q_since q_count")
    assert first.status_code == 422
    assert "楼道灯由物业修" in first.content.decode()
    second = resident.send(q_what="stairs", seen="q_what q_when q_since q_count q_what:stairs")
    assert second.status_code == 302


def test_a_stopper_ends_the_form(resident, lamp):
    at_questions(resident, lamp)
    for _try in range(2):
        stopped = resident.send(q_what="bare", seen="q_what q_since q_count q_what:bare")
        assert stopped.status_code == 422
        assert "tel:110" in stopped.content.decode()
    assert resident.go("preview").status_code == 302  # nobody walks around it
    assert ServiceRequest.objects.count() == 0


def test_the_script_asks_for_the_piece_that_changes(resident, lamp):
    at_questions(resident, lamp)
    piece = resident.client.post(
        resident.address, {"q_what": "street", "q_count": "2", "refresh": "1"}, headers={"HX-Request": "true"}
    )
    html = piece.content.decode()
    assert "<html" not in html
    assert "灯杆编号" in html
    assert 'value="2"' in html


def test_a_question_added_while_somebody_fills_in_is_asked_before_sending(resident, lamp):
    Category.objects.filter(pk=lamp.pk).update(questions=[])
    catalogue_forget()
    resident.begin().answer_all(lamp.pk)
    Category.objects.filter(pk=lamp.pk).update(questions=raw_of([WHAT]))
    catalogue_forget()
    response = resident.client.post(resident.address, {"submission_key": "x"})
    assert response["Location"].endswith("/questions/")
    assert ServiceRequest.objects.count() == 0


def test_staff_and_the_requester_read_the_answers(world, client_of, lamp):
    request = world.submit(answers={"what": "street", "pole": "A-7"}).request
    page = client_of("dispatcher").get(reverse("intake:request", args=[request.number])).content.decode()
    assert "居民的回答" in page
    assert "A-7" in page
    tracking = client_of().get(reverse("intake:track", args=[request.track_token])).content.decode()
    assert "A-7" in tracking


def test_answers_to_another_category_are_not_sent_along(world, resident, lamp):
    at_questions(resident, lamp)
    resident.send(q_what="street", q_pole="A-7", seen="q_what q_pole q_when q_since q_count")
    resident.go("category")
    resident.send(category=str(world.categories["noise"].pk))
    assert resident.step == "photos"
    resident.answer_all(world.categories["noise"].pk)
    resident.send()
    assert not RequestAnswers.objects.exists()


def test_answers_live_in_the_draft(resident, lamp):
    at_questions(resident, lamp)
    resident.client.post(resident.address, {"q_what": "street", "q_pole": "A-7", "autosave": "1"})
    assert Draft.objects.get().data["raw"]["questions"]["q_what"] == "street"
    page = resident.open(resident.address).content.decode()
    assert "灯杆编号" in page


def test_an_editor_walks_the_residents_pages_and_sends_nothing(world, client_of, lamp, time_machine):
    time_machine.move_to(MORNING, tick=False)
    client = client_of("operations")
    response = client.post(reverse("intake:category-preview", args=[lamp.pk]))
    assert "试填" in client.get(response["Location"]).content.decode()
    editor = Resident(clock=time_machine, client=client, address=response["Location"])
    editor.send()
    assert editor.step == "questions"
    editor.send(q_what="stairs", seen="q_what q_when q_since q_count q_what:stairs")
    editor.answer_all(lamp.pk)
    refused = editor.send()
    assert "什么也没有送出" in refused.content.decode()
    assert ServiceRequest.objects.count() == 0
    assert Draft.objects.count() == 1


# --- at the counter: the same questions, the same answers; what stops a resident is for the clerk to pass on ---

ENTRY, OTHER_ENTRY = (f"/staff/entry/{letter * 32}/" for letter in "de")


@pytest.fixture
def clerk(world, lamp, client_of, time_machine):
    time_machine.move_to(MORNING, tick=False)
    return client_of("clerk")


def told(**more):
    return TOLD | more


def test_the_counter_asks_the_same_without_script(world, lamp, clerk, client_of):
    """Chosen and pressed: the questions come, then what they lead to; then it is filed as a resident's would be."""
    first = clerk.post(ENTRY, told())
    page = first.content.decode()
    assert first.status_code == 422
    assert "是什么灯？" in page
    assert "这一类还要问 3 句" in page
    assert "灯杆编号" not in page
    looked = clerk.post(ENTRY, told(look="1", q_what="street", q_count="2")).content.decode()
    assert "灯杆编号" in looked
    assert 'value="2"' in looked
    seen = "q_what q_pole q_when q_since q_count"
    missing = clerk.post(ENTRY, told(q_what="street", q_count="两盏", q_when=["dusk", "night"], asked=seen))
    assert missing.status_code == 422
    assert "请回答这个问题" in missing.content.decode()
    assert 'value="两盏"' in clerk.get(ENTRY).content.decode()  # the draft keeps the answers, too
    assert ServiceRequest.objects.count() == 0
    sent = told(q_what="street", q_pole="A-7", q_when=["dusk", "night"], q_count="2", asked=seen)
    assert clerk.post(ENTRY, sent).status_code == 302
    filed = ServiceRequest.objects.get()
    assert [row["values"][0]["zh"] for row in filed.answers.rows] == ["路灯", "A-7", "傍晚", "2"]
    shown = client_of("dispatcher").get(reverse("intake:request", args=[filed.number])).content.decode()
    assert "傍晚、半夜" in shown


def test_what_stops_a_resident_is_read_out_by_the_clerk(world, lamp, clerk):
    seen = "q_what q_since q_count"
    first = clerk.post(ENTRY, told(q_what="bare", asked=seen))
    page = first.content.decode()
    assert first.status_code == 422
    assert "有触电危险，请马上打 110" in page
    assert "tel:110" in page
    assert "请先把提示告诉对方" in page
    assert clerk.post(ENTRY, told(q_what="bare", asked=f"{seen} q_what:bare")).status_code == 302
    filed = ServiceRequest.objects.get()
    assert filed.answers.rows[0]["values"] == [{"zh": "电线露在外面", "en": "A bare wire"}]
    # an item for 119 is no item to file under: the clerk is told what to say
    fire = clerk.post(OTHER_ENTRY, told(category_words="火情"))
    assert fire.status_code == 422
    assert "请马上打 119。 请先告诉对方" in fire.content.decode()


def test_the_counters_script_asks_for_the_piece_that_changes(lamp, clerk):
    piece = clerk.post(ENTRY, told(q_what="street", refresh="1")).content.decode()
    assert "<html" not in piece
    assert "灯杆编号" in piece
    assert 'name="asked"' in piece
    other = clerk.post(ENTRY, told(q_what="street", category_words="010102", refresh="1")).content.decode()
    assert "是什么灯？" not in other
    assert not Draft.objects.exists()


def test_another_item_is_not_filed_with_answers_to_the_first(world, clerk):
    seen = "q_what q_pole q_when q_since q_count"
    sent = told(q_what="street", q_pole="A-7", asked=seen, category_words="010102")
    assert clerk.post(ENTRY, sent).status_code == 302
    assert not RequestAnswers.objects.exists()
