"""The desk of corrections: what residents say is wrong in their own record, answered one by one."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.checks import can
from governance.access.decorators import requires, viewer_of
from governance.access.viewer import Viewer
from governance.privacy.masks import mask_id_number, mask_name, mask_phone
from governance.web.forms import attempt
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from population.models import Correction, CorrectionState, Residency
from population.models.corrections import WORDS_MAX
from population.naming import dwelling_name
from population.permissions import Capability
from population.selectors.own import (
    correction_files,
    correction_rows,
    corrections_listed,
    shown_of,
)
from population.services.corrections import correction_accept, correction_refuse
from population.services.people import REVEALED, person_reveal

PAGE_SIZE = 30
PURPOSE = "registry_correction"
_MASKS: dict[str, Any] = {"name": mask_name, "document_number": mask_id_number, "phone": mask_phone}


class AnswerForm(forms.Form):
    """What is told to the resident."""

    answer = forms.CharField(
        label=gettext_lazy("答复本人"),
        help_text=gettext_lazy("本人会看到。不改，一定要写为什么；照改，可以不写。"),
        required=False,
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": gettext_lazy("太长了，最多 500 个字")},
    )


@requires(Capability.DECIDE_CORRECTION)
@never_cache
@require_safe
def correction_list(request: HttpRequest) -> HttpResponse:
    """What waits in the viewer's areas, the oldest first; `?done=1` what was answered, the newest first."""
    viewer, done = viewer_of(request), request.GET.get("done") == "1"
    order = ("-decided_at", "-id") if done else ("asked_at", "id")
    rows: Any = corrections_listed(viewer, decided=done)
    page = KeysetPage(rows, order=order, size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    lines = [(one, mask_name(one.person.name), dwelling_name(one.dwelling)) for one in page.rows]
    context = {"page": page, "lines": lines, "done": done}
    return render_page(request, "population/corrections.html", "population/_corrections.html", context)


@requires(Capability.DECIDE_CORRECTION)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correction(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One: what stands there beside what should, masked until opened; take it over, or refuse with a reason."""
    viewer, at = viewer_of(request), timezone.now()
    one = _found(viewer, public_id)
    if "reveal" in request.POST:
        person_reveal(person=one.person, fields=REVEALED, purpose=PURPOSE, actor=viewer, at=at)
        return _page(request, one, AnswerForm(None), is_open=True)
    form = AnswerForm(request.POST or None)
    accepts = "accept" in request.POST

    def answer(data: dict[str, Any]) -> Correction:
        decide = correction_accept if accepts else correction_refuse
        return decide(correction=one, answer=data["answer"], actor=viewer, at=at)

    if request.method == "POST" and attempt(form, answer) is not None:
        messages.success(request, _("改好了，已经答复本人") if accepts else _("没有改，理由已经告诉本人"))
        return redirect("population:corrections")
    return _page(request, one, form, is_open=False, was_refused=accepts and bool(form.errors))


def _page(
    request: HttpRequest, one: Correction, form: AnswerForm, *, is_open: bool, was_refused: bool = False
) -> HttpResponse:
    viewer = viewer_of(request)
    stays = Residency.objects.current().filter(person=one.person_id, dwelling=one.dwelling_id)
    context = {
        "one": one,
        "name": one.person.name if is_open else mask_name(one.person.name),
        "address": dwelling_name(one.dwelling),
        "rows": _rows(one, is_open=is_open),
        "is_open": is_open,
        "was_refused": was_refused,
        "may_open": not is_open and can(viewer, Capability.REVEAL_PERSON, one.person),
        "form": form if one.state == CorrectionState.OPEN else None,
        "photos": correction_files(one),
        "household": stays.select_related("household").order_by("pk").first(),
    }
    return render(request, "population/correction.html", context, status=422 if form.errors else 200)


def _rows(one: Correction, *, is_open: bool) -> list[tuple[Any, Any, Any]]:
    """(what, what stands there now, what should); names, numbers and days of birth masked unless `is_open`."""
    now = shown_of(one.person)

    def shown(name: str, text: Any) -> Any:
        if is_open or name not in REVEALED or not text:
            return text
        return _MASKS[name](str(text)) if name in _MASKS else f"{str(text)[:4]}-**-**"

    return [(label, shown(name, now.get(name, "")), shown(name, text)) for name, label, text in correction_rows(one)]


def _found(viewer: Viewer, public_id: UUID) -> Correction:
    rows: Any = Correction.objects.visible_to(viewer).select_related(
        "person", "decided_by", "dwelling__entrance", "dwelling__building__address"
    )
    found: Correction = get_object_or_404(rows, public_id=public_id)
    return found
