"""Opening a going-through of grants, and deciding over its rows."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.models import Decision, Role
from governance.access.reasons import REASON_MAX
from governance.access.selectors import areas_to_grant_in, organisations_to_grant_in
from governance.access.viewer import Viewer
from governance.administration.forms import by_kind
from governance.web.forms import IdempotencyField

FOR_A_MONTH = timedelta(days=30)


class ReviewForm(forms.Form):
    """What is gone through, until when, and what becomes of what nobody decides."""

    title = forms.CharField(
        label=_("这次核查叫什么"),
        max_length=60,
        help_text=_("例如：2026 年下半年授权核查"),
        error_messages={"required": _("请给这次核查起个名字")},
    )
    area_code = forms.ChoiceField(label=_("哪一片的授权"), required=False, help_text=_("包括下面的社区、网格和单位"))
    organisation = forms.ChoiceField(label=_("或者哪个单位的授权"), required=False)
    role = forms.ChoiceField(label=_("只看一个角色"), required=False)
    due_on = forms.DateField(
        label=_("哪天截止"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("请写明天到一年以内的一天"),
            "invalid": _("日期没有看懂，请写成 2026-01-05"),
        },
    )
    ends_undecided = forms.TypedChoiceField(
        label=_("到期还没定的"),
        choices=[("", _("留着，醒目地列给管理员")), ("1", _("自动结束（能授权、能改权限表的管理员除外）"))],
        coerce=bool,
        empty_value="",
        required=False,
        widget=forms.RadioSelect,
    )
    key = IdempotencyField()

    def __init__(self, data: QueryDict | None = None, *, viewer: Viewer, at: datetime) -> None:
        initial: dict[str, Any] = {"due_on": timezone.localdate(at) + FOR_A_MONTH, "ends_undecided": ""}
        super().__init__(data, initial=initial)
        fields: dict[str, Any] = self.fields
        self._organisations = {str(row.public_id): row for row in organisations_to_grant_in(viewer)}
        self._roles = {role.key: role for role in Role.objects.all()}
        fields["area_code"].choices = [
            ("", _("（不按区域）")),
            *((group.title, list(group.areas)) for group in areas_to_grant_in(viewer)),
        ]
        fields["organisation"].choices = [("", _("（不按单位）")), *by_kind(list(self._organisations.values()))]
        fields["role"].choices = [("", _("所有角色")), *((key, str(role)) for key, role in self._roles.items())]

    def clean(self) -> dict[str, Any]:
        """Exactly one place."""
        data = super().clean() or {}
        places = [data[name] for name in ("area_code", "organisation") if data.get(name)]
        if not self.errors.keys() & {"area_code", "organisation"} and len(places) != 1:
            self.add_error("area_code", _("区域和单位只能选一样") if places else _("请选一个区域，或者选一个单位"))
        return data

    def order(self) -> dict[str, Any]:
        """Return what `review_open` takes, of a valid form."""
        data = self.cleaned_data
        return {
            "title": data["title"],
            "due_on": data["due_on"],
            "area_code": data["area_code"],
            "organisation": self._organisations.get(data["organisation"]),
            "role": self._roles.get(data["role"]),
            "ends_undecided": bool(data["ends_undecided"]),
            "submission_key": data["key"],
        }


class DecisionForm(forms.Form):
    """Which rows, what is decided, and why where they end."""

    items = forms.TypedMultipleChoiceField(
        coerce=int, required=False, error_messages={"invalid_choice": _("有的不在您能定的范围里，请重新选")}
    )
    what = forms.ChoiceField(choices=Decision.choices)
    reason = forms.CharField(
        label=_("原因"),
        max_length=REASON_MAX,
        required=False,
        help_text=_("结束时要写，进入记录"),
        error_messages={"max_length": _("理由请写在 200 字以内")},
    )

    def __init__(self, data: QueryDict | None = None, *, rows: list[int] | None = None) -> None:
        super().__init__(data)
        self.fields["items"].choices = [(pk, pk) for pk in rows or ()]  # type: ignore[attr-defined]
