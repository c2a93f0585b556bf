"""Limits of turns, texts of the legal reasons, the ladder of reminders: one list, one page to change each."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.decorators import requires
from governance.errors import DomainError, StaleState
from governance.web.forms import add_domain_error
from requests_intake.forms_office_settings import ReasonTextForm, RiskWordsForm, RungForm, SettingForm, TurnLimitForm
from requests_intake.models import EscalationStep, ReasonText, RiskWords, TurnLimit
from requests_intake.permissions import Capability
from requests_intake.selectors.office_settings import (
    SettingLine,
    limit_line,
    limit_lines,
    reason_line,
    reason_lines,
    role_names,
    rung_line,
    rung_lines,
    setting_changes,
    words_line,
    words_lines,
)
from requests_intake.services.office import may_in_office
from requests_intake.services.office_settings import (
    FIXED_UNITS,
    reason_text_change,
    risk_words_change,
    rung_change,
    turn_limit_change,
)

_CAPABILITY = Capability.EDIT_POLICIES


@requires(_CAPABILITY)
@require_safe
def limits(request: HttpRequest) -> HttpResponse:
    """All rows, with what no official paper confirmed yet."""
    found = {"limits": limit_lines(), "rungs": rung_lines(), "reasons": reason_lines(), "words": words_lines()}
    unconfirmed = sum(not line.row.is_confirmed for lines in found.values() for line in lines)
    viewer = request.viewer  # type: ignore[attr-defined]
    opens_roster = viewer.can(Capability.ANSWER_ALERT) or viewer.can(Capability.EDIT_ROSTER)
    context = found | {"unconfirmed": unconfirmed, "may_edit": _may(request), "opens_roster": opens_roster}
    return render(request, "requests_intake/admin/limits.html", context)


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def limit(request: HttpRequest, key: str) -> HttpResponse:
    """Change how long a turn may take."""
    row = get_object_or_404(TurnLimit, key=key)

    def save(data: dict[str, Any], common: dict[str, Any]) -> Any:
        return turn_limit_change(limit=row, unit=data.pop("unit", ""), **data, **common)

    hint = _("这一项怎么算是定好的，只能改数字。") if key in FIXED_UNITS else ""
    return _edit(request, TurnLimitForm(request.POST or None, row=row), limit_line(row), save, hint=hint)


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def reason(request: HttpRequest, code: str) -> HttpResponse:
    """Change what residents are told for a legal reason."""
    row = get_object_or_404(ReasonText, reason=code)

    def save(data: dict[str, Any], common: dict[str, Any]) -> Any:
        return reason_text_change(row=row, **data, **common)

    hint = _("只是先填好的话：办的人发出以前可以改。已经发给居民的不变。六条理由是法定的，不能增减。")
    return _edit(request, ReasonTextForm(request.POST or None, row=row), reason_line(row), save, hint=hint)


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def risk_words(request: HttpRequest) -> HttpResponse:
    """Change the words that mean danger."""
    row = RiskWords.objects.order_by("pk").first()
    if row is None:
        raise Http404

    def save(data: dict[str, Any], common: dict[str, Any]) -> Any:
        return risk_words_change(row=row, **data, **common)

    hint = _("只看以后提交的诉求；已经提交的不再看一遍。")
    return _edit(request, RiskWordsForm(request.POST or None, row=row), words_line(row), save, hint=hint)


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def rung(request: HttpRequest, level: int) -> HttpResponse:
    """Change one rung of the ladder."""
    row = get_object_or_404(EscalationStep, level=level)
    names = role_names()

    def save(data: dict[str, Any], common: dict[str, Any]) -> Any:
        hours, percent = data.pop("hours_after", None), data.pop("percent", None)
        return rung_change(rung=row, hours_after=hours, percent=percent, **data, **common)

    hint = _("正在走的时限，下一次提醒还在原来排好的时刻，从那以后按新的。")
    form = RungForm(request.POST or None, row=row)
    return _edit(request, form, rung_line(row, names), save, hint=hint, names=names)


def _edit(
    request: HttpRequest,
    form: SettingForm,
    line: SettingLine,
    save: Callable[[dict[str, Any], dict[str, Any]], Any],
    *,
    hint: str,
    names: dict[str, str] | None = None,
) -> HttpResponse:
    if not _may(request):  # a part of the district may look at the list; what is changed here holds for all of it
        raise PermissionDenied
    if request.method == "POST" and form.is_valid():
        try:
            save(dict(form.cleaned_data), {"actor": request.viewer, "at": timezone.now()})  # type: ignore[attr-defined]
        except StaleState:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("已保存"))
            return redirect("intake:limits")
    context = {"form": form, "line": line, "hint": hint, "changes": setting_changes(line.row, names)}
    return render(request, "requests_intake/admin/limit.html", context, status=422 if form.errors else 200)


def _may(request: HttpRequest) -> bool:
    return may_in_office(request.viewer, _CAPABILITY)  # type: ignore[attr-defined]
