"""Checks on site: those of one's area, and the page on the phone of whoever goes."""

from collections.abc import Sequence
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

from governance import refs
from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.files.models import StoredFile
from governance.web.forms import attempt
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from grid.checking import check_lines, check_photos, checks_listed
from grid.models import Check, CheckKind, CheckResult, CheckState
from grid.models.checks import WORDS_MAX
from grid.permissions import Capability
from grid.selectors import area_path
from grid.services.checks import CHECK_PHOTOS_MAX, check_complete
from grid.uploads import kept_photos, uploads_take

PAGE_SIZE = 30
CLOSING_WORDS = {
    CheckResult.FOUND: gettext_lazy("问题还在，没有解决"),
    CheckResult.NOT_FOUND: gettext_lazy("没有看到问题"),
    CheckResult.SETTLED: gettext_lazy("解决了"),
    CheckResult.CANNOT_TELL: gettext_lazy("看不出来"),
}


class CheckForm(forms.Form):
    """What was seen; photos come beside it."""

    result = forms.ChoiceField(
        label=gettext_lazy("看到了什么"),
        choices=CheckResult.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选看到了什么")},
    )
    words = forms.CharField(
        label=gettext_lazy("说明"),
        required=False,
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("例如：井盖缺一角，已放警示桩。不写姓名和电话。"),
    )
    taken: Sequence[StoredFile] = ()
    most = CHECK_PHOTOS_MAX

    def __init__(self, data: Any, *, kind: str) -> None:
        super().__init__(data)
        if kind == CheckKind.BEFORE_CLOSING:
            self.fields["result"].choices = list(CLOSING_WORDS.items())  # type: ignore[attr-defined]


@requires(Capability.CHECK_ON_SITE)
@never_cache
@require_safe
def check_list(request: HttpRequest) -> HttpResponse:
    """What waits in one's area for somebody to go and look, the most pressing first; `?done=1` what was seen."""
    viewer, done = _viewer(request), request.GET.get("done") == "1"
    order = ("-ended_at", "-id") if done else ("due_at", "id")
    page = KeysetPage(checks_listed(viewer, done=done), order=order, size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    context = {"page": page, "rows": check_lines(page.rows, viewer), "done": done}
    return render_page(request, "grid/checks.html", "grid/_checks.html", context)


@requires(Capability.CHECK_ON_SITE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One check: what to look at and where; what was seen, said in three taps."""
    viewer, at = _viewer(request), timezone.now()
    row = _found(viewer, public_id)
    form = CheckForm(request.POST or None, kind=row.kind)
    is_open = row.state == CheckState.OPEN
    may = is_open and not row.keeps_away(viewer) and can(viewer, Capability.CHECK_ON_SITE, row)
    if request.method == "POST" and may:  # whoever may not is refused below
        uploads_take(form, request, viewer, at)

    def complete(data: dict[str, Any]) -> Check:
        return check_complete(check=row, file_ids=[one.pk for one in form.taken], **data, actor=viewer, at=at)

    if request.method == "POST" and attempt(form, complete) is not None:
        messages.success(request, _("记下了，已告诉请您去看的人"))
        return redirect("grid:checks")
    context = {
        "one": row,
        "form": form if may else None,
        "taken": kept_photos(form),
        "is_kept_away": is_open and row.keeps_away(viewer),
        "path": area_path(row.area_code) or row.area_code,
        "photos": check_photos(row) if row.state == CheckState.DONE else [],
        "subject": refs.describe(row.subject_ref, viewer),
        "seen": CLOSING_WORDS[CheckResult(row.result)]
        if row.kind == CheckKind.BEFORE_CLOSING and row.result
        else row.get_result_display(),
    }
    return render(request, "grid/check.html", context, status=422 if form.errors else 200)


def _found(viewer: Viewer, public_id: UUID) -> Check:
    rows = Check.objects.visible_to(viewer).select_related("asked_by", "checked_by")
    found: Check = get_object_or_404(rows, public_id=public_id)
    return found


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
