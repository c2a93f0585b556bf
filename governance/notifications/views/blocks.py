"""The list of addresses to which nothing is sent."""

from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.access.decorators import requires
from governance.errors import DomainError, Forbidden
from governance.notifications.models import BlockedAddress
from governance.notifications.permissions import Capability
from governance.notifications.services.blocking import block_add, block_lift
from governance.notifications.services.messages import may_for
from governance.privacy.masks import mask_email, mask_phone
from governance.web.forms import add_domain_error
from governance.web.keyset import KeysetPage

ROWS = 50


class BlockForm(forms.Form):
    """One address, why, and until when."""

    address = forms.CharField(
        label=gettext_lazy("手机号或邮箱"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("请写手机号，比如 13812345678，或者邮箱")},
    )
    reason = forms.CharField(
        label=gettext_lazy("为什么"),
        max_length=200,
        help_text=gettext_lazy("比如：号码换了主人，现在的主人不要再收；不写姓名和住址。"),
        error_messages={"required": gettext_lazy("请写为什么，以后别人要看得懂")},
    )
    until = forms.DateField(
        label=gettext_lazy("到哪一天为止"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "lr-input--short"}),
        help_text=gettext_lazy("最长一年，到期自己解除。"),
        error_messages={
            "required": gettext_lazy("请写明天到一年以内的一天"),
            "invalid": gettext_lazy("请写明天到一年以内的一天"),
        },
    )


@dataclass(frozen=True, slots=True)
class BlockLine:
    """One row of the list: the address is masked, and gone once the block is over; `last_day` still counts."""

    row: BlockedAddress
    address: str
    last_day: date


@requires(Capability.BLOCK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def blocks(request: HttpRequest) -> HttpResponse:
    """Show the list, the newest first; a POST adds an address."""
    form = BlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            block_add(actor=request.viewer, at=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("记下了，从现在起不再发到这个地址"))
            return redirect("notifications:blocks")
    rows = BlockedAddress.objects.select_related("created_by", "lifted_by")
    page = KeysetPage(rows, order=("-id",), size=ROWS, cursor=request.GET.get("cursor"))
    context = {
        "form": form,
        "page": page,
        "lines": [BlockLine(row, _masked(row), _last_day(row)) for row in page.rows],
        "now": timezone.now(),
        "may_edit": may_for(request.viewer, Capability.BLOCK, ""),  # type: ignore[attr-defined]
    }
    return render(request, "notifications/blocks.html", context, status=422 if form.errors else 200)


@requires(Capability.BLOCK)
@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """End a block."""
    if block_lift(block_id=pk, actor=request.viewer, at=timezone.now()):  # type: ignore[attr-defined]
        messages.success(request, _("解除了，又可以发到这个地址"))
    else:
        messages.info(request, _("已经解除了"))
    return redirect("notifications:blocks")


def _last_day(row: BlockedAddress) -> date:
    return timezone.localdate(row.expires_at) - timedelta(days=1)


def _masked(row: BlockedAddress) -> str:
    address = str(row.address)
    if not address:
        return ""
    return mask_phone(address) if row.is_phone else mask_email(address)
