"""Forms of the posts: they parse and coerce; the services decide."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.administration.fields import reason_field
from governance.web.finding import FindPerson
from governance.web.forms import IdempotencyField
from governance.worktime.days import midnight
from grid.models import Area, PostKind
from grid.models.post import AREAS_OF_KIND
from grid.permissions import Capability

DAY_WRONG = _("日期没有看懂，请写成 2026-01-05")
_PHONE_HINT = _("办公室的或工作用的电话，本人同意公布；私人号码不要写在这里")


def _day(label: Any, **kwargs: Any) -> forms.DateField:
    missing = kwargs.pop("missing", DAY_WRONG)
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": missing, "invalid": DAY_WRONG},
        **kwargs,
    )


def begin_of(day: date, at: datetime) -> datetime:
    """The beginning of a day; of today, now: nobody was in a post this morning who is appointed at noon."""
    return at if day == timezone.localdate(at) else midnight(day)


def end_of(day: date | None) -> datetime | None:
    """The end of a day; None stays None."""
    return midnight(day + timedelta(days=1)) if day else None


class PostFilterForm(forms.Form):
    """What the list is narrowed to. Nonsense in the address narrows nothing."""

    ALL, UNCOVERED = "all", "uncovered"
    STATES = [(ALL, _("全部网格")), (UNCOVERED, _("缺人的"))]

    q = forms.CharField(
        label=_("网格或人"), required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search"})
    )
    within = forms.ChoiceField(label=_("街道或社区"), required=False)
    state = forms.ChoiceField(required=False, choices=STATES, widget=forms.HiddenInput)

    def __init__(self, *args: Any, areas: list[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["within"].choices = [("", _("您能看的全部")), *((area.code, area.label) for area in areas)]  # type: ignore[attr-defined]

    @property
    def shown(self) -> str:
        """The part that is shown, of a form that was asked."""
        return self.cleaned_data.get("state") or self.ALL


class AppointForm(FindPerson):
    """Who, in which post, from when to when, what is public, on what ground."""

    CAPABILITY = Capability.APPOINT_POSTS

    kind = forms.ChoiceField(
        label=_("什么岗位"),
        widget=forms.RadioSelect(attrs={"class": "lr-choices--two"}),
        error_messages={"required": _("请选一个岗位")},
    )
    holder_name = forms.CharField(
        label=_("没有账号的楼栋长，写姓名"),
        required=False,
        max_length=40,
        help_text=_("加密存放；公布要经本人同意"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    starts_on = _day(_("从哪天起"), missing=_("请写从哪天起"))
    last_day = _day(_("到哪天为止（含这天）"), required=False, help_text=_("空着就是一直任下去，直到离任"))
    is_public = forms.BooleanField(label=_("在“我的网格”页面上公布姓名"), required=False)
    public_phone = forms.CharField(
        label=_("对外公布的电话"),
        required=False,
        max_length=30,
        help_text=_PHONE_HINT,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    reason = reason_field(
        _("任命依据"),
        missing=_("请写明任命的依据，例如会议或文件"),
        help_text=_("进入记录，例如：社区居委会 11 月会议"),
    )
    key = IdempotencyField()

    def __init__(
        self, data: QueryDict | None = None, *, viewer: Viewer, at: datetime, area_code: str, kind: str = ""
    ) -> None:
        fitting = [(value, label) for value, label in PostKind.choices if len(area_code) in AREAS_OF_KIND[value]]
        only = fitting[0][0] if len(fitting) == 1 else kind
        initial = {"starts_on": timezone.localdate(at), "kind": only, "user": "", "is_public": True}
        super().__init__(data, viewer=viewer, initial=initial)
        self._at = at
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = fitting
        fields["user"].required = False
        self["user_words"].label = _("任命谁")  # made already: the search has read it

    def order(self) -> dict[str, Any]:
        """Return what `post_appoint` takes besides the area, of a valid form."""
        data = self.cleaned_data
        return {
            "kind": data["kind"],
            "user": self.chosen() if data["user"] else None,
            "holder_name": data["holder_name"],
            "starts_at": begin_of(data["starts_on"], self._at),
            "ends_at": end_of(data["last_day"]),
            "is_public": data["is_public"],
            "public_phone": data["public_phone"],
            "reason": data["reason"],
            "submission_key": data["key"],
        }

    def key_held(self) -> UUID:
        """The key of this form."""
        key: UUID = self.cleaned_data["key"]
        return key


class EndForm(forms.Form):
    """Why somebody leaves a post."""

    reason = reason_field(
        _("为什么离任"), missing=_("请写明为什么离任，以后查起来才清楚"), help_text=_("进入记录，例如：调到别的社区")
    )


class ExtendForm(forms.Form):
    """Until when, and why."""

    last_day = _day(_("延到哪天（含这天）"), required=False, help_text=_("空着就是一直任下去，直到离任"))
    reason = reason_field(
        _("为什么延期"), missing=_("请写明为什么延期，以后查起来才清楚"), help_text=_("进入记录，例如：续聘一年")
    )


class ReleaseForm(forms.Form):
    """What stands on the public page."""

    is_public = forms.BooleanField(label=_("在“我的网格”页面上公布姓名"), required=False)
    public_phone = forms.CharField(
        label=_("对外公布的电话"),
        required=False,
        max_length=30,
        help_text=_PHONE_HINT,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )


class StandInForm(FindPerson):
    """Who does the work of a post for some time."""

    CAPABILITY = Capability.APPOINT_POSTS

    starts_on = _day(_("从哪天起代班"), missing=_("请写从哪天起"))
    last_day = _day(_("到哪天为止（含这天）"), missing=_("请写到哪一天为止，要晚于开始，也要晚于现在"))
    reason = reason_field(
        _("为什么"), missing=_("请写明为什么要人代班，以后查起来才清楚"), help_text=_("进入记录，例如：年休假，十天")
    )
    key = IdempotencyField()

    def __init__(self, data: QueryDict | None = None, *, viewer: Viewer, at: datetime) -> None:
        today = timezone.localdate(at)
        initial = {"starts_on": today, "last_day": today + timedelta(days=13), "user": ""}
        super().__init__(data, viewer=viewer, initial=initial)
        self._at = at
        self["user_words"].label = _("谁来代班")  # made already: the search has read it

    def order(self) -> dict[str, Any]:
        """Return what `post_stand_in` takes besides the post, of a valid form."""
        data = self.cleaned_data
        return {
            "substitute": self.chosen(),
            "starts_at": begin_of(data["starts_on"], self._at),
            "ends_at": end_of(data["last_day"]),
            "reason": data["reason"],
            "submission_key": data["key"],
        }
