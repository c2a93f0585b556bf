"""Forms of compounds, buildings and dwellings: they parse, the services judge."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.viewer import Viewer
from governance.web.forms import IdempotencyField, Written
from population.models import Building, BuildingUse, CompoundKind, Dispute, Dwelling, DwellingUse, Entrance, Occupancy
from population.permissions import Capability
from population.services.buildings import BuildingData
from population.services.places import DwellingData, FloorPlan

COMMUNITY_LENGTH, GRID_LENGTH = 12, 15
_WHOLE = {"invalid": _("请写一个整数")}
_PIECES = re.compile(r"[\s,，、;；]+")


def areas_to_keep(viewer: Viewer, within: str = "") -> list[tuple[str, str]]:
    """Communities and grids where the viewer changes the registry, inside one of them if told; names for a choice."""
    found: dict[str, str] = {}
    for held in viewer.areas(Capability.CHANGE_REGISTRY):
        top = within if within.startswith(held) else held
        if not top.startswith(within):
            continue
        if len(top) in (COMMUNITY_LENGTH, GRID_LENGTH):
            found |= areas.names([top])
        if len(top) < GRID_LENGTH:
            found |= {code: name for code, name in areas.below(top) if len(code) in (COMMUNITY_LENGTH, GRID_LENGTH)}
    return sorted(found.items())


def _named(entrances: list[Entrance]) -> list[tuple[str, Any]]:
    """Entrances to choose from, by what stands at the door."""
    return [(str(one.pk), Written(one.name) if one.name else _("没有单元")) for one in entrances]


class WholesField(forms.CharField):
    """Several whole numbers in one line, as people write them: "4，14" or "4 14"."""

    def clean(self, value: Any) -> list[int]:
        """Return the numbers. Raises `ValidationError` for anything else."""
        words = [part for part in _PIECES.split(super().clean(value)) if part]
        try:
            return [int(part) for part in words]
        except ValueError as error:
            raise forms.ValidationError(_("请写数字，用逗号隔开，例如 4，14"), code="invalid") from error


class CompoundForm(forms.Form):
    """A compound: an estate, a lane, a village."""

    name = forms.CharField(label=_("名称"), max_length=60, error_messages={"required": _("请写名称")})
    name_en = forms.CharField(label=_("英文名称"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("类型"), choices=CompoundKind.choices)
    area_code = forms.ChoiceField(label=_("社区或网格"), error_messages={"required": _("请选社区或网格")})

    def __init__(self, data: Any = None, *, viewer: Viewer) -> None:
        super().__init__(data)
        self.fields["area_code"].choices = areas_to_keep(viewer)  # type: ignore[attr-defined]


class BuildingForm(forms.Form):
    """A building; name and place are asked for when it is entered, and are its address's afterwards."""

    name = forms.CharField(
        label=_("楼栋或门牌"),
        max_length=30,
        help_text=_("例如 7幢、18号。标准地址里已经有的，写一样的就接上。"),
        error_messages={"required": _("请写楼栋或门牌，例如 7幢，最多 30 个字")},
    )
    area_code = forms.ChoiceField(label=_("网格或社区"), error_messages={"required": _("请选社区或网格")})
    floors_above = forms.IntegerField(label=_("地上层数"), error_messages=_WHOLE | {"required": _("请写一个整数")})
    floors_below = forms.IntegerField(label=_("地下层数"), initial=0, error_messages=_WHOLE)
    skipped_floors = WholesField(
        label=_("没有的楼层"), required=False, help_text=_("有的楼跳过 4 层、14 层：写 4，14。没有跳过就空着。")
    )
    use = forms.ChoiceField(label=_("用途"), choices=BuildingUse.choices)
    built_year = forms.IntegerField(label=_("建成年份"), required=False, error_messages=_WHOLE)
    aliases = forms.CharField(
        label=_("别名"), required=False, max_length=200, help_text=_("大家还怎么叫它，用逗号隔开，例如 供销社宿舍")
    )
    ended_on = forms.DateField(
        label=_("拆除日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期没有看懂，请写成 2026-01-05")},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    key = IdempotencyField()

    def __init__(
        self, data: Any = None, *, viewer: Viewer, within: str, one: Building | None = None, initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial or (self.of(one) if one is not None else None))
        if one is None:
            del self.fields["ended_on"]
            self.fields["area_code"].choices = areas_to_keep(viewer, within)  # type: ignore[attr-defined]
        else:
            for name in ("name", "area_code", "aliases"):
                del self.fields[name]

    @staticmethod
    def of(one: Building) -> dict[str, Any]:
        """What the row says now."""
        names = ("floors_above", "floors_below", "use", "built_year", "ended_on")
        row: dict[str, Any] = {name: getattr(one, name) for name in names}
        return row | {
            "skipped_floors": "，".join(str(floor) for floor in one.skipped_floors),
            "seen": one.changed_at.isoformat(),
        }

    def data_of(self, one: Building | None = None) -> BuildingData:
        """What a valid form says."""
        said = self.cleaned_data
        return BuildingData(
            name=said.get("name", ""),
            area_code=said.get("area_code") or (one.area_code if one is not None else ""),
            floors_above=said["floors_above"],
            floors_below=said["floors_below"],
            skipped_floors=said["skipped_floors"],
            use=said["use"],
            built_year=said["built_year"],
            aliases=[part for part in re.split(r"[,，、;；]+", said.get("aliases", "")) if part.strip()],
        )


class EntranceForm(forms.Form):
    """A further entrance of a building."""

    name = forms.CharField(
        label=_("单元"),
        max_length=20,
        help_text=_("例如 1单元、东门"),
        error_messages={"required": _("请写单元的名称")},
    )
    has_lift = forms.NullBooleanField(
        label=_("有电梯"),
        required=False,
        widget=forms.Select(choices=[("", _("还不清楚")), ("true", _("有")), ("false", _("没有"))]),
    )


class PlanForm(forms.Form):
    """So many doors on every floor from one to another, in the entrances chosen."""

    entrances = forms.MultipleChoiceField(
        label=_("哪些单元"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("请选单元")}
    )
    from_floor = forms.IntegerField(label=_("从哪层"), initial=1, error_messages=_WHOLE)
    to_floor = forms.IntegerField(label=_("到哪层"), error_messages=_WHOLE)
    doors = forms.IntegerField(label=_("每层几户"), initial=2, error_messages=_WHOLE)
    first_door = forms.IntegerField(
        label=_("门号从几开始"), initial=1, error_messages=_WHOLE, help_text=_("5 层从 1 开始是 501、502")
    )
    digits = forms.TypedChoiceField(
        label=_("门号几位"), choices=[("2", _("两位：501")), ("1", _("一位：51"))], coerce=int, initial="2"
    )

    def __init__(self, data: Any = None, *, building: Building, entrances: list[Entrance]) -> None:
        floors = [floor for floor in building.floors if floor > 0]
        super().__init__(
            data,
            initial={
                "entrances": [str(one.pk) for one in entrances],
                "from_floor": floors[-1],
                "to_floor": floors[0],
            },
        )
        self.fields["entrances"].choices = _named(entrances)  # type: ignore[attr-defined]

    def plan(self) -> FloorPlan:
        """What a valid form says."""
        said = self.cleaned_data
        return FloorPlan(**{name: said[name] for name in ("from_floor", "to_floor", "doors", "first_door", "digits")})


class DwellingForm(forms.Form):
    """One dwelling; its entrance is chosen only when it is entered."""

    entrance = forms.ChoiceField(label=_("单元"), widget=forms.RadioSelect, error_messages={"required": _("请选单元")})
    floor = forms.IntegerField(label=_("楼层"), help_text=_("地下一层写 -1"), error_messages=_WHOLE)
    door = forms.CharField(
        label=_("室号"), max_length=20, help_text=_("照门上写的，例如 501"), error_messages={"required": _("请写室号")}
    )
    use = forms.ChoiceField(label=_("用途"), choices=DwellingUse.choices, initial=DwellingUse.HOME)
    occupancy = forms.ChoiceField(label=_("使用情况"), choices=Occupancy.choices, initial=Occupancy.UNKNOWN)
    dispute = forms.ChoiceField(label=_("争议"), choices=[("", _("没有")), *Dispute.choices], required=False)
    area_m2 = forms.DecimalField(
        label=_("建筑面积（平方米）"), required=False, max_digits=8, decimal_places=2,
        error_messages={"invalid": _("请写数字，例如 86.5")},
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    key = IdempotencyField()

    def __init__(self, data: Any = None, *, entrances: list[Entrance], one: Dwelling | None = None) -> None:
        super().__init__(data, initial=self.of(one) if one is not None else None)
        if one is not None:
            del self.fields["entrance"]
        else:
            self.fields["entrance"].choices = _named(entrances)  # type: ignore[attr-defined]

    @staticmethod
    def of(one: Dwelling) -> dict[str, Any]:
        """What the row says now."""
        names = ("floor", "door", "use", "occupancy", "dispute", "area_m2")
        row: dict[str, Any] = {name: getattr(one, name) for name in names}
        return row | {"seen": one.changed_at.isoformat()}

    def data_of(self) -> DwellingData:
        """What a valid form says."""
        names = ("floor", "door", "use", "occupancy", "dispute", "area_m2")
        return DwellingData(**{name: self.cleaned_data[name] for name in names})


class EndForm(forms.Form):
    """The day from which a dwelling is no more."""

    ended_on = forms.DateField(
        label=_("哪一天不再存在"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("拆了、和隔壁打通成一户。以前的登记还查得到。"),
        error_messages={"invalid": _("日期没有看懂，请写成 2026-01-05"), "required": _("请写日期")},
    )
