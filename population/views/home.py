"""A resident's own homes: what the account is bound to, binding it with the code of a sealed letter, ending it."""

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
from django.views.decorators.http import require_http_methods, require_POST

from governance.access.decorators import viewer_of
from governance.accounts.decorators import resident
from governance.web.forms import attempt
from governance.web.throttle import throttle
from population.models import DwellingBinding
from population.models.people import NAME_MAX
from population.naming import dwelling_name
from population.selectors.homes import my_bindings
from population.services.bindings import TAIL, binding_end, binding_redeem

_SECRET = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class RedeemForm(forms.Form):
    """The code of the letter, and who the person is. What was wrong of it is never said."""

    code = forms.CharField(
        label=gettext_lazy("绑定码"),
        help_text=gettext_lazy("信里的 10 个字母和数字，例如 7KQ4X-M9R2T"),
        max_length=30,
        widget=forms.TextInput(attrs={**_SECRET, "class": "r-code"}),
        error_messages={"required": gettext_lazy("请写信里的绑定码")},
    )
    name = forms.CharField(
        label=gettext_lazy("您的姓名"),
        help_text=gettext_lazy("和证件上一样的全名"),
        max_length=NAME_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("请写您的姓名")},
    )
    tail = forms.CharField(
        label=gettext_lazy("证件号码的后 6 位"),
        help_text=gettext_lazy("身份证最后是 X 的，也算一位"),
        min_length=TAIL,
        max_length=TAIL,
        widget=forms.TextInput(attrs=_SECRET),
        error_messages={
            "required": gettext_lazy("请写证件号码的后 6 位"),
            "min_length": gettext_lazy("要写满 6 位"),
            "max_length": gettext_lazy("只写最后 6 位"),
        },
    )


@resident
@never_cache
@throttle("dwelling-bind", limit=10, seconds=3600, by="user")
@require_http_methods(["GET", "HEAD", "POST"])
def my_home(request: HttpRequest) -> HttpResponse:
    """What the account is bound to; with the code of a letter, bind it."""
    viewer = viewer_of(request)
    form = RedeemForm(request.POST or None)

    def redeem(data: dict[str, Any]) -> DwellingBinding:
        return binding_redeem(**data, actor=viewer, at=timezone.now())

    if request.method == "POST" and attempt(form, redeem) is not None:
        messages.success(request, _("绑定好了。您可以看自己的登记，反映问题时不用再写地址。"))
        return redirect("population:my-home")
    homes = [(one, dwelling_name(one.dwelling)) for one in my_bindings(viewer)]
    context = {"form": form, "homes": homes, "tab": "home"}
    return render(request, "population/my_home.html", context, status=422 if form.errors else 200)


@resident
@require_POST
def my_home_end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End one's own binding."""
    viewer = viewer_of(request)
    found = get_object_or_404(DwellingBinding.objects.live(), public_id=public_id, user=viewer.user_id)
    if request.POST.get("sure") != "on":
        messages.error(request, _("要解除，请先打勾"))
        return redirect("population:my-home")
    binding_end(binding=found, actor=viewer, at=timezone.now())
    messages.success(request, _("解除了。登记本身没有变；以后要再看，请向社区要新的绑定码。"))
    return redirect("population:my-home")
