"""Forms of the pages about tokens of the interface; the services decide."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.permissions import Capability
from governance.access.selectors import areas_to_grant_in, organisations_to_grant_in, roles_with_capabilities
from governance.access.viewer import Viewer
from governance.administration.fields import reason_field
from governance.administration.forms import MOMENT, NOT_UNDERSTOOD, by_kind, what_it_can_do
from governance.web.forms import Hinted, IdempotencyField

FOR_HALF_A_YEAR = timedelta(days=180)


class TokenForm(forms.Form):
    """A new token: whose system, what it may do and where, until when, why."""

    name = forms.CharField(
        label=_("名字"),
        max_length=40,
        help_text=_("经过里会写这个名字，例如：市热线工单系统"),
        error_messages={
            "required": _("请给令牌起个名字，例如：市热线工单系统"),
            "max_length": _("名字最多 40 个字"),
        },
    )
    organisation = forms.ChoiceField(label=_("哪个单位的系统"), error_messages={"required": _("请选一个单位")})
    role = forms.ChoiceField(
        label=_("能做什么"),
        widget=forms.RadioSelect(attrs={"class": "lr-choices--two"}),
        error_messages={"required": _("请选一个角色")},
    )
    area_code = forms.ChoiceField(
        label=_("管哪一片"), required=False, help_text=_("不选，就只能看和办派给这个单位的事")
    )
    expires_at = forms.DateTimeField(
        label=_("到什么时候止"),
        help_text=_("最长一年"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        error_messages={"required": _("请写到期时间"), "invalid": NOT_UNDERSTOOD},
    )
    reason = reason_field(_("为什么"), missing=_("请写明授权的理由，以后查起来才清楚"))
    key = IdempotencyField()

    def __init__(self, data: QueryDict | None = None, *, viewer: Viewer, at: datetime) -> None:
        until = timezone.localtime(at + FOR_HALF_A_YEAR)
        super().__init__(None if data is None else data.dict(), initial={"expires_at": until, "role": "exchange"})
        self._organisations = {str(row.public_id): row for row in organisations_to_grant_in(viewer)}
        giving = {str(Capability.GIVE_GRANT), str(Capability.ISSUE_TOKEN)}
        self._roles = {one.role.key: one for one in roles_with_capabilities() if not giving & one.capabilities}
        fields: dict[str, Any] = self.fields
        fields["organisation"].choices = [("", _("请选一个单位")), *by_kind(list(self._organisations.values()))]
        fields["role"].choices = [
            (key, Hinted(str(column.role), what_it_can_do(column))) for key, column in self._roles.items()
        ]
        fields["area_code"].choices = [
            ("", _("（不按区域）")),
            *((group.title, list(group.areas)) for group in areas_to_grant_in(viewer)),
        ]

    def order(self) -> dict[str, Any]:
        """Return what `token_issue` takes, of a valid form."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "organisation": self._organisations[data["organisation"]],
            "role": self._roles[data["role"]].role,
            "area_code": data["area_code"],
            "expires_at": data["expires_at"],
            "reason": data["reason"],
            "submission_key": data["key"],
        }


class RevokeForm(forms.Form):
    """Why a token ends."""

    reason = reason_field(_("为什么收回"), missing=_("请写明为什么收回"))
