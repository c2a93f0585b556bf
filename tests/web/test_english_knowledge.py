"""The knowledge base in English, with articles that have English and one that has none."""

import pytest
from django.test import Client
from django.urls import reverse

from governance.knowledge.models import Article
from governance.knowledge.selectors import articles_forget
from governance.knowledge.services import article_create, article_publish
from requests_intake.services.drafts import draft_start
from tests.factories import world as worlds
from tests.factories.world import MORNING
from tests.web.english import chinese_in, language_of

pytestmark = pytest.mark.django_db
TITLE, BODY, KEYWORDS, REASON = "居住证怎么续签", "带身份证来。", "居住证", "问的人多"
WRITTEN = (TITLE, BODY, KEYWORDS, REASON, "居住证到期了怎么办")


@pytest.fixture
def town(db, time_machine):
    world = worlds.build()
    time_machine.move_to(MORNING, tick=False)
    editor = world.viewer("operations")
    for title_en, body_en in (("Renewing a permit", "Bring your identity card."), ("", "")):
        made = article_create(
            title=TITLE, title_en=title_en, body=BODY, body_en=body_en, keywords=[KEYWORDS], reason=REASON,
            organisation=world.organisations["street"], review_date=None, actor=editor, at=MORNING,
        )  # fmt: skip
        article_publish(article=made, actor=editor, at=MORNING)
    articles_forget()
    yield world
    articles_forget()
    worlds.forget()


def english(user=None):
    client = Client()
    client.cookies["liren_lang"] = "en"
    if user is not None:
        client.force_login(user)
        user.language = "en"
        user.save(update_fields=["language"])
    return client


def read(response, status=200):
    html = response.content.decode()
    assert response.status_code == status, html[-500:]
    assert language_of(html) == "en"
    assert chinese_in(html, written=WRITTEN) == []
    return html


def test_what_residents_read(town):
    client = english()
    assert "Renewing a permit" in read(client.get(reverse("knowledge:articles")))
    for article in Article.objects.all():
        read(client.get(reverse("knowledge:article", args=[article.public_id])))
    read(client.get(reverse("knowledge:articles"), {"q": "nothing like it"}))
    _draft, token = draft_start(data={"kind": "enquiry", "body": "居住证到期了怎么办"}, at=MORNING)
    page = reverse("intake:answers", args=[token])
    read(client.get(page))
    read(client.post(page, {"answered": "1"}))


def test_what_editors_read(town):
    client = english(town.people["operations"])
    article = Article.objects.filter(title_en="").get()
    for view in ("", "published", "draft", "due"):
        read(client.get(reverse("knowledge:edit-list"), {"view": view}))
    read(client.get(reverse("knowledge:edit", args=[article.public_id])))
    read(client.post(reverse("knowledge:new"), {"title": "", "review_date": "tomorrow"}), 422)
    read(client.post(reverse("knowledge:act", args=[article.public_id, "review"]), {"review_date": "2020-01-01"}), 422)


def test_keywords_come_back_as_they_were_shown(town):
    article = Article.objects.first()
    Article.objects.filter(pk=article.pk).update(keywords=["居住证", "签注"])
    client = english(town.people["operations"])
    address = reverse("knowledge:edit", args=[article.public_id])
    initial = client.get(address).context["form"].initial
    values = {name: initial[name] for name in ("title", "body", "title_en", "body_en", "keywords", "number")}
    values |= {"organisation": town.organisations["street"].pk, "review_date": initial["review_date"], "reason": REASON}
    assert client.post(address, values).status_code == 302
    article.refresh_from_db()
    assert article.keywords == ["居住证", "签注"]
