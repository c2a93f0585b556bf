"""Stand-ins: who looks after my orders while I am away, and whose I look after."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from governance.access.decorators import requires
from governance.access.models import User
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.organisations.models import Organisation
from governance.web.forms import add_domain_error
from governance.worktime.days import midnight
from requests_intake.models import StandIn
from requests_intake.permissions import Capability
from requests_intake.selectors.people import handlers_of
from requests_intake.services.standins import stand_in_end, stand_in_set

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class StandInForm(forms.Form):
    """Whole days: from the first one's morning to the last one's end."""

    organisation = forms.ChoiceField(label=gettext_lazy("哪个单位的工单"))
    substitute = forms.ChoiceField(
        label=gettext_lazy("谁来代班"), error_messages={"required": gettext_lazy("请选谁来代班")}
    )
    starts_at = forms.DateField(
        label=gettext_lazy("从哪天起代班"),
        widget=_DAY,
        error_messages={"required": gettext_lazy("请写从哪天起"), "invalid": gettext_lazy("日期没有看懂")},
    )
    ends_at = forms.DateField(
        label=gettext_lazy("到哪天为止（含这天）"),
        widget=_DAY,
        error_messages={
            "required": gettext_lazy("请写到哪一天为止，要晚于开始，也要晚于现在"),
            "invalid": gettext_lazy("日期没有看懂"),
        },
    )

    def __init__(self, *args: Any, viewer: Viewer, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = viewer.organisations(Capability.HANDLE_ORDER)
        offices = Organisation.objects.filter(pk__in=held).order_by("pk")
        people = handlers_of(held, at).exclude(pk=viewer.user_id)
        self.fields["organisation"].choices = [(str(one.pk), one.label) for one in offices]  # type: ignore[attr-defined]
        self.fields["substitute"].choices = [("", _("请选")), *((str(one.pk), one.display_name) for one in people)]  # type: ignore[attr-defined]


@requires(Capability.HANDLE_ORDER)
def stand_ins(request: HttpRequest) -> HttpResponse:
    """Show and arrange."""
    viewer, at = _viewer(request), timezone.now()
    if request.method != "POST":
        today = {"starts_at": timezone.localdate(at)}
        return _page(request, StandInForm(initial=today, viewer=viewer, at=at), at)
    form = StandInForm(request.POST, viewer=viewer, at=at)
    if form.is_valid():
        chosen, last = form.cleaned_data, form.cleaned_data["ends_at"]
        try:
            stand_in_set(
                substitute=User.objects.filter(pk=chosen["substitute"]).first(),
                organisation_id=int(chosen["organisation"]),
                starts_at=midnight(chosen["starts_at"]),
                ends_at=midnight(last + timedelta(days=1)),
                actor=viewer,
                at=at,
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("代班已安排好，对方会收到提醒"))
            return redirect("intake:stand-ins")
    return _page(request, form, at, status=422)


@requires(Capability.HANDLE_ORDER)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an arrangement of one's own."""
    found = get_object_or_404(StandIn, pk=pk, person_id=_viewer(request).user_id)
    stand_in_end(stand_in=found, actor=_viewer(request), at=timezone.now())
    messages.success(request, _("代班已结束"))
    return redirect("intake:stand-ins")


def _page(request: HttpRequest, form: StandInForm, at: datetime, status: int = 200) -> HttpResponse:
    me = _viewer(request).user_id
    rows = (
        StandIn.objects.filter(Q(person_id=me) | Q(substitute_id=me), ends_at__gt=at)
        .select_related("person", "substitute", "organisation")
        .order_by("starts_at", "pk")
    )
    lines = [
        {"row": row, "own": row.person_id == me, "last": timezone.localdate(row.ends_at - timedelta(seconds=1))}
        for row in rows
    ]
    return render(request, "requests_intake/stand_ins.html", {"form": form, "lines": lines}, status=status)


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer
