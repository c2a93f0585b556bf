"""Macros: one's own list, writing one, and running one on a request after reading what it will do."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden
from governance.web.forms import IdempotencyField, add_domain_error
from requests_intake.models import AnswerTemplate, Category, Macro
from requests_intake.permissions import Capability
from requests_intake.selectors.choices import organisations_in_reach
from requests_intake.selectors.detail import request_for
from requests_intake.selectors.macros import macros_of, sentences
from requests_intake.services.bulk import BY_RULE
from requests_intake.services.macros import STEPS, macro_delete, macro_run, macro_save, may_change, may_run

_WORK = (Capability.ACCEPT_REQUEST, Capability.DISPATCH_REQUEST, Capability.HANDLE_ORDER)
# which step each field of the form belongs to, and under which name the step keeps its value
FIELDS = {
    "accept": {"category": "category"},
    "dispatch": {"organisation": "organisation", "instruction": "instruction"},
    "sign": {},
    "reply": {"template": "template"},
    "note": {"text": "text"},
}


class MacroForm(forms.Form):
    """The steps that the viewer may take, in the order in which they are taken."""

    name = forms.CharField(label=gettext_lazy("名字"), required=False, max_length=40)
    accept = forms.BooleanField(label=gettext_lazy("受理"), required=False)
    category = forms.TypedChoiceField(
        label=gettext_lazy("受理时把事项定为"), required=False, coerce=int, empty_value=None
    )
    organisation = forms.ChoiceField(label=gettext_lazy("派给"), required=False)
    instruction = forms.CharField(label=gettext_lazy("交代一句（居民看不到）"), required=False, max_length=500)
    sign = forms.BooleanField(label=gettext_lazy("签收"), required=False)
    template = forms.TypedChoiceField(
        label=gettext_lazy("按哪个模板答复居民"), required=False, coerce=int, empty_value=None
    )
    text = forms.CharField(
        label=gettext_lazy("记一条内部备注"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_shared = forms.BooleanField(label=gettext_lazy("能做这些步骤的人都可以用"), required=False)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for step, fields in FIELDS.items():
            if not viewer.can(STEPS[step].capability):
                for name in (step, *fields):
                    self.fields.pop(name, None)
        if not viewer.areas(Capability.EDIT_TEMPLATES):
            del self.fields["is_shared"]
        if "category" in self.fields:
            rows = Category.objects.filter(is_active=True, stop_text="", code__regex=r"^\d{6}$").order_by("code")
            self._offer("category", _("照原来的"), [(row.pk, row.label) for row in rows])
        if "organisation" in self.fields:
            offices = organisations_in_reach(viewer.areas(Capability.DISPATCH_REQUEST))
            choices = [(BY_RULE, _("按派单规则")), *((office.pk, office.label) for office in offices)]
            self._offer("organisation", _("不派单"), choices)
        if "template" in self.fields:
            mine = Q(organisation_id__in=viewer.organisations(Capability.HANDLE_ORDER)) | Q(organisation__isnull=True)
            known = AnswerTemplate.objects.filter(mine, is_active=True).order_by("title", "pk")
            self._offer("template", _("不答复"), list(known.values_list("pk", "title")))

    def _offer(self, name: str, nothing: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = [("", nothing), *choices]  # type: ignore[attr-defined]

    def steps(self) -> dict[str, dict[str, Any]]:
        """{step: its values} of what was chosen."""
        given, found = self.cleaned_data, {}
        for step, fields in FIELDS.items():
            values = {kept: given[name] for name, kept in fields.items() if given.get(name)}
            if given.get(step) or values:
                found[step] = values
        office = found.get("dispatch", {}).get("organisation")
        if office is None:  # an instruction alone sends nothing anywhere
            found.pop("dispatch", None)
        elif office != BY_RULE:
            found["dispatch"]["organisation"] = int(office)
        return found


class RunForm(forms.Form):
    """The button."""

    key = IdempotencyField()


@requires(*_WORK)
@require_safe
def macros(request: HttpRequest) -> HttpResponse:
    """One's own, and those of all."""
    viewer = _viewer(request)
    rows = macros_of(viewer)
    said = sentences(rows)
    lines = [{"macro": row, "steps": said[row.pk], "may_change": may_change(row, viewer)} for row in rows]
    return render(request, "requests_intake/macros.html", {"lines": lines})


@requires(*_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def macro(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write one, or change it."""
    viewer = _viewer(request)
    known = _mine(viewer, pk) if pk is not None else None
    form = MacroForm(request.POST if request.method == "POST" else None, viewer=viewer, initial=_initial(known))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            macro_save(
                macro=known,
                name=values["name"],
                steps=form.steps(),
                is_shared=values.get("is_shared", False),
                actor=viewer,
                at=timezone.now(),
            )
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("常用步骤存好了"))
            return redirect("intake:macros")
    context = {"form": form, "macro": known}
    return render(request, "requests_intake/macro.html", context, status=422 if form.errors else 200)


@requires(*_WORK)
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one."""
    macro_delete(macro=_mine(_viewer(request), pk), actor=_viewer(request))
    messages.success(request, _("删掉了"))
    return redirect("intake:macros")


@requires(*_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Say what will be done with the request; on POST, do it and say what became of each step."""
    viewer = _viewer(request)
    found = request_for(number, viewer)
    chosen = Macro.objects.filter(pk=pk).first()
    if found is None or chosen is None or not may_run(chosen, viewer):
        raise Http404
    form = RunForm(request.POST if request.method == "POST" else None, initial={"key": uuid.uuid4()})
    context: dict[str, Any] = {"service_request": found, "macro": chosen, "form": form}
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"]
        context["results"] = macro_run(macro=chosen, request=found, key=key, actor=viewer, at=timezone.now())
    else:
        context["steps"] = sentences([chosen])[chosen.pk]
    return render(request, "requests_intake/macro_run.html", context, status=422 if form.errors else 200)


def _mine(viewer: Viewer, pk: int) -> Macro:
    found = Macro.objects.filter(pk=pk).first()
    if found is None or not may_change(found, viewer):
        raise Http404
    return found


def _initial(known: Macro | None) -> dict[str, Any]:
    if known is None:
        return {}
    values: dict[str, Any] = {"name": known.name, "is_shared": known.owner_id is None}
    for one in known.steps:
        values[one["step"]] = True
        values |= one["values"]
    return values


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer
