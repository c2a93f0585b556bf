"""Forms about how people sign in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.access.duties import Holder
from governance.access.models import AccessPolicy, Role
from governance.administration.fields import reason_field
from governance.web.forms import IdempotencyField, moment_held

_NUMBER = {"required": _("请写一个数"), "invalid": _("请写一个整数")}


class ResetForm(forms.Form):
    """Why a device is taken off."""

    reason = reason_field(
        _("原因"), missing=_("请写明原因，以后查起来才清楚"), help_text=_("进入记录，例如：手机丢了，本人当面来办的")
    )


class PasswordResetForm(ResetForm):
    """Why somebody has to set another password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("进入记录，例如：忘了密码，本人当面来办的")


class IdentityForm(ResetForm):
    """Why somebody's tie to the identity provider is taken off."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("进入记录，例如：换了单位的统一身份账号，本人当面来办的")


class PolicyForm(forms.Form):
    """How the office wants its people to sign in."""

    grace_days = forms.IntegerField(
        label=_("给几天时间设好两步登录"),
        help_text=_("从得到角色那天算起，或者从角色开始要两步那天算起。0 就是马上要，没设好什么都打不开。"),
        widget=forms.NumberInput(attrs={"class": "lr-input--short", "min": 0, "max": AccessPolicy.GRACE_MOST}),
        error_messages=_NUMBER,
    )
    fresh_minutes = forms.IntegerField(
        label=_("要紧的事，多少分钟内登录过就不再问密码"),
        help_text=_("改权限表、给授权、停用账号、发令牌这类事，超过这个时间要再写一次密码。"),
        widget=forms.NumberInput(
            attrs={"class": "lr-input--short", "min": AccessPolicy.FRESH_LEAST, "max": AccessPolicy.FRESH_MOST}
        ),
        error_messages=_NUMBER,
    )
    idle_minutes = forms.IntegerField(
        label=_("多少分钟没有动作就退出"),
        help_text=_(
            "快到时先问一声，填了一半的内容替人存着。等级保护一般要求 15 到 30 分钟，以当地测评要求为准，待核实。"
        ),
        widget=forms.NumberInput(
            attrs={"class": "lr-input--short", "min": AccessPolicy.IDLE_LEAST, "max": AccessPolicy.IDLE_MOST}
        ),
        error_messages=_NUMBER,
    )
    reason = reason_field(_("为什么改"), missing=_("请写明为什么改，以后查起来才清楚"))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_seen(self) -> datetime | None:
        """When the rule had been changed as the person read it."""
        return moment_held(self.cleaned_data["seen"])

    @classmethod
    def of(cls, policy: AccessPolicy) -> dict[str, Any]:
        """Initial values."""
        seen = policy.changed_at.isoformat() if policy.changed_at else ""
        return {name: getattr(policy, name) for name in ("grace_days", "fresh_minutes", "idle_minutes")} | {
            "seen": seen
        }


class SeparateForm(forms.Form):
    """For each person with several duties the one that stays, and why."""

    def __init__(self, *args: Any, several: list[Holder], roles: Mapping[str, Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.several = several
        for holder in several:
            self.fields[f"keep-{holder.user.public_id}"] = forms.ChoiceField(
                label=_("%(name)s留下哪一种") % {"name": holder.user.display_name},
                choices=[(duty, str(roles[duty])) for duty in holder.duties],
                widget=forms.RadioSelect(attrs={"class": "lr-choices--two"}),
                error_messages={"required": _("请选一种")},
            )
        self.fields["reason"] = reason_field(
            _("为什么现在分开"),
            missing=_("请写明原因，以后查起来才清楚"),
            help_text=_("进入记录，例如：等级保护要求，三位管理员都到岗了"),
        )

    def keep(self) -> dict[int, str]:
        """The duty that stays, by person."""
        return {one.user.pk: self.cleaned_data[f"keep-{one.user.public_id}"] for one in self.several}


class EmergencyForm(forms.Form):
    """For how long the emergency account is needed, and what has happened."""

    hours = forms.IntegerField(
        label=_("要几个小时"),
        initial=2,
        help_text=_("最多 8 小时，到点自己封上"),
        widget=forms.NumberInput(attrs={"class": "lr-input--short", "min": 1, "max": 8}),
        error_messages=_NUMBER,
    )
    reason = reason_field(
        _("出了什么事"),
        missing=_("请写明出了什么事，以后查起来才清楚"),
        help_text=_("所有管理员都看得到，例如：安全管理员住院，停用的账号没有人能处理"),
    )
    key = IdempotencyField()
