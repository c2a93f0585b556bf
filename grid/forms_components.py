"""Forms of components; the rules are in the services."""

import re
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.rules import area_q
from governance.access.viewer import Viewer
from governance.organisations.models import Organisation
from governance.web.forms import IdempotencyField
from grid.component_lists import DUE, Wanted
from grid.models import Area, CodeItem, CodeKind, CodeList, Component, ComponentState, Level
from grid.permissions import Capability
from grid.services.components import TEXT_MAX, ComponentDraft

INDENT = "\u3000"  # as wide as a Chinese character
_NUMBER = re.compile(r"\d{1,9}")
DUE_WORDS = (("", _("不管检查")), ("late", _("该检查没检查")), ("soon", _("七天内要检查")))
_DATE_WRONG = _("日期没有看懂，请写成 2026-01-05")


def kinds_of(code_list: CodeList | None, *, whole: bool = False) -> list[Any]:
    """Choices of component kinds in groups of their classes; `whole` offers each class, too. 1 SQL."""
    if code_list is None:
        return []
    items = CodeItem.objects.filter(code_list=code_list, kind=CodeKind.COMPONENT, is_active=True).order_by("code")
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    for item in items:
        text = f"{item.code} {item.label}"
        if len(item.code) == 2:
            groups.append((text, [(item.code, text)] if whole else []))
        elif groups:
            groups[-1][1].append((item.code, text))
    return groups


def organisation_choices() -> list[tuple[str, str]]:
    """Organisations of the portal. 1 SQL."""
    rows = Organisation.objects.filter(is_active=True)
    return [(str(row.pk), row.label) for row in rows]


class ComponentFilterForm(forms.Form):
    """What the list and the map are narrowed to; what was not understood narrows nothing."""

    code = forms.ChoiceField(label=_("哪一种"), required=False)
    area = forms.ChoiceField(label=_("哪里"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("还在用的")), *ComponentState.choices])
    due = forms.ChoiceField(label=_("检查"), required=False, choices=DUE_WORDS)
    q = forms.CharField(label=_("标识码、名称或位置"), required=False, max_length=40)

    def __init__(self, data: Any, *, code_list: CodeList | None, viewer: Viewer) -> None:
        super().__init__(data)
        self.fields["code"].choices = [("", _("各种部件")), *kinds_of(code_list, whole=True)]  # type: ignore[attr-defined]
        places = _areas(viewer, Capability.VIEW_COMPONENT, data.get("area", ""))
        self.fields["area"].choices = [("", _("各处")), *places]  # type: ignore[attr-defined]
        self.is_valid()

    def wanted(self) -> Wanted:
        """What was understood."""
        said = self.cleaned_data
        organisation = str(self.data.get("organisation", ""))
        return Wanted(
            area=said.get("area", ""),
            code=said.get("code", ""),
            state=said.get("state", ""),
            due=said.get("due", "") if said.get("due") in DUE else "",
            organisation=int(organisation) if _NUMBER.fullmatch(organisation) else None,
            words=said.get("q", ""),
        )


def _areas(viewer: Viewer, capability: str, asked: str = "") -> list[tuple[str, str]]:
    """Areas of the viewer down to the community; grids of those who hold a single community, and beside `asked`.

    1 SQL. A district has thousands of grids: nobody chooses among them in one list.
    """
    roots = viewer.areas(capability)
    inside = area_q(roots, "code")
    if inside is None:
        return []
    near = [code for code in (*roots, asked[:12] if len(asked) >= 12 else "") if len(code) >= 12]
    wanted = Q(level__in=(Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY)) | (area_q(near, "code") or Q(pk=None))
    rows = Area.objects.valid_on(timezone.localdate()).filter(inside & wanted).order_by("code")
    return [
        (area.code, f"{INDENT * max(0, (len(area.code) - 9) // 3)}{area.label}")
        for area in rows.only("code", "name", "name_en")
    ]


class InspectForm(forms.Form):
    """How it is, seen today."""

    state = forms.ChoiceField(
        label=_("现在怎样"),
        choices=ComponentState.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选现在是什么样")},
    )
    text = forms.CharField(label=_("说明"), required=False, max_length=TEXT_MAX)


class ComponentForm(forms.Form):
    """One component, entered or changed."""

    code = forms.ChoiceField(label=_("种类"), error_messages={"required": _("请选是哪一种")})
    identity = forms.CharField(
        label=_("标识码"), required=False, max_length=17, help_text=_("17 位。没有编过的空着，保存时自动编。")
    )
    name = forms.CharField(label=_("名称"), max_length=30, error_messages={"required": _("请写名称")})
    lng = forms.FloatField(label=_("经度"), required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("纬度"), required=False, min_value=-90, max_value=90)
    place = forms.CharField(label=_("位置"), required=False, max_length=200, help_text=_("例如：槐安里 7 号楼北侧"))
    area_code = forms.ChoiceField(
        label=_("属于哪个区域"), required=False, help_text=_("有经纬度的，按位置自动算；不在网格里的要选。")
    )
    state = forms.ChoiceField(label=_("状态"), choices=ComponentState.choices)
    manager = forms.ChoiceField(label=_("主管单位"), required=False)
    manager_name = forms.CharField(
        label=_("主管单位名称"), required=False, max_length=100, help_text=_("不在门户里的单位，写名称。")
    )
    manager_code = forms.CharField(label=_("主管单位代码"), required=False, max_length=18)
    owner = forms.ChoiceField(label=_("权属单位"), required=False)
    owner_name = forms.CharField(label=_("权属单位名称"), required=False, max_length=100)
    maintainer = forms.ChoiceField(label=_("养护单位"), required=False)
    maintainer_name = forms.CharField(label=_("养护单位名称"), required=False, max_length=100)
    started_on = forms.DateField(
        label=_("初始日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _DATE_WRONG, "invalid": _DATE_WRONG},
    )
    inspect_every = forms.IntegerField(
        label=_("几天检查一次"), required=False, min_value=1, max_value=3660, help_text=_("不用定期检查的空着。")
    )
    source = forms.CharField(label=_("数据来源"), required=False, max_length=30)
    note = forms.CharField(label=_("备注"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    key = IdempotencyField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    ORGANISATIONS = ("manager", "owner", "maintainer")

    def __init__(self, data: Any = None, *, viewer: Viewer, code_list: CodeList | None, **options: Any) -> None:
        super().__init__(data, **options)
        self.code_list = code_list
        self.fields["code"].choices = [("", _("请选")), *kinds_of(code_list)]  # type: ignore[attr-defined]
        asked = (data or self.initial).get("area_code", "")
        places = _areas(viewer, Capability.EDIT_COMPONENT, asked)
        self.fields["area_code"].choices = [("", _("按位置算")), *places]  # type: ignore[attr-defined]
        offices = organisation_choices()
        for name in self.ORGANISATIONS:
            self.fields[name].choices = [("", _("不在门户里")), *offices]  # type: ignore[attr-defined]
        for name, message in (("lng", _("经度是 -180 到 180 之间的数")), ("lat", _("纬度是 -90 到 90 之间的数"))):
            field = self.fields[name]
            field.error_messages.update(dict.fromkeys(("invalid", "min_value", "max_value"), message))
            field.widget.attrs["step"] = "any"
        every = _("请写 1 到 3660 之间的天数")
        self.fields["inspect_every"].error_messages.update(dict.fromkeys(("invalid", "min_value", "max_value"), every))

    def clean(self) -> dict[str, Any]:
        """A position has both; the choices become the rows they name."""
        cleaned: dict[str, Any] = super().clean() or {}
        if (cleaned.get("lng") is None) != (cleaned.get("lat") is None):
            missing = "lat" if cleaned.get("lat") is None else "lng"
            self.add_error(missing, _("经度和纬度要一起写"))
        chosen = {cleaned[name] for name in self.ORGANISATIONS if cleaned.get(name)}
        rows = {str(row.pk): row for row in Organisation.objects.filter(pk__in=chosen)}
        for name in self.ORGANISATIONS:
            cleaned[name] = rows.get(cleaned.get(name, ""))
        if cleaned.get("code"):
            items = CodeItem.objects.filter(code_list=self.code_list, kind=CodeKind.COMPONENT, code=cleaned["code"])
            cleaned["item"] = items.get()
        return cleaned

    def draft(self) -> ComponentDraft:
        """What a valid form says."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in {"code", "key", "seen"}}
        return ComponentDraft(**said)

    @classmethod
    def of(cls, row: Component) -> dict[str, Any]:
        """Initial values."""
        names = [name for name in cls.base_fields if name not in {"code", "key", "seen", *cls.ORGANISATIONS}]
        found = {name: getattr(row, name) for name in names}
        found |= {name: getattr(row, f"{name}_id") or "" for name in cls.ORGANISATIONS}
        return found | {"code": row.item.code, "seen": row.changed_at.isoformat()}

    @staticmethod
    def begun(today: date) -> dict[str, Any]:
        """What an empty form begins with."""
        return {"started_on": today, "state": ComponentState.INTACT.value}
