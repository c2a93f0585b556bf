"""Standing back from a request: one page, for oneself; for others, too, from the desk."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.models import User
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from requests_intake.models import ServiceRequest, WorkOrder
from requests_intake.permissions import Capability
from requests_intake.selectors.detail import request_for
from requests_intake.selectors.people import handlers_of
from requests_intake.services.recusing import request_recuse
from requests_intake.turn_forms import words


class RecuseForm(forms.Form):
    """Who stands back, why, and who takes over."""

    user = forms.ModelChoiceField(label=_("谁回避"), queryset=User.objects.none(), required=False, empty_label=None)
    reason = words(_("有什么利害关系"), rows=2, help_text=_("同事看得到；居民看不到。"), most=300)
    colleague = forms.ModelChoiceField(
        label=_("换谁来办"),
        help_text=_("正在经办的人回避，要换承办单位的另一位。"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("不用换"),
    )

    def __init__(self, *args: Any, people: Any, handlers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, found in (("user", people), ("colleague", handlers)):
            self.fields[name].queryset = found  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = lambda user: user.display_name  # type: ignore[attr-defined]


@requires(Capability.VIEW_REQUEST, Capability.VIEW_ORDER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recuse(request: HttpRequest, number: str) -> HttpResponse:
    """Say that one has an interest in the matter; the order then has another name."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    found = request_for(number, viewer)
    if found is None:
        raise Http404
    form = _form(found, viewer, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            request_recuse(request=found, actor=viewer, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("已回避，以后这件诉求的每一步都由别人做"))
            return redirect("intake:request", number=number)
    context = {"form": form, "service_request": found}
    return render(request, "requests_intake/recuse.html", context, status=422 if form.errors else 200)


def _form(found: ServiceRequest, viewer: Viewer, data: Any) -> RecuseForm:
    offices = WorkOrder.objects.filter(request=found, is_current=True).values_list("organisation_id", flat=True)
    handlers = handlers_of(offices, timezone.now())
    people = User.objects.filter(pk=viewer.user_id or 0)
    if can(viewer, Capability.DISPATCH_REQUEST, found):
        people = (handlers | people).distinct()
    return RecuseForm(
        data, people=people.order_by("display_name", "pk"), handlers=handlers, initial={"user": viewer.user_id}
    )
