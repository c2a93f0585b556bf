"""The only writers of the knowledge base."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import SYSTEM, Scope, Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.knowledge import events
from governance.knowledge.models import KEYWORD_MAX, Article, ArticleState, ArticleVersion
from governance.knowledge.permissions import Capability
from governance.organisations.models import Organisation
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.text import clean_text

TITLE_MAX, TITLE_EN_MAX, BODY_MAX, REASON_MAX, KEYWORDS_MAX = 60, 120, 5000, 200, 20
REVIEW_AFTER = timedelta(days=180)
REMIND_BEFORE = timedelta(days=14)


def article_create(
    *,
    title: str,
    body: str,
    organisation: Organisation | None,
    review_date: date | None,
    reason: str,
    actor: Viewer,
    at: datetime,
    title_en: str = "",
    body_en: str = "",
    keywords: Sequence[str] = (),
) -> Article:
    """Write an article as a draft. Raises `DomainError` with the field for empty or over-long words, or no office."""
    if organisation is None:
        raise DomainError("organisation_required", _("请选由哪个单位负责这一篇"), field="organisation")
    require(actor, Capability.EDIT_ARTICLE, Scope(organisation.area_code))
    article = Article(organisation=organisation, area_code=organisation.area_code, updated_at=at)
    _fill(article, title, title_en, body, body_en, keywords, review_date, at)
    with constraint_errors(), transaction.atomic():
        article.save(force_insert=True)
        _version(article, _reason(reason), actor, at)
    return article


def article_change(
    *,
    article: Article,
    number: int,
    title: str,
    body: str,
    organisation: Organisation | None,
    review_date: date | None,
    reason: str,
    actor: Viewer,
    at: datetime,
    title_en: str = "",
    body_en: str = "",
    keywords: Sequence[str] = (),
) -> Article:
    """Change an article into a new version; a published one shows the new words at once.

    `number` is the version that the editor saw: `StaleState` when somebody saved another one meanwhile.
    """
    with constraint_errors(), transaction.atomic():
        locked = _locked(article, actor)
        if locked.number != number:
            raise StaleState("article_changed", _("别人刚改过这一篇，请看最新的再改；您写的还在下面"))
        if organisation is None:
            raise DomainError("organisation_required", _("请选由哪个单位负责这一篇"), field="organisation")
        require(actor, Capability.EDIT_ARTICLE, Scope(organisation.area_code))
        locked.organisation, locked.area_code = organisation, organisation.area_code
        _fill(locked, title, title_en, body, body_en, keywords, review_date, at)
        locked.number, locked.updated_at = number + 1, at
        locked.save()
        _version(locked, _reason(reason), actor, at)
    return locked


def article_publish(*, article: Article, actor: Viewer, at: datetime) -> Article:
    """Let everybody read it. Publishing a published one changes nothing."""
    with transaction.atomic():
        locked = _locked(article, actor)
        if locked.state == ArticleState.PUBLISHED:
            return locked
        locked.state, locked.published_at, locked.updated_at = ArticleState.PUBLISHED, at, at
        locked.save(update_fields=["state", "published_at", "updated_at"])
        _publish(events.ARTICLE_PUBLISHED, locked, actor, at, {"number": locked.number})
    return locked


def article_retire(*, article: Article, actor: Viewer, at: datetime) -> Article:
    """Take it back: nobody outside reads it any more. Its versions stay."""
    with transaction.atomic():
        locked = _locked(article, actor)
        if locked.state == ArticleState.RETIRED:
            return locked
        locked.state, locked.updated_at = ArticleState.RETIRED, at
        locked.save(update_fields=["state", "updated_at"])
        _publish(events.ARTICLE_RETIRED, locked, actor, at, {"number": locked.number})
    return locked


def article_review(*, article: Article, review_date: date | None, actor: Viewer, at: datetime) -> Article:
    """Say that it was read and still holds, until the next review date."""
    with transaction.atomic():
        locked = _locked(article, actor)
        locked.review_date = _review_date(review_date, at)
        locked.save(update_fields=["review_date"])
        _publish(events.ARTICLE_REVIEWED, locked, actor, at, {"review_date": locked.review_date.isoformat()})
    return locked


def reviews_remind(*, at: datetime) -> int:
    """Tell the owners of published articles whose review falls due within two weeks, once a date. Returns how many."""
    soon = timezone.localdate(at) + REMIND_BEFORE
    with transaction.atomic():
        due = list(
            Article.objects.select_for_update(of=("self",), no_key=True)
            .filter(state=ArticleState.PUBLISHED, review_date__lte=soon)
            .order_by("pk")
        )
        due = [article for article in due if article.reminded_date != article.review_date]
        for article in due:
            article.reminded_date = article.review_date
            payload = {"organisation_id": article.organisation_id, "review_date": article.review_date.isoformat()}
            _publish(events.REVIEW_DUE, article, SYSTEM, at, payload)
        Article.objects.bulk_update(due, ["reminded_date"])
    return len(due)


def _locked(article: Article, actor: Viewer) -> Article:
    locked = (
        Article.objects.select_related("organisation").select_for_update(of=("self",), no_key=True).get(pk=article.pk)
    )
    require(actor, Capability.EDIT_ARTICLE, locked)
    return locked


def _fill(
    article: Article,
    title: str,
    title_en: str,
    body: str,
    body_en: str,
    keywords: Sequence[str],
    review_date: date | None,
    at: datetime,
) -> None:
    article.title = _words(title, TITLE_MAX, "title", multiline=False)
    article.title_en = _words(title_en, TITLE_EN_MAX, "title_en", multiline=False)
    article.body = _words(body, BODY_MAX, "body")
    article.body_en = _words(body_en, BODY_MAX, "body_en")
    if not article.title:
        raise DomainError("title_required", _("请写题目，像居民会问的那样"), field="title")
    if not article.body:
        raise DomainError("body_required", _("请写内容"), field="body")
    article.keywords = _keywords(keywords)
    article.review_date = _review_date(review_date, at)


def _words(text: str, most: int, field: str, *, multiline: bool = True) -> str:
    words = clean_text(text, multiline=multiline)
    if len(words) > most:
        raise DomainError("too_long", _("写得太长了：最多 %(most)s 字") % {"most": most}, field=field)
    return words


def _keywords(keywords: Sequence[str]) -> list[str]:
    cleaned = [clean_text(word, multiline=False) for word in keywords]
    found = list(dict.fromkeys(word for word in cleaned if word))
    if len(found) > KEYWORDS_MAX or any(len(word) > KEYWORD_MAX for word in found):
        raise DomainError("keywords_too_many", _("关键词最多 20 个，每个最多 20 字"), field="keywords")
    return found


def _review_date(wanted: date | None, at: datetime) -> date:
    today = timezone.localdate(at)
    if wanted is None:
        return today + REVIEW_AFTER
    if wanted <= today:
        raise DomainError("review_in_past", _("复核日期要在今天以后"), field="review_date")
    return wanted


def _reason(reason: str) -> str:
    words = clean_text(reason, multiline=False)[:REASON_MAX]
    if not words:
        raise DomainError("reason_required", _("请写一句为什么改，以后查起来才清楚"), field="reason")
    return words


def _version(article: Article, reason: str, actor: Viewer, at: datetime) -> None:
    ArticleVersion.objects.create(
        article=article,
        number=article.number,
        title=article.title,
        title_en=article.title_en,
        body=article.body,
        body_en=article.body_en,
        keywords=article.keywords,
        at=at,
        by=actor.user,
        reason=reason,
    )
    _publish(events.ARTICLE_SAVED, article, actor, at, {"number": article.number})


def _publish(
    event: events.EventType, article: Article, actor: Viewer, at: datetime, payload: dict[str, object]
) -> None:
    publish(event, subject=ref_of(article), actor=actor, area_code=article.area_code, payload=payload, at=at)
