"""Which offices read their notices in a group chat, and at which robot."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.notifications.permissions import Capability
from governance.notifications.selectors import offices_for_robots
from governance.notifications.services.robots import office_robot_set
from governance.web.forms import add_domain_error


class RobotForm(forms.Form):
    """One office and the address of its robot; the address is never shown again."""

    office = forms.ChoiceField(
        label=gettext_lazy("哪个单位"), error_messages={"required": gettext_lazy("请选一个单位")}
    )
    url = forms.CharField(
        label=gettext_lazy("群机器人的地址"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("在企业微信或钉钉的群里加一个机器人，把它给的地址抄来。空着就是不再发到群里。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )

    def __init__(self, *args: Any, offices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offices = {str(office.organisation.public_id): office.organisation for office in offices}
        self.fields["office"].choices = [("", "—"), *((key, row.label) for key, row in self.offices.items())]  # type: ignore[attr-defined]


@requires(Capability.EDIT_ROBOT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def robots(request: HttpRequest) -> HttpResponse:
    """List the offices of the viewer's areas that have a robot; a POST sets or takes away one."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    offices = offices_for_robots(viewer)
    form = RobotForm(request.POST if request.method == "POST" else None, offices=offices)
    if request.method == "POST" and form.is_valid():
        office, url = form.offices[form.cleaned_data["office"]], form.cleaned_data["url"]
        try:
            office_robot_set(organisation=office, url=url, actor=viewer, at=timezone.now())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("登记好了。") if url.strip() else _("不再发到这个单位的群里。"))
            return redirect("notifications:robots")
    context = {"form": form, "offices": [office for office in offices if office.has_robot]}
    return render(request, "notifications/robots.html", context, status=422 if form.errors else 200)
