"""Moderation for staff: the queue, one public version, covering a photo. All of it works without scripts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.decorators import requires
from governance.errors import DomainError, Forbidden, StaleState
from governance.web.forms import add_domain_error
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from requests_intake.models import Publication
from requests_intake.moderation_forms import CoverForm, ReleaseForm
from requests_intake.permissions import Capability
from requests_intake.publication import PublicWords
from requests_intake.selectors.moderation import VIEWS, difference, moderated, moderation, publication_of
from requests_intake.selectors.public import names_of, place_of
from requests_intake.services.moderation import photo_cover, publication_keep, publication_release, publication_undo

PAGE_SIZE = 50


@requires(Capability.MODERATE)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits, the longest first; or what was decided, the newest first. 3 SQL, session and viewer apart."""
    wanted = request.GET.get("view", "")
    view = wanted if wanted in dict(VIEWS) else VIEWS[0][0]
    order = ("submitted_at", "id") if view == "waiting" else ("-decided_at", "-id")
    page = KeysetPage(moderated(_viewer(request), view), order=order, size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    names = names_of(row.area_code for row in page.rows)
    rows = [(row, place_of(row.area_code, names)) for row in page.rows]
    context = {"views": VIEWS, "view": view, "title": dict(VIEWS)[view], "page": page, "rows": rows}
    return render_page(
        request,
        "requests_intake/moderation/queue.html",
        "requests_intake/moderation/_queue.html",
        context,
    )


@requires(Capability.MODERATE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def publication(request: HttpRequest, number: str) -> HttpResponse:
    """Show original and public version side by side; take the moderator's decision."""
    found = _found(request, number)
    if request.method != "POST":
        return _page(request, found, None)
    form = ReleaseForm(request.POST)
    if "look" in request.POST or not form.is_valid():
        return _page(request, found, form, status=422 if form.errors else 200)
    try:
        done = _decide(request, found, form.cleaned_data)
    except Forbidden as error:
        return _page(request, found, form, status=403, problem=str(error.message))
    except StaleState as error:
        return _page(request, _found(request, number), form, status=409, problem=str(error.message))
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, found, form, status=422)
    messages.success(request, done)
    return redirect("intake:publication", number=number)


def _decide(request: HttpRequest, found: Publication, cleaned: dict[str, Any]) -> str:
    common: dict[str, Any] = {
        "publication": found,
        "version": cleaned["version"],
        "actor": _viewer(request),
        "at": timezone.now(),
    }
    if "undo" in request.POST:
        publication_undo(**common)
        return _("已撤销上一步")
    reason = {"reason": cleaned["reason"], "note": cleaned["note"]}
    if "keep" in request.POST:
        was_released = found.is_released
        publication_keep(**common, **reason)
        return _("已收回，邻居们看不到了") if was_released else _("已定为不公开，会告诉居民原因")
    publication_release(
        **common,
        **reason,
        words=PublicWords(cleaned["title"], cleaned["body"], cleaned["reply"]),
        answer_id=cleaned["answer"],
        photo_ids=_uuids(request.POST.getlist("photos")),
    )
    return _("公开版本已经改好") if found.is_released else _("已公开，邻居们现在看得到")


@requires(Capability.MODERATE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cover(request: HttpRequest, number: str, source: UUID) -> HttpResponse:
    """Paint over parts of one photo: by pointer where scripts run, by numbers everywhere."""
    found = _found(request, number)
    page = moderation(found)
    choice = next((one for one in page.photos if one.source.id == source), None)
    if choice is None:
        raise Http404
    form = CoverForm(request.POST if request.method == "POST" else None, initial=_kept_areas(found, source))
    problem, status = "", 200
    if request.method == "POST" and form.is_valid():
        try:
            photo_cover(
                publication=found,
                version=form.cleaned_data["version"],
                source_id=source,
                areas=form.cleaned_data["areas"],
                actor=_viewer(request),
                at=timezone.now(),
            )
        except StaleState as error:
            problem, status = str(error.message), 409
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("照片已经遮好，原来的照片没有动"))
            return redirect("intake:publication", number=number)
    status = 422 if form.errors else status
    context = {"form": form, "photo": choice, "publication": found, "problem": problem}
    return render(request, "requests_intake/moderation/cover.html", context, status=status)


def _kept_areas(found: Publication, source: UUID) -> dict[str, Any]:
    kept = found.photos.filter(source_id=source, is_current=True).first()
    initial: dict[str, Any] = {"version": found.version}
    for number, area in enumerate(kept.areas if kept is not None else []):
        initial |= {f"{side}_{number}": value for side, value in zip(SIDES, area, strict=True)}
    return initial


SIDES = ("left", "top", "width", "height")


def _page(
    request: HttpRequest, found: Publication, form: ReleaseForm | None, status: int = 200, problem: str = ""
) -> HttpResponse:
    page = moderation(found)
    if form is None:
        form = ReleaseForm(
            initial={
                "title": page.shown.title,
                "body": page.shown.body,
                "reply": page.shown.reply,
                "reason": found.reason,
                "note": found.note,
                "version": found.version,
                "answer": page.answer_id,
            }
        )
        chosen = {one.source.id for one in page.photos if one.is_shown}
        typed = page.shown
    else:
        chosen = set(_uuids(form.data.getlist("photos")))  # type: ignore[attr-defined]  # a QueryDict
        typed = PublicWords(*(form.data.get(name, "") for name in ("title", "body", "reply")))
    if problem:  # what was typed stays, the version is the present one: the next press says yes to what is shown
        form.data = {**form.data.dict(), "version": str(found.version), "answer": str(page.answer_id or "")}  # type: ignore[attr-defined]
        form.data["reply"] = form.data.get("reply") or page.proposed.reply  # a new answer is read before it is released
    context = {
        "page": page,
        "publication": found,
        "form": form,
        "problem": problem,
        "chosen": chosen,
        "changes": [
            pieces
            for pieces in (
                difference(page.request.title, typed.title),
                difference(page.request.body, typed.body),
                difference(page.original_reply, typed.reply) if typed.reply else [],
            )
            if pieces
        ],
    }
    return render(request, "requests_intake/moderation/publication.html", context, status=status)


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue  # not one of ours
    return found


def _found(request: HttpRequest, number: str) -> Publication:
    found = publication_of(number, _viewer(request))
    if found is None:
        raise Http404
    return found


def _viewer(request: HttpRequest) -> Any:
    return request.viewer  # type: ignore[attr-defined]
