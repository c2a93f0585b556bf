"""代录: taking down what somebody says at the counter or on the phone, on one screen, and the slip they get."""

import re
import secrets
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState
from governance.knowledge.selectors import articles_for
from governance.text import mobile_number
from governance.web.forms import add_domain_error
from governance.web.qr import qr_of
from requests_intake.entry_forms import NOT_ANSWERS, EntryForm, EntryQuestionsForm, option_of
from requests_intake.flow import NO_PLACE, concerned_in, place_of
from requests_intake.models import Category, Channel, Draft, ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.questions import FIELD_PREFIX, LONG_MAX, OPTIONS_MAX, QUESTIONS_MAX, QuestionKind, questions_of
from requests_intake.selectors.callers import same_caller
from requests_intake.selectors.choices import organisations_in_reach
from requests_intake.selectors.drafts import draft_photos
from requests_intake.selectors.entries import entries_unfinished, entry_find, entry_number, entry_slip
from requests_intake.selectors.profiles import profile_at
from requests_intake.selectors.recordings import draft_recording, recording_limits
from requests_intake.selectors.similar import COMMUNITY, Similar, similar_open
from requests_intake.services.drafts import draft_photo_remove, draft_recording_remove
from requests_intake.services.entry import entry_drop, entry_keep, entry_submit
from requests_intake.services.submission import PHOTOS_MAX, Submission
from requests_intake.suggestion import categories_for
from requests_intake.views.photos import store_photos, store_recording

_KEY = re.compile(r"[0-9a-f]{32}")
_CHANNEL = "entry_channel"  # what this clerk chose last


@requires(Capability.ENTER_REQUEST)
@never_cache
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Open an empty entry under a key of its own; nothing is written before something is typed."""
    return redirect("intake:entry", key=secrets.token_hex(16))


@requires(Capability.ENTER_REQUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, key: str) -> HttpResponse:
    """Show an entry, keep what is typed, look for the same matter, or save it."""
    if not _KEY.fullmatch(key):
        raise Http404
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    at = timezone.now()
    draft = entry_find(key, viewer, at=at)
    if request.method != "POST":
        return _show(request, key, draft, _form(viewer, initial=_initial(request, draft)))
    if "refresh" in request.POST:
        questions = _asked(_form(viewer, request.POST), request.POST)
        return render(request, "requests_intake/_questions.html", {"form": questions})
    if "aside" in request.GET:
        form = _form(viewer, request.POST)
        return render(request, "requests_intake/_entry_aside.html", _aside(form, viewer))
    try:
        draft = entry_keep(key=key, changes={"raw": _typed(request.POST, viewer)}, actor=viewer, at=at)
    except StaleState:  # saved a moment ago: the other half of a double click, or another window
        if "autosave" in request.POST:
            return HttpResponse(status=204)
        return redirect("intake:entry-slip", number=entry_number(key, viewer))
    if "autosave" in request.POST:
        return HttpResponse(status=204)
    return _act(request, key, draft)


def _act(request: HttpRequest, key: str, draft: Draft) -> HttpResponse:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    posted = request.POST.copy()
    if remove := posted.get("remove"):
        draft_photo_remove(draft=draft, file_id=remove, at=timezone.now())
        return HttpResponseRedirect(reverse("intake:entry", args=[key]) + "#photos")
    if "remove_recording" in posted:
        draft_recording_remove(draft=draft, at=timezone.now())
        return HttpResponseRedirect(reverse("intake:entry", args=[key]) + "#photos")
    draft, faults = store_photos(request, draft, viewer)
    draft, recording_error = store_recording(request, draft, viewer)
    if chosen := posted.get("suggest"):
        posted["category_words"] = chosen
    if said := posted.get("say"):
        posted["answer"] = said
    form = _form(viewer, posted)
    if faults or recording_error or chosen or said or "add" in posted or "look" in posted:
        form.is_valid()
        fresh = _form(viewer, initial=posted.dict() | {"questions": _answers(posted)})
        errors: dict[str, Any] = {"photo_errors": faults, "recording_error": recording_error}
        return _show(request, key, draft, fresh, asked=form, status=422 if faults or recording_error else 200, **errors)
    return _save(request, key, draft, form)


def _save(request: HttpRequest, key: str, draft: Draft, form: EntryForm) -> HttpResponse:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    questions = _asked(form, request.POST, is_sent=True)
    if not (form.is_valid() and questions.is_valid()):
        return _show(request, key, draft, form, questions=questions, status=422)
    told = _told(form)
    unseen = {one.request.number for one in _similar(told, _place(told), viewer)} - set(told["seen"].split())
    if unseen and "is_new" not in request.POST:
        return _show(request, key, draft, form, questions=questions, ask_again=True)
    try:
        submitted = entry_submit(
            submission=_submission(form.cleaned_data, key, questions.cleaned_data["answers"]),
            accept=bool(form.cleaned_data.get("accept")),
            answer=form.cleaned_data.get("answer") or "",
            actor=viewer,
            at=timezone.now(),
        )
    except DomainError as error:
        error.field = {"category": "category_words", "text": "answer"}.get(error.field or "", error.field)
        add_domain_error(questions if error.field in questions.fields else form, error)
        return _show(request, key, draft, form, questions=questions, status=422)
    request.session[_CHANNEL] = form.cleaned_data["channel"]
    return redirect("intake:entry-slip", number=submitted.request.number)


@requires(Capability.ENTER_REQUEST)
@require_POST
def drop(request: HttpRequest, key: str) -> HttpResponse:
    """Throw an unsaved entry away and begin the next one."""
    entry_drop(key=key, actor=request.viewer)  # type: ignore[attr-defined]
    return redirect("intake:entry-begin")


@requires(Capability.ENTER_REQUEST)
@never_cache
@require_safe
def slip(request: HttpRequest, number: str) -> HttpResponse:
    """Show number, promise and link of what was just saved, to read out or to print; the next entry is one key away."""
    found = entry_slip(number, request.viewer, at=timezone.now())  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    link = request.build_absolute_uri(reverse("intake:track", args=[found.track_token]))
    context = {
        "service_request": found,
        "office": found.organisation or found.probable_organisation,
        "link": link,
        "qr": qr_of(link),
        "reached_by": _reached_by(found),
    }
    return render(request, "requests_intake/entry_slip.html", context)


def _reached_by(found: ServiceRequest) -> str:
    """How the person hears of it: the notices go by e-mail where an address was left, else by SMS to a mobile."""
    contact = getattr(found, "contact", None)
    if contact is None:
        return ""
    return "email" if contact.email else "sms" if mobile_number(contact.phone) else "phone" if contact.phone else ""


@requires(Capability.ENTER_REQUEST)
@require_safe
def picker(request: HttpRequest) -> HttpResponse:
    """The map of the entry page, brought when somebody opens it."""
    return render(request, "grid/_picker.html", {"lng_id": "id_lng", "lat_id": "id_lat"})


def _form(viewer: Viewer, posted: QueryDict | None = None, initial: Any = None) -> EntryForm:
    catalogue = Category.objects.filter(is_active=True, code__regex=r"^\d{6}$").order_by("code")
    return EntryForm(
        posted,
        initial=initial,
        catalogue=list(catalogue),
        organisations=organisations_in_reach(viewer.areas(Capability.ENTER_REQUEST)),
        may_accept=viewer.can(Capability.ACCEPT_REQUEST),
    )


def _initial(request: HttpRequest, draft: Draft | None) -> dict[str, Any]:
    if draft is not None:
        return {"for_whom": "me", "calls": "me", **draft.data.get("raw", {})}
    return {"channel": request.session.get(_CHANNEL, Channel.PHONE), "for_whom": "me", "calls": "me"}


def _typed(posted: QueryDict, viewer: Viewer) -> dict[str, Any]:
    names = set(EntryForm.base_fields) - NOT_ANSWERS
    typed: dict[str, Any] = {name: str(posted[name])[:20_000] for name in names if name in posted}
    return typed | {"questions": _answers(posted)}


def _answers(posted: QueryDict) -> dict[str, list[str]]:
    """What was answered to the questions of whichever item, by field; a draft keeps it, whatever is chosen later."""
    names = [name for name in posted if name.startswith(FIELD_PREFIX)][:QUESTIONS_MAX]
    return {name: [one[:LONG_MAX] for one in posted.getlist(name)[:OPTIONS_MAX]] for name in names}


def _asked(form: EntryForm, posted: QueryDict | None, *, is_sent: bool = False) -> EntryQuestionsForm:
    """The questions of the item that the form names now; with `is_sent` what was answered is judged."""
    category: Category | None = _told(form).get("category_words") or None
    questions = questions_of(category.questions) if category is not None else ()
    kept = _answers(posted) if posted is not None else (form.initial or {}).get("questions") or {}
    known = {
        FIELD_PREFIX + one.key: values if one.kind == QuestionKind.MANY else values[-1]
        for one in questions
        if (values := kept.get(FIELD_PREFIX + one.key))
    }
    return EntryQuestionsForm(posted if is_sent else None, questions=questions, kept=known)


def _show(
    request: HttpRequest,
    key: str,
    draft: Draft | None,
    form: EntryForm,
    *,
    asked: EntryForm | None = None,
    questions: EntryQuestionsForm | None = None,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    photos = draft_photos(draft) if draft is not None else []
    aside = _aside(asked or form, viewer)
    context = aside | {
        "form": form,
        "questions": questions if questions is not None else _asked(form, None),
        "key": key,
        "draft": draft,
        "photos": photos,
        "photos_left": PHOTOS_MAX - len(photos),
        "recording": draft_recording(draft) if draft is not None else None,
        "recording_words": request.POST.get("recording_words", ""),
        "limits": recording_limits(),
        "options": [option_of(one) for one in aside["profile"].arranged(form.catalogue)],
        "unfinished": entries_unfinished(viewer, besides=key, at=timezone.now()),
    }
    return render(request, "requests_intake/entry.html", context | extra, status=status)


def _aside(form: EntryForm, viewer: Viewer) -> dict[str, Any]:
    """What helps while somebody is still telling: likely items, an emergency, the same matter, the same caller."""
    told = _told(form)
    place = _place(told)
    is_placed = len(place["area_code"]) >= COMMUNITY
    profile = profile_at(place["area_code"])
    found = categories_for(told.get("body") or "", area_code=place["area_code"])
    similar = _similar(told, place, viewer)
    return {
        "suggested": [(one, option_of(one)) for one in found.categories],
        "emergency": found.emergency,
        "articles": [
            (one, one.text_in(told.get("language") or "zh-hans"))
            for one in (articles_for(told.get("body") or "") if "answer" in form.fields else ())
        ],
        "profile": profile,
        "here": profile if is_placed else None,
        "similar": similar,
        "compared": bool((told.get("body") or "").strip()) and is_placed,
        "seen": " ".join(one.request.number for one in similar),
        "caller": same_caller(viewer, told.get("phone") or "", at=timezone.now()),
    }


def _told(form: EntryForm) -> dict[str, Any]:
    """What of the form can be read already: of an unbound one what was kept."""
    if form.is_bound:
        form.is_valid()
        return form.cleaned_data
    kept = {**dict.fromkeys(form.fields, ""), **(form.initial or {})}
    catalogue = [*form.catalogue, *form.stops]
    bound = EntryForm(kept, catalogue=catalogue, organisations=form.organisations, may_accept=True)
    bound.is_valid()
    return bound.cleaned_data


def _similar(told: dict[str, Any], place: dict[str, Any], viewer: Viewer) -> list[Similar]:
    if not (told.get("body") or "").strip():
        return []
    return similar_open(
        viewer,
        body=told["body"],
        area_code=place["area_code"],
        address=place["address"],
        lng=place["lng"],
        lat=place["lat"],
    )


def _place(told: dict[str, Any]) -> dict[str, Any]:
    given = {name: told.get(name) for name in ("address", "area_code", "lng", "lat")}
    if given["lng"] is None and not given["address"] and not given["area_code"]:
        return NO_PLACE
    return place_of({**given, "address": given["address"] or "", "area_code": given["area_code"] or ""})


def _submission(told: dict[str, Any], key: str, answers: dict[str, Any]) -> Submission:
    place = _place(told)
    category = told["category_words"]
    return Submission(
        kind=told["kind"],
        body=told["body"],
        submission_key=key,
        category_id=category.pk if category else None,
        place_kind=place["place_kind"],
        address=place["address"],
        area_code=place["area_code"],
        lng=place["lng"],
        lat=place["lat"],
        name=told["name"],
        phone=told["phone"],
        email=told["email"],
        concerned=concerned_in(told),
        may_be_public=told["may_be_public"],
        language=told["language"] or "zh-hans",
        channel=told["channel"],
        urgent_remark=told["urgent_remark"],
        answers=answers,
        complained_id=told["complained"].pk if told["complained"] else None,
    )
