"""The knowledge base: written, versioned, published, reviewed; and asked before anybody has to wait for an answer."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.errors import DomainError, Forbidden, StaleState
from governance.knowledge.models import Article, ArticleVersion
from governance.knowledge.selectors import articles_for, articles_forget
from governance.knowledge.services import (
    article_change,
    article_create,
    article_publish,
    article_retire,
    article_review,
    reviews_remind,
)
from governance.notifications.models import Message
from governance.outbox import relay
from requests_intake.models import Draft, ServiceRequest
from tests.factories.world import DISTRICT, MORNING, STREET, add_person
from tests.requests_intake.resident import Resident
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

WORDS = {
    "title": "居住证怎么续签",
    "title_en": "Renewing a residence permit",
    "body": "带身份证和租房合同，到便民服务中心办。\n\n十五个工作日出证。",
    "body_en": "Bring your identity card and your tenancy agreement.",
    "keywords": ["居住证", "签注"],
    "review_date": None,
    "reason": "问的人多",
}


@pytest.fixture(autouse=True)
def _fresh(time_machine):
    time_machine.move_to(MORNING, tick=False)
    articles_forget()
    yield
    articles_forget()


@pytest.fixture
def editor(world):
    add_person(world, "editor", "operations_admin", DISTRICT, world.organisations["district"])
    return world.viewer("editor")


def written(world, editor, **changes):
    return article_create(**WORDS | {"organisation": world.organisations["street"]} | changes, actor=editor, at=MORNING)


def public(world, editor, **changes):
    found = article_publish(article=written(world, editor, **changes), actor=editor, at=MORNING)
    articles_forget()
    return found


def test_each_change_is_a_version_with_who_and_why(world, editor):
    article = written(world, editor)
    changed = article_change(
        **WORDS | {"body": "改成十个工作日。", "reason": "办法改了", "organisation": world.organisations["street"]},
        article=article,
        number=1,
        actor=editor,
        at=MORNING + timedelta(days=1),
    )
    assert (changed.number, changed.body) == (2, "改成十个工作日。")
    versions = list(ArticleVersion.objects.filter(article=article).values_list("number", "reason", "by__display_name"))
    assert versions == [(2, "办法改了", "Editor Person"), (1, "问的人多", "Editor Person")]
    with pytest.raises(StaleState):
        article_change(
            **WORDS | {"organisation": world.organisations["street"]},
            article=article,
            number=1,
            actor=editor,
            at=MORNING,
        )
    assert Article.objects.get().number == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 61}, "title"),
        ({"body": ""}, "body"),
        ({"body": "长" * 5001}, "body"),
        ({"keywords": ["词" * 21]}, "keywords"),
        ({"keywords": [f"词{n}" for n in range(21)]}, "keywords"),
        ({"reason": " "}, "reason"),
        ({"review_date": MORNING.date()}, "review_date"),
        ({"organisation": None}, "organisation"),
    ],
)
def test_what_an_article_must_be(world, editor, changes, field):
    with pytest.raises(DomainError) as refused:
        written(world, editor, **changes)
    assert refused.value.field == field
    assert not Article.objects.exists()


def test_who_may_write_where(world, editor):
    add_person(world, "local", "operations_admin", STREET, world.organisations["street"])
    local = world.viewer("local")
    article = written(world, local)
    with pytest.raises(Forbidden):  # the district's articles are not the sub-district's
        written(world, local, organisation=world.organisations["lamps"])
    with pytest.raises(Forbidden):
        article_publish(article=article, actor=world.viewer("handler"), at=MORNING)
    assert article_publish(article=article, actor=editor, at=MORNING).state == "published"


def test_only_published_ones_are_read_outside(world, editor, client):
    article = public(world, editor)
    page = reverse("knowledge:article", args=[article.public_id])
    shown = client.get(page).content.decode()
    assert "<p>十五个工作日出证。</p>" in shown
    assert "柳塘街道办事处" in shown
    article_retire(article=article, actor=editor, at=MORNING)
    articles_forget()
    assert client.get(page).status_code == 404
    assert article.title not in client.get(reverse("knowledge:articles")).content.decode()
    draft = written(world, editor, title="还没写完")
    assert client.get(reverse("knowledge:article", args=[draft.public_id])).status_code == 404


def test_markup_in_an_article_is_shown_and_not_run(world, editor, client):
    article = public(world, editor, body="<script>alert(1)</script>\n\n第二段")
    shown = client.get(reverse("knowledge:article", args=[article.public_id])).content.decode()
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


def test_words_find_the_article_they_ask_about_and_nothing_else(world, editor):
    permit = public(world, editor)
    lift = public(
        world, editor, title="老楼加装电梯怎么申请", title_en="", keywords=["电梯"], body="三分之二业主参与。"
    )
    assert articles_for("我换了公司，居住证续签还要本人去吗？") == [permit]
    assert articles_for("六楼没有电梯，老人下不了楼") == [lift]
    assert articles_for("河边的路灯不亮") == []
    assert articles_for("") == []


def test_a_question_that_is_answered_already_need_not_be_sent(world, editor, time_machine):
    public(world, editor)
    resident = Resident(clock=time_machine)
    resident.begin("enquiry")
    resident.send(body="居住证到期了怎么续签？")
    assert resident.address.endswith("/answers/")
    shown = resident.open(resident.address).content.decode()
    assert "十五个工作日出证" in shown
    done = resident.client.post(resident.address, {"answered": str(Article.objects.get().public_id)})
    assert done.status_code == 200
    assert not Draft.objects.exists()
    assert not ServiceRequest.objects.exists()


def test_a_question_can_be_asked_all_the_same(world, editor, time_machine):
    public(world, editor)
    resident = Resident(clock=time_machine)
    resident.begin("enquiry")
    resident.send(body="居住证到期了怎么续签？")
    onward = resident.client.post(resident.address, {"onward": "1"})
    assert onward["Location"].endswith("/category/")
    assert Draft.objects.get().data["body"] == "居住证到期了怎么续签？"
    other = Resident(clock=time_machine)
    other.begin("enquiry")
    other.send(body="河边几点关灯？")
    assert other.address.endswith("/category/")


def test_the_desk_answers_from_the_knowledge_base_in_the_residents_language(world, editor, client_of):
    article = public(world, editor)
    request = to_state(world, "submitted", kind="enquiry", body="居住证怎么续签？", language="en")
    page = reverse("intake:request", args=[request.number])
    client = client_of("dispatcher")
    assert article.title in client.get(page, {"turn": "answer_directly"}).content.decode()
    filled = client.get(page, {"turn": "answer_directly", "article": str(article.public_id)}).content.decode()
    assert "Bring your identity card" in filled


def test_pages_of_editors(world, editor, client_of):
    client = client_of("editor")
    values = {
        "title": "高龄津贴怎么领",
        "body": "带身份证。",
        "keywords": "津贴、老人 补贴",
        "organisation": world.organisations["street"].pk,
        "reason": "",
    }
    refused = client.post(reverse("knowledge:new"), values)
    assert refused.status_code == 422
    assert "请写一句为什么改" in refused.content.decode()
    assert "带身份证。" in refused.content.decode()
    made = client.post(reverse("knowledge:new"), values | {"reason": "常有人问"})
    article = Article.objects.get()
    assert made["Location"] == reverse("knowledge:edit", args=[article.public_id])
    assert article.keywords == ["津贴", "老人", "补贴"]
    assert client.post(reverse("knowledge:act", args=[article.public_id, "publish"])).status_code == 302
    stale = client.post(made["Location"], values | {"reason": "改", "number": "0", "body": "我写的"})
    assert stale.status_code == 409
    assert "我写的" in stale.content.decode()
    again = client.post(made["Location"], values | {"reason": "改", "number": "1", "body": "我写的"})
    assert again.status_code == 302
    assert Article.objects.get().body == "我写的"
    with assert_sql(7, at_most=True):
        listed = client.get(reverse("knowledge:edit-list"))
    assert "高龄津贴怎么领" in listed.content.decode()
    for name in ("handler", "stranger"):
        assert client_of(name).get(reverse("knowledge:edit-list")).status_code == 403
    assert (
        client_of("dispatcher").get(made["Location"]).status_code == 200
        if article.area_code.startswith(STREET)
        else True
    )


def test_saving_again_keeps_the_day_of_the_review(world, editor, client_of):
    """What the page shows is what it would send: a date that the browser cannot read would fall back to half a year."""
    article = public(world, editor, review_date=MORNING.date() + timedelta(days=30))
    shown = client_of("editor").get(reverse("knowledge:edit", args=[article.public_id])).content.decode()
    assert f'name="review_date" value="{article.review_date.isoformat()}"' in shown


def test_the_owner_is_told_once_that_a_review_falls_due(world, editor):
    article = public(world, editor, review_date=MORNING.date() + timedelta(days=30))
    assert reviews_remind(at=MORNING) == 0
    soon = MORNING + timedelta(days=17)
    assert reviews_remind(at=soon) == 1
    assert reviews_remind(at=soon) == 0
    relay.drain(at=soon)
    told = Message.objects.filter(kind="knowledge.review_due")
    assert {message.user_id for message in told} == {world.people["dispatcher"].pk}  # of the office that owns it
    article_review(article=article, review_date=soon.date() + timedelta(days=20), actor=editor, at=soon)
    assert reviews_remind(at=soon + timedelta(days=10)) == 1
