"""A resident's own record: what the registry says of them, putting it right, what became of it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import viewer_of
from governance.accounts.decorators import resident
from governance.errors import Forbidden
from governance.web.forms import attempt
from grid.uploads import kept_photos, uploads_take
from population.forms_own import FieldsForm, MovedInForm, MovedOutForm
from population.models import Correction, CorrectionKind
from population.personal import PERSONAL
from population.selectors.own import OwnRecord, correction_files, correction_rows, my_corrections, my_record
from population.services.corrections import correction_propose, correction_withdraw, own_record_confirm

LIVES_WHERE = PERSONAL[0]  # what the record is kept for, and on what ground


@resident
@never_cache
@require_safe
def my_own_record(request: HttpRequest) -> HttpResponse:
    """What the registry says of the person behind the account, and what they asked to have changed."""
    viewer = viewer_of(request)
    context = {
        "record": my_record(viewer),
        "corrections": my_corrections(viewer),
        "processing": LIVES_WHERE,
        "tab": "home",
    }
    return render(request, "population/my_record.html", context)


@resident
@require_POST
def my_record_confirm(request: HttpRequest) -> HttpResponse:
    """All of it is right."""
    try:
        own_record_confirm(actor=viewer_of(request), at=timezone.now())
    except Forbidden as unbound:  # the binding ended meanwhile: the page says what to do
        messages.error(request, str(unbound.message))
        return redirect("population:my-record")
    messages.success(request, _("谢谢，记下了：今天您核对过，都对。"))
    return redirect("population:my-record")


@resident
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_correction_new(request: HttpRequest, kind: str) -> HttpResponse:
    """Propose a correction: of a field, or that they moved."""
    viewer, at = viewer_of(request), timezone.now()
    record = my_record(viewer)
    if record is None:
        return redirect("population:my-record")
    if kind not in CorrectionKind.values:
        raise Http404
    form = _form(kind, request.POST or None, record)
    if request.method == "POST":
        uploads_take(form, request, viewer, at)

    def propose(data: dict[str, Any]) -> Correction:
        return correction_propose(
            kind=form.kind,
            values=form.values(),
            words=data["words"],
            file_ids=[one.pk for one in form.taken],
            submission_key=data["submission_key"],
            actor=viewer,
            at=at,
        )

    if request.method == "POST" and (made := attempt(form, propose)) is not None:
        messages.success(request, _("收到了。社区核实以后答复您，答复前登记不变。"))
        return redirect("population:my-correction", made.public_id)
    context = {"form": form, "kind": form.kind, "taken": kept_photos(form)}
    return render(request, "population/my_correction_new.html", context, status=422 if form.errors else 200)


@resident
@never_cache
@require_safe
def my_correction(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One of one's own, with its answer; also after the binding has ended."""
    found = _own(request, public_id)
    context = {"one": found, "rows": correction_rows(found), "photos": correction_files(found)}
    return render(request, "population/my_correction.html", context)


@resident
@require_POST
def my_correction_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take it back."""
    correction_withdraw(correction=_own(request, public_id), actor=viewer_of(request), at=timezone.now())
    messages.success(request, _("撤回了，登记没有变"))
    return redirect("population:my-record")


def _form(kind: str, data: Any, record: OwnRecord) -> Any:
    forms_of: dict[str, Any] = {
        CorrectionKind.FIELDS: lambda: FieldsForm(data, person=record.person),
        CorrectionKind.MOVED_OUT: lambda: MovedOutForm(data),
        CorrectionKind.MOVED_IN: lambda: MovedInForm(data),
    }
    form: forms.Form = forms_of[kind]()
    return form


def _own(request: HttpRequest, public_id: UUID) -> Correction:
    rows = Correction.objects.filter(user=viewer_of(request).user_id).select_related("decided_by__organisation")
    found: Correction = get_object_or_404(rows, public_id=public_id)
    return found
