"""Two records of one person: looked at side by side, made one, and parted again."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.access.decorators import requires, viewer_of
from governance.errors import DomainError
from population.freshness import freshness
from population.models import PersonMerge
from population.models.settings import registry_settings
from population.naming import dwelling_name, masked_fields
from population.permissions import Capability
from population.selectors.duplicates import Candidate, candidates_of
from population.services.merging import TAKEN, merge_undo, person_merge
from population.views.cards import person_found

_WORDS = {
    "name": gettext_lazy("姓名"),
    "sex": gettext_lazy("性别"),
    "birth_date": gettext_lazy("出生"),
    "document_number": gettext_lazy("证件"),
    "phone": gettext_lazy("电话"),
}


class MergeForm(forms.Form):
    """Which record goes into the one that is open, and what of it counts."""

    other = forms.UUIDField(
        error_messages={
            "required": gettext_lazy("请选哪一条是同一个人"),
            "invalid": gettext_lazy("请选哪一条是同一个人"),
        }
    )
    take = forms.MultipleChoiceField(required=False, choices=list(_WORDS.items()))
    is_same = forms.BooleanField(
        error_messages={"required": gettext_lazy("请确认核对过：两条说的是同一个人")},
    )


@requires(Capability.MERGE_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Records that may be of the same person, with the reasons; one of them goes into this one."""
    viewer = viewer_of(request)
    row = person_found(viewer, public_id)
    found = candidates_of(row, viewer) if row.merged_into_id is None else []
    form = MergeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        other = next((one.person for one in found if one.person.public_id == form.cleaned_data["other"]), None)
        if other is None:
            form.add_error("other", _("请选哪一条是同一个人"))
        else:
            try:
                person_merge(kept=row, merged=other, take=form.cleaned_data["take"], actor=viewer, at=timezone.now())
                messages.success(request, _("并好了。看着不对，可以在这一页拆开。"))
                return redirect("population:person", row.public_id)
            except DomainError as error:
                form.add_error(None, str(error.message))
    context = {
        "one": row,
        "this": _line(Candidate(row, [])),
        "others": [_line(one) for one in found],
        "form": form,
        "chosen": request.POST.get("other", ""),
        "taken": request.POST.getlist("take"),
        "words": _WORDS,
    }
    return render(request, "population/merge.html", context, status=422 if form.errors else 200)


@requires(Capability.MERGE_PEOPLE)
@require_POST
def part(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Part the record that was merged last into this one."""
    viewer = viewer_of(request)
    row = person_found(viewer, public_id)
    last = PersonMerge.objects.filter(kept=row, undone_at__isnull=True).order_by("-merged_at", "-pk").first()
    if last is None:
        raise Http404
    try:
        merge_undo(merge=last, actor=viewer, at=timezone.now())
        messages.success(request, _("拆开了，又是两条登记。"))
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("population:person", row.public_id)


def _line(one: Candidate) -> dict[str, Any]:
    """A record as it stands beside another: masked, with where and how fresh."""
    at, person = timezone.now(), one.person
    shown = masked_fields(person, timezone.localdate(at))
    values = {
        "name": shown["name"],
        "sex": str(person.get_sex_display()),
        "birth_date": shown["age"],
        "document_number": shown["document_number"],
        "phone": shown["phone"],
    }
    return {
        "person": person,
        "rows": [(key, _WORDS[key], values[key]) for key in TAKEN],
        "reasons": one.words,
        "home": dwelling_name(person.home),
        "fresh": freshness(person, due_months=registry_settings().person_months, at=at),
    }
