"""Forms of the access pages: they parse and coerce; the services decide."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.access.models import GrantLife, Role
from governance.access.selectors import (
    GrantFilter,
    RoleColumn,
    areas_to_grant_in,
    capability_groups,
    organisations_to_grant_in,
    roles_with_capabilities,
)
from governance.access.viewer import Viewer
from governance.administration.fields import reason_field
from governance.organisations.models import Organisation
from governance.web.finding import FindPerson
from governance.web.forms import Hinted, IdempotencyField

FOR_A_YEAR = timedelta(days=365)
MOMENT = "%Y-%m-%dT%H:%M"
NOT_UNDERSTOOD = _("时间没有看懂，请写成 2026-01-05 09:00")


class SignInForm(forms.Form):
    """E-mail and password. The e-mail stays when something is wrong, the password never does."""

    email = forms.EmailField(
        label=_("邮箱"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("请写您的邮箱"), "invalid": _("邮箱没有看懂，请写成 name@example.cn")},
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("请写密码")},
    )


class CalendarDayForm(forms.Form):
    """Whether the offices work on a day, what it is called, and why it is changed."""

    is_workday = forms.TypedChoiceField(
        label=_("这一天"),
        choices=[("work", _("上班")), ("rest", _("休息"))],
        coerce=lambda value: value == "work",
        widget=forms.RadioSelect(attrs={"class": "lr-choices--two"}),
        error_messages={"required": _("请选上班或休息")},
    )
    name = forms.CharField(label=_("名称"), required=False, help_text=_("例如：台风停工、区运动会；没有就空着"))
    name_en = forms.CharField(label=_("英文名称"), required=False, widget=forms.TextInput(attrs={"lang": "en"}))
    reason = forms.CharField(
        label=_("为什么改"),
        help_text=_("进入记录，例如放假通知的文号"),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明为什么改，例如放假通知的文号")},
    )


def _capability_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """What one can do, by part of the portal."""
    groups = capability_groups()
    return [(str(group.title), [(one.key, str(one.name)) for one in group.capabilities]) for group in groups]


class GrantFilterForm(forms.Form):
    """What the grants list is narrowed to. Nonsense in the address narrows nothing."""

    ALL, ENDING = "all", "ending"
    STATES = [
        (GrantLife.LIVE.value, _("生效中")),
        (ENDING, _("快到期")),
        (GrantLife.FUTURE.value, _("还没开始")),
        (GrantLife.ENDED.value, _("已结束")),
        (ALL, _("全部")),
    ]

    q = forms.CharField(
        label=_("人员"), required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search"})
    )
    role = forms.ChoiceField(label=_("角色"), required=False)
    can = forms.ChoiceField(label=_("能做什么"), required=False)
    state = forms.ChoiceField(required=False, choices=STATES, widget=forms.HiddenInput)
    person = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _("所有角色")), *((role.key, str(role)) for role in roles)]  # type: ignore[attr-defined]
        named = [
            (str(group.title), [(one.key, str(one.name)) for one in group.capabilities])
            for group in capability_groups()
        ]
        self.fields["can"].choices = [("", _("什么都行")), *named]  # type: ignore[attr-defined]

    @property
    def shown(self) -> str:
        """The part that is shown: live grants unless another is named."""
        return self.cleaned_data.get("state") or GrantLife.LIVE.value

    def narrowed(self, *, ending_days: Callable[[], int]) -> GrantFilter:
        """Return the filter for the selector; `ending_days` is asked only where it is about those that end soon."""
        self.is_valid()
        unlimited = self.shown in (self.ALL, self.ENDING)
        return GrantFilter(
            words=self.cleaned_data.get("q", ""),
            role=self.cleaned_data.get("role", ""),
            capability=self.cleaned_data.get("can", ""),
            life=None if unlimited else GrantLife(self.shown),
            ending_days=ending_days() if self.shown == self.ENDING else 0,
            person=self.cleaned_data.get("person"),
        )


class ExplainForm(forms.Form):
    """Who, which record, perhaps what they want to do, and when."""

    who = forms.CharField(
        label=_("谁"),
        required=False,
        max_length=60,
        help_text=_("姓名、工号或邮箱"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    person = forms.UUIDField(required=False, widget=forms.HiddenInput)
    record = forms.CharField(
        label=_("哪条记录"),
        max_length=500,
        help_text=_("贴它的网址，或者写编号、区域编码"),
        error_messages={"required": _("请贴记录的网址，或者写编号")},
    )
    can = forms.ChoiceField(label=_("要做什么"), required=False)
    day = forms.DateField(
        label=_("哪一天"),
        required=False,
        help_text=_("空着就是现在"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期没有看懂，请写成 2026-01-05")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [
            (str(group.title), [(one.key, str(one.name)) for one in group.capabilities])
            for group in capability_groups()
        ]
        self.fields["can"].choices = [("", _("只问看不看得到")), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Somebody is named."""
        data = super().clean() or {}
        if not data.get("who", "").strip() and not data.get("person"):
            self.add_error("who", _("请写是谁"))
        return data

    def moment(self, now: datetime) -> datetime:
        """Noon of the day that was asked for, or now."""
        day = self.cleaned_data.get("day")
        if day is None:
            return now
        return timezone.make_aware(datetime.combine(day, time(12)))


class LeaveForm(forms.Form):
    """Why an account is closed, or opened again (`what`)."""

    what = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = reason_field(
        _("原因"), missing=_("请写明原因，以后查起来才清楚"), help_text=_("进入记录，例如：调到别的单位")
    )


class RoleReasonForm(forms.Form):
    """Why a change of roles is made."""

    reason = reason_field(
        _("为什么改"), missing=_("请写明为什么改，以后查起来才清楚"), help_text=_("进入改动历史，例如：街道办公会定的")
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = IdempotencyField()


class RoleForm(RoleReasonForm):
    """A role of the district's own."""

    name = forms.CharField(label=_("角色叫什么"), max_length=40, error_messages={"required": _("请写名字")})
    name_en = forms.CharField(
        label=_("英文名字"), max_length=60, help_text=_("英文页面上用"), error_messages={"required": _("请写名字")}
    )
    like = forms.ChoiceField(
        label=_("先照哪个角色来"), required=False, help_text=_("建好以后再一项一项增减；空着就只能打开工作台")
    )
    field_order = ("name", "name_en", "like", "reason")

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["like"].choices = [("", _("不照谁")), *((role.key, str(role)) for role in roles)]  # type: ignore[attr-defined]


class GrantForm(FindPerson):
    """One grant: who, as what, where, from when to when, why."""

    role = forms.ChoiceField(
        label=_("什么角色"),
        widget=forms.RadioSelect(attrs={"class": "lr-choices--two"}),
        error_messages={"required": _("请选一个角色")},
    )
    area_code = forms.ChoiceField(
        label=_("管哪一片"), required=False, help_text=_("能看和办这一片里的事，包括下面的社区和网格")
    )
    organisation = forms.ChoiceField(label=_("或者哪个单位"), required=False, help_text=_("只能看和办派给这个单位的事"))
    starts_at = forms.DateTimeField(
        label=_("从什么时候起"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        error_messages={"required": _("请写开始时间"), "invalid": NOT_UNDERSTOOD},
    )
    ends_at = forms.DateTimeField(
        label=_("到什么时候止"),
        required=False,
        help_text=_("空着就是一直有效，直到有人结束它"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        error_messages={"invalid": NOT_UNDERSTOOD},
    )
    reason = reason_field(
        _("为什么"),
        missing=_("请写明授权的理由，以后查起来才清楚"),
        help_text=_("进入记录，以后查得到，例如：顶替休假的同事"),
    )
    key = IdempotencyField()

    def __init__(
        self, data: QueryDict | None = None, *, viewer: Viewer, at: datetime, chosen: UUID | None = None
    ) -> None:
        now = timezone.localtime(at)
        initial = {"starts_at": now, "ends_at": now + FOR_A_YEAR, "user": str(chosen) if chosen else ""}
        super().__init__(data, viewer=viewer, initial=initial)
        self._roles = {column.role.key: column for column in roles_with_capabilities()}
        self._organisations = {str(row.public_id): row for row in organisations_to_grant_in(viewer)}
        self._offer()

    def clean(self) -> dict[str, Any]:
        """Exactly one place."""
        data = super().clean() or {}
        places = [data[name] for name in ("area_code", "organisation") if data.get(name)]
        if not self.errors.keys() & {"area_code", "organisation"} and len(places) != 1:
            self.add_error("area_code", _("区域和单位只能选一样") if places else _("请选一个区域，或者选一个单位"))
        return data

    def order(self) -> dict[str, Any]:
        """Return what `grant_create` takes, of a valid form."""
        data = self.cleaned_data
        return {
            "user": self.chosen(),
            "role": self._roles[data["role"]].role,
            "area_code": data["area_code"],
            "organisation": self._organisations.get(data["organisation"]),
            "starts_at": data["starts_at"],
            "ends_at": data["ends_at"],
            "reason": data["reason"],
            "submission_key": data["key"],
        }

    def _offer(self) -> None:
        fields: dict[str, Any] = self.fields
        fields["role"].choices = [
            (key, Hinted(str(column.role), what_it_can_do(column))) for key, column in self._roles.items()
        ]
        fields["area_code"].choices = [
            ("", _("（不按区域）")),
            *((group.title, list(group.areas)) for group in areas_to_grant_in(self.viewer)),
        ]
        fields["organisation"].choices = [("", _("（不按单位）")), *by_kind(list(self._organisations.values()))]


def what_it_can_do(column: RoleColumn) -> str:
    """What a role can do, as one line of words."""
    names = [
        str(capability.name)
        for group in capability_groups()
        for capability in group.capabilities
        if capability.key in column.capabilities
    ]
    return gettext("能：%(what)s") % {"what": gettext("、").join(names)} if names else gettext("现在什么也不能做")


def by_kind(organisations: list[Organisation]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Organisations as groups of a choice list."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for organisation in organisations:
        groups.setdefault(organisation.get_kind_display(), []).append((str(organisation.public_id), organisation.label))
    return list(groups.items())
