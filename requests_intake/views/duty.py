"""The roster: who is on duty, a week at a time; the gaps stand on top."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from governance.access import areas
from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.models import User
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError, Forbidden
from governance.web.forms import add_domain_error
from requests_intake.permissions import Capability
from requests_intake.selectors.duty import DutyDay, duty_week, people_for
from requests_intake.services.duty import DutyEntry, duty_days_set

_NOBODY = ("", gettext_lazy("没有排人"))


class DutyForm(forms.Form):
    """A person and a number for each day that is not over. Fields are called by their day."""

    def __init__(self, data: Any, *, days: list[DutyDay], people: list[User]) -> None:
        super().__init__(data)
        self.people = {str(one.pk): one for one in people}
        for one in days:
            shift = one.shift
            choices = [_NOBODY, *((key, person.display_name) for key, person in self.people.items())]
            if shift is not None and str(shift.person_id) not in self.people:
                self.people[str(shift.person_id)] = shift.person
                choices.append((str(shift.person_id), shift.person.display_name))
            self.fields[f"{one.day}_person"] = forms.ChoiceField(
                label=_("谁值班"), required=False, choices=choices, initial=str(shift.person_id) if shift else ""
            )
            self.fields[f"{one.day}_phone"] = forms.CharField(
                label=_("值班电话"),
                required=False,
                initial=shift.phone if shift else "",
                widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
            )

    def entries(self, days: list[DutyDay]) -> dict[date, DutyEntry]:
        """What a valid form says of each day."""
        return {
            one.day: DutyEntry(
                self.people.get(self.cleaned_data[f"{one.day}_person"]), self.cleaned_data[f"{one.day}_phone"]
            )
            for one in days
        }


@requires(Capability.ANSWER_ALERT, Capability.EDIT_ROSTER)
@require_http_methods(["GET", "HEAD", "POST"])
def duty(request: HttpRequest) -> HttpResponse:
    """One week of one area; `?area=` and `?week=` choose."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    at = timezone.now()
    choices = _areas(viewer)
    code = next((code for code, _name in choices if code == request.GET.get("area")), choices[0][0])
    monday = _monday(request.GET.get("week", ""), at)
    context: dict[str, Any] = {"areas": choices, "code": code, "first": monday, "at": at}
    context |= {"before": monday - timedelta(days=7), "after": monday + timedelta(days=7)}
    try:
        days = duty_week(code, monday)
    except DomainError as error:  # the working calendar ends before the week does
        return render(request, "requests_intake/duty.html", context | {"problem": str(error.message)})
    open_days = [one for one in days if one.window.end > at]
    may_edit = can(viewer, Capability.EDIT_ROSTER, Scope(code))
    form = DutyForm(request.POST or None, days=open_days, people=people_for(code, at)) if may_edit else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            changed = duty_days_set(area_code=code, entries=form.entries(open_days), actor=viewer, at=at)
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("排班已保存") if changed else _("和原来的一样，没有改动"))
            return redirect(f"{request.path}?area={code}&week={monday}")
    context["rows"] = [
        {
            "day": one,
            "person": form[f"{one.day}_person"] if form is not None and one in open_days else None,
            "phone": form[f"{one.day}_phone"] if form is not None and one in open_days else None,
        }
        for one in days
    ]
    context["gaps"] = [gap for one in open_days for gap in one.gaps if gap.end > at]
    context["form"] = form
    status = 422 if form is not None and form.errors else 200
    return render(request, "requests_intake/duty.html", context, status=status)


def _areas(viewer: Viewer) -> list[tuple[str, str]]:
    """The areas of the viewer's grants, and what lies right below the largest one."""
    held = sorted({*viewer.areas(Capability.EDIT_ROSTER), *viewer.areas(Capability.ANSWER_ALERT)})
    names = areas.names(held)
    below = areas.children(held[0]) if held and len(held[0]) < 9 else []
    return [(code, names.get(code, code)) for code in held] + [one for one in below if one[0] not in held]


def _monday(text: str, at: datetime) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = timezone.localdate(at)
    if not 2000 < day.year < 2200:
        day = timezone.localdate(at)
    return day - timedelta(days=day.weekday())
