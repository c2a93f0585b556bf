"""Forms of files of areas; the rules are in the services."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.web.forms import Hinted, IdempotencyField
from grid.models import Datum, Level, TerritoryImport
from grid.surveying import BY_NAME, Columns, Repair

REPAIRS = {
    Repair.SWAP: (gettext_lazy("把经度和纬度换过来"), gettext_lazy("文件里先写了纬度")),
    Repair.VALID: (gettext_lazy("理顺自己相交的边界"), gettext_lazy("包括打结的、洞碰到边的、重复的环")),
    Repair.JOIN: (gettext_lazy("同一编码、同一名称的几块合成一个区域"), gettext_lazy("例如带岛的街道")),
    Repair.SIMPLIFY: (gettext_lazy("简化点太多的边界"), gettext_lazy("偏离尽量小，一般不到一米")),
    Repair.SNAP: (gettext_lazy("把相邻的边界对齐"), gettext_lazy("只动 20 米以内的窄缝和窄重叠；更宽的留给人定")),
}


class TerritoryFileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=gettext_lazy("GeoJSON 文件"),
        help_text=gettext_lazy("扩展名一般是 .geojson 或 .json，最大 30 MB。先检查，再写入。"),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json,application/geo+json"}),
        error_messages={
            "required": gettext_lazy("请选一个文件"),
            "empty": gettext_lazy("这个文件是空的"),
        },
    )
    key = IdempotencyField()


class MappingForm(forms.Form):
    """Which property is what, what the coordinates are measured in, what may be mended."""

    code = forms.ChoiceField(label=gettext_lazy("编码"))
    name = forms.ChoiceField(label=gettext_lazy("名称"), error_messages={"required": gettext_lazy("请选名称在哪一列")})
    name_en = forms.ChoiceField(label=gettext_lazy("英文名称"), required=False)
    within = forms.ChoiceField(
        label=gettext_lazy("上级的名称或编码"), required=False, help_text=gettext_lazy("按名称找区域时，用来分清同名的")
    )
    kind = forms.ChoiceField(label=gettext_lazy("类别"), required=False)
    level = forms.ChoiceField(
        label=gettext_lazy("层级"),
        required=False,
        help_text=gettext_lazy("编码后面补了零的（例如 440307011000），选了层级就会去掉"),
    )
    datum = forms.ChoiceField(
        label=gettext_lazy("坐标系"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选坐标系；不知道的，问给文件的人")},
    )
    is_sure = forms.BooleanField(
        label=gettext_lazy("坐标系没有错，就是要这样改"),
        required=False,
        help_text=gettext_lazy("和已有的边界差得远时，要勾上才能写"),
    )
    repairs = forms.MultipleChoiceField(
        label=gettext_lazy("可以自动修的"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(key.value, Hinted(*words)) for key, words in REPAIRS.items()],
    )
    ends_missing = forms.BooleanField(
        label=gettext_lazy("文件里没有的同级区域停用"),
        required=False,
        help_text=gettext_lazy("文件是完整的一份时才勾。还有没办结的诉求、在用的授权的，不会停用。"),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    COLUMNS = ("code", "name", "name_en", "within", "kind")

    def __init__(self, data: Any = None, *, samples: Mapping[str, str], **options: Any) -> None:
        super().__init__(data, **options)
        columns = [(name, f"{name}: {sample}" if sample else name) for name, sample in samples.items()]
        by_name = (BY_NAME, _("没有编码，按名称找已有的区域"))
        for key in self.COLUMNS:
            first = {"code": [by_name], "name": [("", _("请选"))]}.get(key, [("", _("没有"))])
            self.fields[key].choices = [*first, *columns]  # type: ignore[attr-defined]
        self.fields["level"].choices = [("", _("按编码的位数")), *Level.choices]  # type: ignore[attr-defined]
        self.fields["datum"].choices = Datum.choices  # type: ignore[attr-defined]

    def compare(self, variants: Mapping[str, tuple[float, float, float | None]]) -> None:
        """Say beside each datum where the file would lie by it."""
        choices = [(datum.value, Hinted(datum.label, _lies(variants.get(datum.value)))) for datum in Datum]
        self.fields["datum"].choices = choices  # type: ignore[attr-defined]

    def columns(self) -> dict[str, str]:
        """The mapping, as the service keeps it."""
        return {key: self.cleaned_data[key] for key in self.COLUMNS if self.cleaned_data.get(key)}

    @classmethod
    def of(cls, row: TerritoryImport) -> dict[str, Any]:
        """What somebody chose."""
        names = ("datum", "level", "repairs", "ends_missing", "is_sure", "version")
        return {"code": BY_NAME, **row.columns, **{name: getattr(row, name) for name in names}}


def columns_chosen(values: Mapping[str, Any]) -> Columns:
    """The mapping that initial values or a form stand for, for the preview."""
    said = {key: str(values.get(key) or "") for key in (*MappingForm.COLUMNS, "level")}
    return Columns(**said | {"code": said["code"] or BY_NAME})


def _lies(variant: tuple[float, float, float | None] | None) -> str:
    """Where the first outline would lie, and how far from what the portal has."""
    if variant is None:
        return ""
    lng, lat, away = variant
    words = {"lng": f"{lng:.5f}", "lat": f"{lat:.5f}"}
    if away is None:
        return _("这样算，第一个区域的中间在 %(lng)s, %(lat)s") % words
    words["away"] = f"{away:,.0f}"
    return _("这样算，第一个区域的中间在 %(lng)s, %(lat)s，和已有的边界差约 %(away)s 米") % words
