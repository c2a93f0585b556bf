"""The knowledge base for everybody."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.access.decorators import public
from governance.knowledge.selectors import article_published, articles_for, published
from governance.text import clean_text
from governance.web.navigation import resolve
from governance.web.throttle import throttle

LONGEST = 200
SHOWN = 100


@public("Published answers are for everybody.")
@require_safe
@throttle("help", limit=300, seconds=300, methods=("GET", "HEAD"))
def articles(request: HttpRequest) -> HttpResponse:
    """List what is published, or what `?q=` asks about, the likest first. 0 or 1 SQL beside the page's own."""
    words = clean_text(request.GET.get("q", ""), multiline=False)[:LONGEST]
    found = articles_for(words, limit=20, least=0.5) if words else list(published().values())[:SHOWN]
    context = {"words": words, "articles": found, "ask_url": _ask_url()}
    return render(request, "knowledge/articles.html", context)


@public("Published answers are for everybody.")
@require_safe
def article(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one article with its office and the day it was last checked."""
    found = article_published(public_id)
    if found is None:
        raise Http404
    return render(request, "knowledge/article.html", {"article": found, "ask_url": _ask_url()})


def _ask_url() -> str:
    url = resolve("intake:start")
    return f"{url}?kind=enquiry" if url else ""
