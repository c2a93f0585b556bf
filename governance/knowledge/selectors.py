"""Reads of the knowledge base."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from time import monotonic
from typing import Any
from uuid import UUID

from governance.access.rules import area_q
from governance.access.viewer import Viewer
from governance.knowledge.models import Article, ArticleState
from governance.knowledge.permissions import Capability
from governance.text import suggest

_CACHE_SECONDS = 60
ENOUGH = 3.0  # below this an article has little more in common with the words than single characters


def published() -> dict[int, Article]:
    """Return the articles that everybody may read, newest first; kept in the process for a minute. Read only."""
    return _published(int(monotonic() // _CACHE_SECONDS))


@lru_cache(maxsize=2)
def _published(bucket: int) -> dict[int, Article]:
    rows = Article.objects.filter(state=ArticleState.PUBLISHED).select_related("organisation")
    return {article.pk: article for article in rows.order_by("-updated_at", "-pk")}


def articles_forget() -> None:
    """Forget the kept articles (after an edit, and in tests)."""
    _published.cache_clear()


def articles_for(words: str, *, limit: int = 3, least: float = ENOUGH) -> list[Article]:
    """Return the published articles that these words ask about, the likest first; [] where none is like enough."""
    rows = published()
    candidates: Mapping[int, tuple[str, ...]] = {
        pk: (article.title, article.title_en, *article.keywords) for pk, article in rows.items()
    }
    ranked = suggest(words, candidates) if words.strip() and candidates else []
    return [rows[pk] for pk, score in ranked if score >= least][:limit]


def article_published(public_id: UUID) -> Article | None:
    """Return the published article with this id, or None."""
    return (
        Article.objects.filter(public_id=public_id, state=ArticleState.PUBLISHED).select_related("organisation").first()
    )


def articles_to_edit(viewer: Viewer, *, state: str = "", due_by: date | None = None, words: str = "") -> Any:
    """Return the articles that the viewer may edit, as a queryset with their offices."""
    area = area_q(viewer.areas(Capability.EDIT_ARTICLE))
    queryset = Article.objects.filter(area) if area is not None else Article.objects.none()
    queryset = queryset.select_related("organisation").defer("body", "body_en")
    if state:
        queryset = queryset.filter(state=state)
    if due_by is not None:
        queryset = queryset.filter(state=ArticleState.PUBLISHED, review_date__lte=due_by)
    return queryset.filter(title__icontains=words) if words else queryset
