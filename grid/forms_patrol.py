"""Forms of the walk: a finding on a telephone, a route and its places; they parse and coerce, the services decide."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.rules import area_q
from governance.access.viewer import Viewer
from governance.files.models import StoredFile
from governance.web.forms import IdempotencyField
from grid.models import Area, AreaSet, CodeItem, CodeKind, Component, FindingKind, FindingState, Level, SetKind
from grid.models.findings import PLACE_MAX, TEXT_MAX
from grid.permissions import Capability
from grid.services.codes import code_list_on
from grid.services.findings import PHOTOS_MAX, FindingDraft

GRIDS_SHOWN = 200
NAMES_NOBODY = _("只写事：在哪里、为什么、到什么程度。不写姓名、电话、门牌，用“住户甲”“住户乙”代替。")
_HINTS = {
    FindingKind.MATTER: "",
    FindingKind.HAZARD: _("例如：楼道堆物、私拉电线、消防通道被占"),
    FindingKind.DISPUTE: NAMES_NOBODY,
}


def grid_choices(viewer: Viewer, capability: str) -> list[tuple[str, str]]:
    """Grids of today in the viewer's areas, at most `GRIDS_SHOWN`. 1 SQL."""
    inside = area_q(viewer.areas(capability), "code")
    if inside is None:
        return []
    rows = Area.objects.valid_on(timezone.localdate()).filter(inside, level=Level.GRID)
    return [(area.code, area.label) for area in rows.only("code", "name", "name_en").order_by("code")[:GRIDS_SHOWN]]


class FindingForm(forms.Form):
    """What was seen. Photo first, then one sentence; the rest may be left alone."""

    photos = forms.Field(label=_("照片"), required=False, widget=forms.FileInput)
    text = forms.CharField(
        label=_("看到什么"), required=False, max_length=TEXT_MAX, widget=forms.Textarea(attrs={"rows": 3})
    )
    place = forms.CharField(
        label=_("在哪里"), required=False, max_length=PLACE_MAX, help_text=_("例如：7 号楼东侧。写得让别人找得到就行。")
    )
    area_code = forms.ChoiceField(label=_("哪个网格"), required=False, help_text=_("有位置的按位置算。"))
    matter = forms.ChoiceField(label=_("叫什么"), required=False, help_text=_("不知道叫什么就空着，收到的人会选。"))
    component_state = forms.ChoiceField(
        label=_("部件现在怎样"),
        required=False,
        choices=[("damaged", _("破损")), ("lost", _("丢失")), ("abandoned", _("废弃")), ("intact", _("部件本身完好"))],
    )
    settled_on_spot = forms.BooleanField(
        label=_("当场处理好了"), required=False, help_text=_("不用再派人，只留个记录。")
    )
    done_on_spot = forms.CharField(
        label=_("当场做了什么"),
        required=False,
        max_length=TEXT_MAX,
        help_text=_("勾了上面才写，例如：把倒下的共享单车扶正摆好"),
    )
    lng = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    key = IdempotencyField()
    taken: Sequence[StoredFile] = ()
    most = PHOTOS_MAX

    def __init__(
        self, data: Any, *, kind: str, viewer: Viewer, component: Component | None, initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.kind, self.component = kind, component
        choices = grid_choices(viewer, Capability.REPORT_FINDING)
        fields: Any = self.fields
        fields["text"].help_text = _HINTS[FindingKind(kind)]
        fields["area_code"].choices = choices if len(choices) == 1 else [("", _("按位置算")), *choices]
        if kind != FindingKind.MATTER:
            del self.fields["matter"]
        else:
            self._code_list = code_list_on(timezone.localdate())
            fields["matter"].choices = [("", _("不知道叫什么")), *_matters(self._code_list)]
        if component is None or kind == FindingKind.DISPUTE:
            del self.fields["component_state"]
        if component is not None:
            del self.fields["area_code"]

    def clean(self) -> dict[str, Any]:
        """Half a position is none: nobody typed it."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("lng") is None or cleaned.get("lat") is None:
            cleaned["lng"] = cleaned["lat"] = None
        return cleaned

    def draft(self) -> FindingDraft:
        """What a valid form says."""
        said = self.cleaned_data
        code = said.get("matter")
        matter = None
        if code:
            matter = CodeItem.objects.filter(code_list=self._code_list, kind=CodeKind.MATTER, code=code).first()
        names = ("text", "place", "settled_on_spot", "done_on_spot", "lng", "lat")
        return FindingDraft(
            kind=self.kind,
            matter=matter,
            component=self.component,
            area_code=said.get("area_code", ""),
            component_state=said.get("component_state", ""),
            **{name: said[name] for name in names},
        )


def _matters(code_list: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Matters of today's list that are not "component X abnormal", by class: those follow from the component. 1 SQL."""
    if code_list is None:
        return []
    rows = list(
        CodeItem.objects.filter(code_list=code_list, kind=CodeKind.MATTER, is_active=True, code__gte="06").order_by(
            "code"
        )
    )
    classes = {row.code: row.label for row in rows if len(row.code) == 2}
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if len(row.code) == 5:
            groups.setdefault(classes.get(row.code[:2], row.code[:2]), []).append((row.code, row.label))
    return list(groups.items())


class FindingFilterForm(forms.Form):
    """What the list is narrowed to; what was not understood narrows nothing."""

    kind = forms.ChoiceField(label=_("是什么"), required=False, choices=[("", _("都看")), *FindingKind.choices])
    state = forms.ChoiceField(label=_("进展"), required=False, choices=[("", _("都看")), *FindingState.choices])
    area = forms.ChoiceField(label=_("哪里"), required=False)

    def __init__(self, data: Any, *, viewer: Viewer) -> None:
        super().__init__(data)
        inside = area_q(viewer.areas(Capability.VIEW_FINDING), "code")
        places: list[tuple[str, str]] = []
        if inside is not None:
            deep = Q(level__in=(Level.SUBDISTRICT, Level.COMMUNITY))
            near = [code for code in viewer.areas(Capability.VIEW_FINDING) if len(code) >= 12]
            wanted = deep | (area_q(near, "code") or Q(pk=None))
            rows = Area.objects.valid_on(timezone.localdate()).filter(inside & wanted).order_by("code")
            places = [(area.code, area.label) for area in rows.only("code", "name", "name_en")]
        self.fields["area"].choices = [("", _("各处")), *places]  # type: ignore[attr-defined]
        self.is_valid()


class RouteForm(forms.Form):
    """A new route: what it is called, and where it goes."""

    name = forms.CharField(label=_("路线叫什么"), max_length=40, error_messages={"required": _("请写名称")})
    where = forms.ChoiceField(label=_("在哪个网格，或哪个巡查片区"), error_messages={"required": _("请选网格或者片区")})
    key = IdempotencyField()

    def __init__(self, data: Any = None, *, viewer: Viewer) -> None:
        super().__init__(data)
        sets = AreaSet.objects.visible_to(viewer).valid_on(timezone.localdate()).filter(kind=SetKind.PATROL)
        inside = area_q(viewer.areas(Capability.PLAN_PATROL))
        self.sets = {f"set:{row.pk}": row for row in (sets.filter(inside) if inside is not None else ())}
        fields: Any = self.fields
        fields["where"].choices = [
            ("", _("请选")),
            (_("网格"), grid_choices(viewer, Capability.PLAN_PATROL)),
            (_("巡查片区"), [(value, row.label) for value, row in self.sets.items()]),
        ]

    def order(self) -> dict[str, Any]:
        """Arguments of `route_make`."""
        said = self.cleaned_data
        area_set = self.sets.get(said["where"])
        return {
            "name": said["name"],
            "area_code": "" if area_set else said["where"],
            "area_set": area_set,
            "submission_key": said["key"],
        }


class PlaceForm(forms.Form):
    """A named place at the end of a route."""

    name = forms.CharField(
        label=_("看哪里"),
        max_length=40,
        help_text=_("例如：3 号楼消防通道"),
        error_messages={"required": _("请写看哪里")},
    )
    every_days = forms.IntegerField(
        label=_("几天看一次"),
        min_value=1,
        max_value=366,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _("请写几天看一次，1 到 366")),
    )
    area_code = forms.ChoiceField(label=_("哪个网格"), required=False)

    def __init__(self, data: Any = None, *, grids: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        fields: Any = self.fields
        fields["area_code"].choices = grids
        if len(grids) == 1:
            fields["area_code"].initial = grids[0][0]
            fields["area_code"].widget = forms.HiddenInput()


_VALUE = re.compile(r"(point|component):([0-9a-f-]{36})")


def stop_named(text: str) -> tuple[str, UUID] | None:
    """What "point:<uuid>" or "component:<uuid>" names; None for anything else."""
    found = _VALUE.fullmatch(text)
    try:
        return (found[1], UUID(found[2])) if found else None
    except ValueError:
        return None
