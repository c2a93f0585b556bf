"""Writing the knowledge base."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.access.rules import area_q
from governance.errors import DomainError, StaleState
from governance.knowledge.forms import ArticleForm, ReviewForm
from governance.knowledge.models import Article, ArticleState
from governance.knowledge.permissions import Capability
from governance.knowledge.selectors import articles_forget, articles_to_edit
from governance.knowledge.services import (
    REMIND_BEFORE,
    article_change,
    article_create,
    article_publish,
    article_retire,
    article_review,
)
from governance.organisations.models import Organisation
from governance.text import clean_text
from governance.web.forms import add_domain_error
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page

PAGE_SIZE = 50
STEPS = {"publish": article_publish, "retire": article_retire}


@requires(Capability.EDIT_ARTICLE)
@require_safe
def edit_list(request: HttpRequest) -> HttpResponse:
    """List the articles that this person may edit, the latest change first."""
    view = request.GET.get("view", "")
    today = timezone.localdate()
    state = view if view in ArticleState.values else ""
    due_by = today + REMIND_BEFORE if view == "due" else None
    words = clean_text(request.GET.get("q", ""), multiline=False)[:60]
    rows = articles_to_edit(_viewer(request), state=state, due_by=due_by, words=words)
    page = KeysetPage(rows, order=("-updated_at", "-id"), size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    views = [("", _("全部")), *((one.value, str(one.label)) for one in ArticleState), ("due", _("要复核"))]
    context = {"page": page, "view": view, "views": views, "words": words, "soon": today + REMIND_BEFORE}
    return render_page(request, "knowledge/edit_list.html", "knowledge/_edit_list.html", context)


@requires(Capability.EDIT_ARTICLE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a new one."""
    viewer = _viewer(request)
    initial = {"organisation": viewer.user.organisation_id, "review_date": timezone.localdate() + timedelta(days=180)}
    form = ArticleForm(request.POST or None, organisations=_offices(viewer), initial=initial)
    if request.method == "POST" and form.is_valid():
        values = {key: value for key, value in form.cleaned_data.items() if key != "number"}
        try:
            made = article_create(actor=viewer, at=timezone.now(), **values)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("已存成草稿，看一遍再发布"))
            return redirect("knowledge:edit", made.public_id)
    return render(request, "knowledge/edit.html", {"form": form}, status=422 if form.errors else 200)


@requires(Capability.EDIT_ARTICLE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change one; the page shows who changed what and why."""
    viewer, article = _viewer(request), _found(request, public_id)
    form = ArticleForm(request.POST or None, organisations=_offices(viewer), initial=_initial(article))
    status = 200
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data | {"number": form.cleaned_data["number"] or 0}
        try:
            article_change(article=article, actor=viewer, at=timezone.now(), **values)
        except StaleState as error:
            add_domain_error(form, error)
            form.data = request.POST.copy()
            form.data["number"] = str(_found(request, public_id).number)  # they have seen it now
            status = 409
        except DomainError as error:
            add_domain_error(form, error)
        else:
            articles_forget()
            messages.success(request, _("已存成新的一版"))
            return redirect("knowledge:edit", public_id)
    status = 422 if form.errors and status == 200 else status
    return render(request, "knowledge/edit.html", _context(article, form), status=status)


@requires(Capability.EDIT_ARTICLE)
@require_POST
def act(request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
    """Publish, retire, or say that it still holds."""
    viewer, article = _viewer(request), _found(request, public_id)
    if step == "review":
        form = ReviewForm(request.POST)
        if form.is_valid():
            try:
                article_review(article=article, actor=viewer, at=timezone.now(), **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
        if form.errors:
            plain = ArticleForm(organisations=_offices(viewer), initial=_initial(article))
            return render(request, "knowledge/edit.html", _context(article, plain) | {"review": form}, status=422)
        messages.success(request, _("记下了：看过，还对"))
    elif step in STEPS:
        STEPS[step](article=article, actor=viewer, at=timezone.now())
        messages.success(request, _("已发布，大家都能看到") if step == "publish" else _("已收回，外面看不到了"))
    else:
        raise Http404
    articles_forget()
    return redirect("knowledge:edit", public_id)


def _context(article: Article, form: ArticleForm) -> dict[str, Any]:
    return {
        "article": article,
        "form": form,
        "review": ReviewForm(),
        "versions": list(article.versions.select_related("by").order_by("-number")[:20]),
        "is_due": article.state == ArticleState.PUBLISHED
        and article.review_date <= timezone.localdate() + REMIND_BEFORE,
    }


def _initial(article: Article) -> dict[str, Any]:
    names = ("title", "body", "title_en", "body_en", "organisation_id", "review_date", "number")
    values = {name.removesuffix("_id"): getattr(article, name) for name in names}
    return values | {"keywords": " ".join(article.keywords)}


def _offices(viewer: Any) -> Any:
    area = area_q(viewer.areas(Capability.EDIT_ARTICLE))
    offices = Organisation.objects.filter(is_active=True).order_by("area_code", "kind", "pk")
    return offices.filter(area) if area is not None else offices.none()


def _found(request: HttpRequest, public_id: UUID) -> Article:
    found = articles_to_edit(_viewer(request)).defer(None).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found  # type: ignore[no-any-return]


def _viewer(request: HttpRequest) -> Any:
    return request.viewer  # type: ignore[attr-defined]
