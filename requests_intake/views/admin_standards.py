"""Case standards: when each matter is filed and closed here, by which time limits; loaded, changed, confirmed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from governance.access.decorators import requires
from governance.errors import DomainError
from governance.text import clean_text
from governance.web.forms import attempt
from grid.models import CodeItem, CodeKind
from requests_intake.forms_office_settings import SettingForm
from requests_intake.models import CaseStandard
from requests_intake.permissions import Capability
from requests_intake.selectors.matters import matters_found
from requests_intake.selectors.policies import policy_choices
from requests_intake.services.office import may_in_office
from requests_intake.services.standards import case_standard_set, case_standards_load

_CAPABILITY = Capability.EDIT_POLICIES


class StandardForm(SettingForm):
    """One matter's standard."""

    filing = forms.CharField(
        label=gettext_lazy("立案条件"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("受理的人看得到；空着就按事项目录的受理标准。"),
    )
    closing = forms.CharField(
        label=gettext_lazy("结案条件"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("承办、核查的人看得到；空着就按事项目录的办结标准。"),
    )
    policy_key = forms.ChoiceField(label=gettext_lazy("办理时限"), required=False)
    source = forms.CharField(
        label=gettext_lazy("出处"), required=False, max_length=200, help_text=gettext_lazy("文件名和条款")
    )

    def __init__(self, data: Any = None, *, row: CaseStandard) -> None:
        super().__init__(data, row=row)
        choices = [("", gettext_lazy("按事项目录的时限")), *policy_choices()]
        self.fields["policy_key"].choices = choices  # type: ignore[attr-defined]


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def standards(request: HttpRequest) -> HttpResponse:
    """All that are written; `?q=` finds a matter to write one for; a press loads those that come with Liren."""
    viewer: Any = request.viewer  # type: ignore[attr-defined]
    may_edit, problem = may_in_office(viewer, _CAPABILITY), ""
    if request.method == "POST":
        if not may_edit:
            raise PermissionDenied
        try:
            count = case_standards_load(actor=viewer, at=timezone.now())
        except DomainError as error:
            problem = str(error.message)
        else:
            messages.success(request, _("装入了 %(count)s 条，都还没有核实") % {"count": count})
            return redirect("intake:standards")
    words = clean_text(request.GET.get("q", ""), multiline=False)[:30]
    rows = list(CaseStandard.objects.select_related("item").order_by("item__code", "pk"))
    names = dict(policy_choices())
    context = {
        "rows": [(row, names.get(row.policy_key, row.policy_key)) for row in rows],
        "unconfirmed": sum(not row.is_confirmed for row in rows),
        "words": words,
        "found": matters_found(words, timezone.localdate()),
        "may_edit": may_edit,
        "problem": problem,
    }
    return render(request, "requests_intake/admin/standards.html", context, status=422 if problem else 200)


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def standard(request: HttpRequest, pk: int) -> HttpResponse:
    """Write or change the standard of one matter."""
    viewer: Any = request.viewer  # type: ignore[attr-defined]
    item = get_object_or_404(CodeItem, pk=pk, kind=CodeKind.MATTER, code__regex=r"^\d{5}$")
    if not may_in_office(viewer, _CAPABILITY):
        raise PermissionDenied
    row = CaseStandard.objects.filter(item=item).first() or CaseStandard(item=item)
    form = StandardForm(request.POST or None, row=row)

    def save(data: dict[str, Any]) -> CaseStandard:
        return case_standard_set(item=item, **data, actor=viewer, at=timezone.now())

    if request.method == "POST" and attempt(form, save) is not None:
        messages.success(request, _("已保存。以后立的案按新的，已经立的不变。"))
        return redirect("intake:standards")
    context = {"form": form, "item": item, "row": row}
    return render(request, "requests_intake/admin/standard.html", context, status=422 if form.errors else 200)
