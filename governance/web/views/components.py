"""Every component in every state on one page: each thing keeps one look. `?as=resident` for the other layout."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from governance.access.decorators import requires
from governance.access.permissions import Capability
from governance.web.forms import Hinted
from governance.web.icons import ICONS


class SampleForm(forms.Form):
    """One field of each sort."""

    day = forms.DateField(
        label=_("哪天发现的？"),
        help_text=_("大概的日子就行，比如 2026-11-05"),
        widget=forms.TextInput(attrs={"class": "lr-input--short", "inputmode": "numeric"}),
        error_messages={"invalid": _("日期没有看懂，请写成 2026-11-05")},
    )
    words = forms.CharField(
        label=_("怎么回事？"),
        help_text=_("像跟邻居说话那样写。不用写姓名和电话，后面会问。"),
        widget=forms.Textarea(attrs={"rows": 4, "data-count": "200"}),
        error_messages={"required": _("请写一两句，我们才知道是什么事")},
    )
    topic = forms.ChoiceField(
        label=_("哪一类"), required=False, choices=[("", _("说不清")), ("light", _("路灯")), ("noise", _("噪声"))]
    )
    open_to_all = forms.ChoiceField(
        label=_("上面那部分，要公开吗？"),
        help_text=_("公开了，邻居能看到进展，不用重复反映。办理快慢一样。"),
        widget=forms.RadioSelect,
        choices=[
            ("1", Hinted(_("公开"), _("不写您的名字、电话和楼号"))),
            ("0", Hinted(_("不公开"), _("只有您和办事的人能看到"))),
        ],
        error_messages={"required": _("请选一样")},
    )
    tell = forms.MultipleChoiceField(
        label=_("怎么告诉您"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("sms", _("短信")), ("mail", _("邮件"))],
    )
    photos = forms.FileField(label=_("照片"), required=False, help_text=_("最多 9 张。拍摄地点、时间会先去掉。"))
    agree = forms.BooleanField(
        label=_("我看过了，都对"), help_text=_("交了以后，派出去之前都可以自己撤回。"), required=False
    )


def _timeline(now: Any) -> list[SimpleNamespace]:
    steps = [
        ("done", _("社区接下"), -11, _("派给街道环卫。")),
        ("late", _("到期没有答复"), -4, _("自动上报街道督办。")),
        ("now", _("街道正在协调"), -1, _("和市场方谈收摊时间。")),
        ("", _("给您说明"), 2, _("没谈成也会告诉您下一步。")),
    ]
    return [SimpleNamespace(state=s, title=t, at=now + timedelta(days=d), text=x) for s, t, d, x in steps]


@requires(Capability.WORK)
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Samples with invented words; nothing here reads or writes the database."""
    now = timezone.now()
    resident = request.GET.get("as") == "resident"
    sample = SampleForm({"day": "上上个礼拜", "open_to_all": "1", "tell": ["sms"]}, auto_id="s_%s")
    context = {
        "base": "base_resident.html" if resident else "base_staff.html",
        "resident": resident,
        "sample": sample,
        "icons": sorted(ICONS),
        "timeline": _timeline(now),
        "dues": [
            (now - timedelta(hours=44, minutes=5), None),
            (now + timedelta(hours=3, minutes=40, seconds=30), None),
            (now + timedelta(hours=27, minutes=5), None),
            (now + timedelta(days=4, minutes=5), None),
        ],
        "page": SimpleNamespace(has_previous=True, has_next=True, previous_cursor="a", next_cursor="b"),
    }
    return render(request, "web/components.html", context)
