"""The catalogue editor: the tree, one category, the pages that change it. Changes are shown before they are saved."""

import secrets
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.errors import DomainError, Forbidden, StaleState
from governance.text import clean_text
from governance.web.forms import add_domain_error
from requests_intake.catalogue_texts import Change, changes_between, condition_text, snapshot_of
from requests_intake.forms_catalogue import (
    CategoryEditForm,
    MoveForm,
    QuestionForm,
    ReasonForm,
    ReviewedForm,
    category_initial,
    digest,
    question_initial,
)
from requests_intake.models import Category, CommunityProfile
from requests_intake.permissions import Capability
from requests_intake.questions import QuestionKind, questions_of, raw_of
from requests_intake.selectors.catalogue_pages import (
    catalogue_tree,
    category_history,
    category_uses,
    parents_for,
)
from requests_intake.selectors.matters import matters_of
from requests_intake.selectors.policies import policy_choices
from requests_intake.selectors.profiles import community_with
from requests_intake.services.catalogue import (
    LEAF,
    category_activate,
    category_change,
    category_create,
    category_delete,
    category_move,
    question_put,
    question_remove,
)
from requests_intake.services.drafts import draft_start
from requests_intake.services.office import may_in_office
from requests_intake.views.admin_profiles import practice_in

_CAPABILITY = Capability.EDIT_CATALOGUE


@requires(_CAPABILITY)
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """The whole catalogue as a tree; `?q=` finds names, codes and keywords, `?retired=1` shows what is out of use."""
    words, retired = clean_text(request.GET.get("q", ""), multiline=False)[:40], request.GET.get("retired") == "1"
    context = {
        "branches": catalogue_tree(words=words, retired=retired),
        "words": words,
        "retired": retired,
        "may_edit": _may(request),
    }
    return render(request, "requests_intake/admin/catalogue.html", context)


@requires(_CAPABILITY)
@require_safe
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """One category: its words, its questions, what uses it, its versions."""
    return _page(request, _found(pk))


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def category_new(request: HttpRequest) -> HttpResponse:
    """Add a theme, or with `?under=` something below a category."""
    _require_edit(request)
    under = request.GET.get("under", "")
    parent = get_object_or_404(Category, pk=int(under)) if under.isdecimal() and len(under) < 10 else None
    level = parent.level + 1 if parent else 1
    if level > LEAF:
        raise Http404
    initial = {"needs_place": True, "is_public": True, "policy_key": "general", "urgency": "general"}
    form = CategoryEditForm(request.POST or None, level=level, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = _tried(
            form,
            lambda: category_create(
                parent=parent,
                values=form.values(),
                reason=form.cleaned_data["reason"],
                actor=_viewer(request),
                at=timezone.now(),
            ),
        )
        if made is not None:
            messages.success(request, _("已加上，居民马上能选它") if made.level == LEAF else _("已加上"))
            return redirect("intake:category", pk=made.pk)
    return _form_page(request, form, parent=parent, level=level)


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def category_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the fields of a category: the first press shows what changes, the second saves it."""
    _require_edit(request)
    found = _found(pk)
    form = CategoryEditForm(request.POST or None, level=found.level, initial=category_initial(found))
    changes: list[Change] = []
    if request.method == "POST" and form.is_valid():
        after = snapshot_of(found) | {k: v for k, v in form.values().items() if k != "duty_item"}
        duty = form.values().get("duty_item")
        after |= {"duty_item": duty.pk if duty else None, "duty_label": str(duty) if duty else ""}
        changes = changes_between(snapshot_of(found), after)
        saved = _reviewed(
            form,
            changes,
            lambda: category_change(
                category=found,
                version=form.cleaned_data["version"] or 0,
                values=form.values(),
                reason=form.cleaned_data["reason"],
                actor=_viewer(request),
                at=timezone.now(),
            ),
        )
        if saved is not None:
            return _done(request, saved)
    return _form_page(request, form, category=found, level=found.level, changes=changes)


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, pk: int, key: str = "") -> HttpResponse:
    """Add a question, or change one: the first press shows what changes, the second saves it."""
    _require_edit(request)
    found = _found(pk)
    if found.level != LEAF:
        raise Http404
    all_questions = questions_of(found.questions)
    known = next((one for one in all_questions if one.key == key), None)
    if key and known is None:
        raise Http404
    others = [one for one in all_questions if one.key != key]
    position = all_questions.index(known) if known is not None else len(others)
    form = QuestionForm(
        request.POST or None,
        others=others,
        key=key or f"n{secrets.token_hex(3)}",
        initial=question_initial(known, position, found.version),
    )
    changes: list[Change] = []
    if request.method == "POST" and "more" not in request.POST and form.is_valid():
        asked, at_position = form.question(), int(form.cleaned_data["position"])
        after = [*others[:at_position], asked, *others[at_position:]]
        changes = changes_between(snapshot_of(found), snapshot_of(found) | {"questions": raw_of(after)})
        saved = _reviewed(
            form,
            changes,
            lambda: question_put(
                category=found,
                version=form.cleaned_data["version"] or 0,
                question=asked,
                position=at_position,
                reason=form.cleaned_data["reason"],
                actor=_viewer(request),
                at=timezone.now(),
            ),
        )
        if saved is not None:
            return _done(request, saved)
    if "more" in request.POST:
        form.errors.clear()
    context = {
        "category": found,
        "form": form,
        "known": known,
        "changes": changes,
        "digest": digest(changes) if changes else "",
        "remove": ReasonForm(initial={"version": found.version}, auto_id="remove_%s"),
    }
    status = 422 if form.errors else 200
    return render(request, "requests_intake/admin/question.html", context, status=status)


@requires(_CAPABILITY)
@require_POST
def question_drop(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Ask a question no more."""
    found = _found(pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        saved = _tried(
            form,
            lambda: question_remove(
                category=found,
                version=form.cleaned_data["version"] or 0,
                key=key,
                reason=form.cleaned_data["reason"],
                actor=_viewer(request),
                at=timezone.now(),
            ),
        )
        if saved is not None:
            return _done(request, saved)
    return _page(request, found, problem=form, status=422)


@requires(_CAPABILITY)
@require_POST
def category_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire a category, or take it back into use (`active`)."""
    found = _found(pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        saved = _tried(
            form,
            lambda: category_activate(
                category=found,
                version=form.cleaned_data["version"] or 0,
                is_active=request.POST.get("active") == "1",
                reason=form.cleaned_data["reason"],
                actor=_viewer(request),
                at=timezone.now(),
            ),
        )
        if saved is not None:
            return _done(request, saved)
    return _page(request, found, problem=form, status=422)


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def category_place(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a category, with all below it, under another parent."""
    _require_edit(request)
    found = _found(pk)
    form = MoveForm(request.POST or None, parents=parents_for(found))
    if request.method == "POST" and form.is_valid():
        moved = _tried(
            form,
            lambda: category_move(
                category=found,
                parent=form.cleaned_data["parent"],
                reason=form.cleaned_data["reason"],
                actor=_viewer(request),
                at=timezone.now(),
            ),
        )
        if moved is not None:
            messages.success(request, _("已移过去，新的编码是 %(code)s") % {"code": moved.code})
            return redirect("intake:category", pk=pk)
    context = {"category": found, "form": form, "uses": category_uses(found)}
    return render(request, "requests_intake/admin/category_move.html", context, status=422 if form.errors else 200)


@requires(_CAPABILITY)
@require_POST
def category_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a category that nothing uses."""
    found = _found(pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            category_delete(
                category=found, reason=form.cleaned_data["reason"], actor=_viewer(request), at=timezone.now()
            )
        except (Forbidden, StaleState):
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("已删掉"))
            return redirect("intake:catalogue")
    return _page(request, found, problem=form, status=422)


@requires(_CAPABILITY)
@require_POST
def category_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the residents' own pages for this item; the last one says that nothing is sent."""
    found = _found(pk)
    if found.level != LEAF or not found.is_active:
        raise Http404
    raw = {"what": {"body": found.name}, "category": {"category": str(found.pk)}}
    data: dict[str, Any] = {"body": found.name, "category_id": found.pk}
    kind = CommunityProfile.objects.filter(key=request.POST.get("profile", "")[:20]).first()
    if found.needs_place and kind is not None and (community := community_with(kind)):
        practice = practice_in(community)
        data = practice | data | {"raw": practice["raw"] | raw}
    else:
        plain = {"kind": "help" if found.needs_place else "enquiry", "practice": True, "place_kind": "none"}
        data |= plain | {"raw": raw}
    _draft, token = draft_start(data=data, at=timezone.now())
    return redirect(f"{reverse('intake:step', args=[token, 'category'])}")


def _page(request: HttpRequest, found: Category, *, problem: Any = None, status: int = 200) -> HttpResponse:
    questions = questions_of(found.questions)
    around = {one.key: one for one in questions}
    codes = [found.code[:length] for length in (2, 4) if length < len(found.code)]
    context = {
        "category": found,
        "path": list(Category.objects.filter(code__in=codes).order_by("code")) if codes else [],
        "is_leaf": found.level == LEAF,
        "questions": [(one, QuestionKind(one.kind).label, condition_text(one, around)) for one in questions],
        "uses": category_uses(found),
        "matters": matters_of(found) if found.level == LEAF else [],
        "history": category_history(found),
        "below": list(
            Category.objects.filter(code__regex=f"^{found.code}[0-9]{{2}}$")
            .order_by("code")
            .only("code", "name", "name_en")
        ),
        "form": problem or ReasonForm(initial={"version": found.version}),
        "may_edit": _may(request),
        "policy_label": dict(policy_choices()).get(found.policy_key, found.policy_key),
        "kinds": list(CommunityProfile.objects.all()) if found.level == LEAF and found.needs_place else [],
    }
    return render(request, "requests_intake/admin/category.html", context, status=status)


def _form_page(request: HttpRequest, form: CategoryEditForm, *, level: int, **extra: Any) -> HttpResponse:
    changes = extra.get("changes", [])
    context = {"form": form, "level": level, "digest": digest(changes) if changes else "", **extra}
    return render(request, "requests_intake/admin/category_form.html", context, status=422 if form.errors else 200)


def _tried(form: Any, service: Callable[[], Category]) -> Category | None:
    """Call a service; None with its refusal beside the field, what was typed kept."""
    try:
        return service()
    except Forbidden:
        raise
    except DomainError as error:
        add_domain_error(form, error)
        return None


def _reviewed(form: ReviewedForm, changes: list[Change], service: Callable[[], Category]) -> Category | None:
    """Save what was looked at; else leave the changes to be shown, with what the service would refuse."""
    if not changes:
        form.add_error(None, _("和现在的一样，没有改动"))
        return None
    return _tried(form, service) if form.was_reviewed(changes) else None


def _done(request: HttpRequest, saved: Category) -> HttpResponse:
    messages.success(request, _("已保存为第 %(version)s 版") % {"version": saved.version})
    return redirect("intake:category", pk=saved.pk)


def _found(pk: int) -> Category:
    return get_object_or_404(Category.objects.select_related("duty_item"), pk=pk)


def _viewer(request: HttpRequest) -> Any:
    return request.viewer  # type: ignore[attr-defined]


def _may(request: HttpRequest) -> bool:
    return may_in_office(_viewer(request), _CAPABILITY)


def _require_edit(request: HttpRequest) -> None:
    if not _may(request):
        raise PermissionDenied
