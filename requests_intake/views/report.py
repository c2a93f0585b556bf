"""Reporting without an account: every step is one page and one POST, and the draft keeps everything."""

from collections.abc import Mapping
from typing import Any

from django.forms import MultipleChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from governance.access import areas
from governance.access.decorators import public
from governance.access.viewer import ANONYMOUS
from governance.errors import DomainError, StaleState
from governance.knowledge.selectors import articles_for
from governance.web.forms import add_domain_error
from governance.web.pages import wants_partial
from governance.web.preferences import apply_preference
from governance.web.throttle import throttle
from grid.lookup import district_contains
from population.selectors.homes import Home, homes_of, known_contact
from requests_intake.flow import (
    CATEGORY,
    CONTACT,
    NO_PLACE,
    PHOTOS,
    PREVIEW,
    QUESTIONS,
    WHAT,
    WHERE,
    Step,
    changed_kind,
    missing_step,
    not_offered,
    place_of_home,
    steps_for,
    steps_of,
)
from requests_intake.forms import KindForm
from requests_intake.here import here_of
from requests_intake.models import Category, Draft, RequestKind
from requests_intake.publication import public_view
from requests_intake.selectors.drafts import draft_photos, draft_summary
from requests_intake.selectors.mine import first_answers
from requests_intake.selectors.profiles import profile_at
from requests_intake.selectors.recordings import draft_recording, recording_limits
from requests_intake.selectors.similar_public import similar_for
from requests_intake.services.drafts import (
    DraftIncomplete,
    draft_find,
    draft_photo_remove,
    draft_recording_remove,
    draft_start,
    draft_submit,
    draft_update,
)
from requests_intake.services.submission import PHOTOS_MAX, title_of
from requests_intake.suggestion import categories_for
from requests_intake.views.photos import store_photos, store_recording

_CAPABILITY = "The token in the address is the right to this draft; residents report without an account."


@public("Residents report without an account.")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttle("report-start", limit=60, seconds=3600)
def start(request: HttpRequest) -> HttpResponse:
    """Ask what sort of matter it is, and begin a draft; who came back from the first step keeps theirs."""
    at = timezone.now()
    token = (request.POST.get("draft") or request.GET.get("draft", ""))[:64]
    draft = draft_find(token, at=at) if token else None
    wanted = draft.data["kind"] if draft is not None else request.GET.get("kind", "")
    here = here_of((request.POST.get("here") or request.GET.get("here", ""))[:64])
    initial = {"kind": wanted} if wanted in RequestKind.values else None
    form = KindForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        kind = form.cleaned_data["kind"]
        if draft is not None:
            draft_update(draft=draft, changes=changed_kind(draft.data, kind), at=at)
        else:
            viewer = request.viewer  # type: ignore[attr-defined]
            answers = first_answers(viewer)
            if here is not None:  # they came from a poster: its place is filled in, and can be changed
                answers |= {"raw": {**answers["raw"], **here.first_place()}, "here": here.known}
            _draft, token = draft_start(data={"kind": kind, **answers}, actor=viewer, at=at)
        return _to(token, steps_for(kind)[0].key)
    return render(
        request,
        "requests_intake/report_start.html",
        {"form": form, "draft_token": token if draft is not None else "", "here": here},
        status=422 if form.errors else 200,
    )


@csrf_exempt  # the unguessable token in the address is the protection; a lost cookie must not lose what was typed
@public(_CAPABILITY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, token: str, step: str) -> HttpResponse:
    """Show or take one step of the flow."""
    if step == PREVIEW.key and request.method == "POST" and "_preference" not in request.POST:
        return _send(request, token)
    draft = draft_find(token, at=timezone.now())
    if draft is None:
        return _gone(request)
    steps = {one.key: one for one in steps_of(draft.data)}
    current = steps.get(step)
    if current is None:
        return redirect("intake:step", token=token, step=next(iter(steps)))
    try:
        if current is PHOTOS:
            return _photos(request, draft, token)
        if current is PREVIEW:
            return _preview(request, draft, token)
        return _question(request, draft, token, current)
    except StaleState:  # sent or expired while this was on its way
        return _gone(request)


def _question(request: HttpRequest, draft: Draft, token: str, current: Step) -> HttpResponse:
    assert current.form is not None  # noqa: S101
    assert current.keep is not None  # noqa: S101
    if request.method != "POST":
        return _show(request, draft, token, current, current.form(draft.data, None))
    draft = _keep_raw(request, draft, current)
    if preference := request.POST.get("_preference"):
        return _preferred(token, current.key, preference)
    if "autosave" in request.POST:
        return HttpResponse(status=204)
    if "back" in request.POST:
        return HttpResponseRedirect(_back(draft, token, current))
    if current is QUESTIONS and "refresh" in request.POST:
        return render(request, "requests_intake/_questions.html", {"form": current.form(draft.data, None)})
    if current is WHERE and "browse" in request.POST:
        form = current.form(draft.data, None)
        if wants_partial(request):
            return render(request, "requests_intake/_estates.html", {"form": form})
        return _show(request, draft, token, current, form)
    if current is WHERE and "skip" in request.POST:
        draft = draft_update(draft=draft, changes=NO_PLACE, at=timezone.now())
        return _onward(request, draft, token, current)
    if current is WHERE and "home" in request.POST and (home := _home(request)) is not None:
        raw = draft.data["raw"] | {WHERE.key: {"address": home.address}}
        draft = draft_update(draft=draft, changes={"raw": raw, **place_of_home(home)}, at=timezone.now())
        return _onward(request, draft, token, current)
    form = current.form(draft.data, request.POST)
    if form.is_valid():
        try:
            draft = draft_update(draft=draft, changes=current.keep(draft.data, form.cleaned_data), at=timezone.now())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return _onward(request, draft, token, current)
    return _show(request, draft, token, current, form, status=422)


def _home(request: HttpRequest) -> Home | None:
    """The home of theirs that somebody pressed; the binding may have ended since the page was shown."""
    offered = {one.key: one for one in homes_of(request.viewer)}  # type: ignore[attr-defined]
    return offered.get(request.POST["home"])


def _keep_raw(request: HttpRequest, draft: Draft, current: Step) -> Draft:
    """Keep what was typed before anything judges it."""
    assert current.form is not None  # noqa: S101
    fields = current.form(draft.data, None).fields
    names = set(fields) - {"shown", "seen"}  # the time trap's stamp is no answer, nor is what the page showed
    typed: dict[str, Any] = {name: request.POST[name][:20_000] for name in names if name in request.POST}
    if current is QUESTIONS:  # several answers to one question; none is an answer, too; what is not asked now stays
        given = {name: request.POST.getlist(name) for name in names if isinstance(fields[name], MultipleChoiceField)}
        typed = {**draft.data.get("raw", {}).get(current.key, {}), **dict.fromkeys(names, ""), **typed, **given}
    raw = {**draft.data.get("raw", {}), current.key: typed}
    return draft_update(draft=draft, changes={"raw": raw}, at=timezone.now())


def _show(
    request: HttpRequest, draft: Draft, token: str, current: Step, form: Any, status: int = 200, **extra: Any
) -> HttpResponse:
    context = _context(draft, token, current) | {"form": form} | extra
    viewer = request.viewer  # type: ignore[attr-defined]
    if current is WHERE:
        context["homes"] = homes_of(viewer)
    if current is CONTACT:
        context["known"] = known_contact(viewer)
    if current.key == "category":
        found = categories_for(draft.data.get("body", ""), area_code=draft.data.get("area_code", ""))
        guides = any(category.guide_text for category in found.categories)
        context |= {"emergency": found.emergency, "suggested": found.categories, "has_guides": guides}
        context["not_here"] = not_offered(draft.data)
        chosen = form.cleaned_data.get("category_id") if form.is_bound and hasattr(form, "cleaned_data") else None
        if chosen:
            context["stop"] = Category.objects.filter(pk=chosen).exclude(stop_text="").first()
    return render(request, f"requests_intake/report_{current.key}.html", context, status=status)


def _context(draft: Draft, token: str, current: Step) -> dict[str, Any]:
    steps = steps_of(draft.data)
    return {
        "token": token,
        "step": current,
        "step_number": steps.index(current) + 2,
        "step_count": len(steps) + 1,
        "back_url": _back(draft, token, current),
        "draft_form_id": "step-form",
        "data": draft.data,
        "kind_label": RequestKind(draft.data["kind"]).label,
    }


def _photos(request: HttpRequest, draft: Draft, token: str) -> HttpResponse:
    """Take photos one by one or several at once; each fault is told beside the field and the others stay."""
    errors: list[str] = []
    recording_error = ""
    if request.method == "POST":
        if preference := request.POST.get("_preference"):
            return _preferred(token, PHOTOS.key, preference)
        if remove := request.POST.get("remove"):
            draft_photo_remove(draft=draft, file_id=remove, at=timezone.now())
            return _again(request)
        if "remove_recording" in request.POST:
            draft_recording_remove(draft=draft, at=timezone.now())
            return _again(request)
        draft, errors = store_photos(request, draft, ANONYMOUS)
        draft, recording_error = store_recording(request, draft, ANONYMOUS)
        if not (errors or recording_error):
            if "back" in request.POST:
                return HttpResponseRedirect(_back(draft, token, PHOTOS))
            return _again(request) if "add" in request.POST else _onward(request, draft, token, PHOTOS)
    context = _context(draft, token, PHOTOS) | {
        "photos": draft_photos(draft),
        "photo_errors": errors,
        "photos_left": PHOTOS_MAX - len(draft.data.get("photos", [])),
        "photos_max": PHOTOS_MAX,
        "recording": draft_recording(draft),
        "recording_error": recording_error,
        "recording_words": request.POST.get("recording_words", ""),
        "limits": recording_limits(),
    }
    status = 422 if errors or recording_error else 200
    return render(request, "requests_intake/report_photos.html", context, status=status)


def _send(request: HttpRequest, token: str) -> HttpResponse:
    """File the request; the draft is taken in the same statement that finds it."""
    error = None
    at = timezone.now()
    try:
        submitted = draft_submit(
            token=token,
            submission_key=request.POST.get("submission_key", ""),
            language=get_language() or "zh-hans",
            is_complete=lambda data: missing_step(data) is None,
            actor=ANONYMOUS,
            at=at,
        )
    except StaleState:
        return _gone(request)
    except DraftIncomplete:
        pass  # the page of the missing answer
    except DomainError as failure:
        error = failure
    else:
        return redirect("intake:receipt", token=submitted.token)
    draft = draft_find(token, at=at)
    return _gone(request) if draft is None else _preview(request, draft, token, error)


def _preview(request: HttpRequest, draft: Draft, token: str, error: DomainError | None = None) -> HttpResponse:
    missing = missing_step(draft.data)
    if missing is not None:
        return _to(token, missing.key)
    if preference := request.POST.get("_preference"):
        return _preferred(token, PREVIEW.key, preference)
    data = draft.data
    category = Category.objects.filter(pk=data.get("category_id")).first()
    context = _context(draft, token, PREVIEW) | {
        "error": error,
        "category": category,
        "summary": draft_summary(draft, token),
        "photos": draft_photos(draft),
        "recording": draft_recording(draft),
        "public": public_view(
            kind=data["kind"],
            category_label=category.label if category else _("待判断"),
            title=title_of(data["body"]),
            body=data["body"],
            area_code=data.get("area_code", ""),
            photo_count=len(data.get("photos", [])),
        ),
        "place_note": _place_note(data),
        "words": profile_at(data.get("area_code", "")).place_words(),
        "change": {
            key: f"{reverse('intake:step', args=[token, key])}?from={PREVIEW.key}" for key in ("photos", "contact")
        },
        "is_outside": data.get("place_kind") == "pin" and not district_contains(data["lng"], data["lat"]),
    }
    return render(request, "requests_intake/report_preview.html", context, status=422 if error else 200)


def _place_note(data: Mapping[str, Any]) -> str:
    """What we made of the place: told before sending, so that a wrong guess can be put right."""
    code = data.get("area_code", "")
    path = [code[:length] for length in (9, 12, 15) if len(code) >= length]
    names = areas.names(path) if path else {}
    area = " · ".join(names[part] for part in path if part in names)
    if data.get("recognised"):
        return _("我们认出：%(address)s") % {"address": data["recognised"]}
    if area:
        return _("在%(area)s") % {"area": area}
    return _("没有认出这个地址，受理台会看。") if data.get("address") and data.get("lng") is None else ""


def _onward(request: HttpRequest, draft: Draft, token: str, current: Step) -> HttpResponseRedirect:
    """Go on; who came from the preview to change one thing goes back to it."""
    if request.GET.get("from") == PREVIEW.key:
        return _to(token, PREVIEW.key)
    if current is WHAT and draft.data["kind"] == RequestKind.ENQUIRY and articles_for(draft.data.get("body", "")):
        return HttpResponseRedirect(reverse("intake:answers", args=[token]))
    if current is CATEGORY and similar_for(draft.data, at=timezone.now()):  # neighbours may have reported it already
        return HttpResponseRedirect(reverse("intake:similar", args=[token]))
    steps = steps_of(draft.data)
    return _to(token, steps[min(len(steps) - 1, steps.index(current) + 1)].key)


def _back(draft: Draft, token: str, current: Step) -> str:
    """Address of the question before; before the first one the kind is chosen, for the same draft."""
    steps = steps_of(draft.data)
    position = steps.index(current)
    if position:
        return reverse("intake:step", args=[token, steps[position - 1].key])
    return f"{reverse('intake:start')}?draft={token}"


def _again(request: HttpRequest) -> HttpResponseRedirect:
    """Show the same page anew, also for those who came from the preview."""
    return HttpResponseRedirect(request.get_full_path())


def _to(token: str, key: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("intake:step", args=[token, key]))


def _preferred(token: str, key: str, preference: str) -> HttpResponseRedirect:
    """Come back to the same question in another language or size; what was typed is already kept."""
    response = _to(token, key)
    apply_preference(response, preference)
    return response


def _gone(request: HttpRequest) -> HttpResponse:
    """Say what happened to a draft that was sent or expired."""
    return render(request, "requests_intake/report_gone.html", {}, status=410)
