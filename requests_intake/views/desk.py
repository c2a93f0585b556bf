"""The desk beside a request: internal notes, reply templates, similar requests, who else is here. HTMX loads it after
the page; without script it is a page of its own.
"""

import uuid
from datetime import datetime

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.web.forms import IdempotencyField, add_domain_error
from governance.web.pages import render_page
from requests_intake import placeholders
from requests_intake.models import ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.selectors.desk import desk_of, own_order, place_values, templates_for
from requests_intake.selectors.macros import macros_for
from requests_intake.selectors.sight import covered
from requests_intake.services.notes import note_add

_READ = (Capability.VIEW_REQUEST, Capability.VIEW_ORDER)
PRESENT_SECONDS = 50  # asked every 20 seconds: two polls may get lost
POLL_SECONDS = 20
NOTE_ID = "desk_%s"  # its place is a page full of forms


class NoteForm(forms.Form):
    """A note for colleagues."""

    note = forms.CharField(
        label=gettext_lazy("内部备注"),
        help_text=gettext_lazy("居民看不到。写 @姓名，会提醒这位同事。"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2, "data-key-focus": "n"}),
    )
    key = IdempotencyField()


@requires(*_READ)
@never_cache
@require_safe
def desk(request: HttpRequest, number: str) -> HttpResponse:
    """Show the desk."""
    return _desk(request, _found(request, number))


@requires(*_READ)
@require_POST
def note(request: HttpRequest, number: str) -> HttpResponse:
    """Add an internal note."""
    found = _found(request, number)
    form = NoteForm(request.POST, auto_id=NOTE_ID)
    if form.is_valid():
        try:
            note_add(
                request=found,
                text=form.cleaned_data["note"],
                key=form.cleaned_data["key"],
                actor=_viewer(request),
                at=timezone.now(),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            if getattr(request, "htmx", False):
                return _desk(request, found)
            messages.success(request, _("已记下，居民看不到"))
            return redirect("intake:request", number=number)
    return _desk(request, found, form)


@requires(Capability.HANDLE_ORDER)
@require_safe
def template(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Show a template with its places filled; from here it goes into the answer, where it may still be changed."""
    found = _found(request, number)
    order = own_order(found, _viewer(request))
    chosen = templates_for(found, order).filter(pk=pk).first() if order is not None else None
    if chosen is None:
        raise Http404
    language = "en" if found.language == "en" and chosen.text_en else "zh-hans"
    values = place_values(found, order, language=language, at=timezone.now())
    text = placeholders.fill(chosen.text_en if language == "en" else chosen.text, values)
    context = {"service_request": found, "template": chosen, "text": text, "left": placeholders.unfilled(text)}
    return render_page(request, "requests_intake/template_use.html", "requests_intake/_template_use.html", context)


@requires(*_READ)
@require_POST
def presence(request: HttpRequest, number: str) -> HttpResponse:
    """Say that one is here (and writing), and hear who else is. Kept for less than a minute, never stored."""
    found = _found(request, number)
    viewer = _viewer(request)
    others = _present(found.pk, viewer, writing=bool(request.POST.get("writing")), at=timezone.now())
    context = {
        "writing": [name for name, is_writing in others if is_writing],
        "looking": _("、").join(name for name, is_writing in others if not is_writing),
    }
    return render(request, "requests_intake/_presence.html", context)


def _present(pk: int, viewer: Viewer, *, writing: bool, at: datetime) -> list[tuple[str, bool]]:
    """Note the viewer and return the others' names, and whether they write.

    Of two at the same moment one may get lost until the next poll.
    """
    key, now = f"intake:present:{pk}", at.timestamp()
    known: dict[int, tuple[str, bool, float]] = cache.get(key) or {}
    known = {user: entry for user, entry in known.items() if entry[2] > now - PRESENT_SECONDS}
    known[viewer.user_id or 0] = (viewer.user.display_name, writing, now)
    cache.set(key, known, timeout=PRESENT_SECONDS)
    others = [entry for user, entry in sorted(known.items()) if user != viewer.user_id]
    return [(name, is_writing) for name, is_writing, _seen in others]


def _desk(request: HttpRequest, found: ServiceRequest, form: NoteForm | None = None) -> HttpResponse:
    at = timezone.now()
    shown = desk_of(found, _viewer(request), at=at)
    context = {
        "service_request": found,
        "desk": shown,
        "note_form": form or NoteForm(initial={"key": uuid.uuid4()}, auto_id=NOTE_ID),
        "macros": macros_for(found, shown.order, _viewer(request)),
        "poll_seconds": POLL_SECONDS,
    }
    status = 422 if form is not None and not getattr(request, "htmx", False) else 200
    return render_page(request, "requests_intake/desk.html", "requests_intake/_desk.html", context, status=status)


def _found(request: HttpRequest, number: str) -> ServiceRequest:
    """The request as this viewer may read it; 404 if they may not know of it."""
    if not (number.isascii() and number.isdecimal()):
        raise Http404
    rows = ServiceRequest.objects.visible_to(_viewer(request)).select_related("category", "organisation", "handler")
    found: ServiceRequest | None = rows.filter(number=number).first()
    if found is None:
        raise Http404
    return covered(found, _viewer(request))


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer
