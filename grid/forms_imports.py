"""Forms of tables of components."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.web.forms import Hinted, IdempotencyField
from grid.component_tables import COLUMNS, LAT, LNG
from grid.models import Datum


class ComponentFileForm(forms.Form):
    """The table."""

    file = forms.FileField(
        label=gettext_lazy("部件表"),
        help_text=gettext_lazy("Excel（.xlsx）、CSV 或 GeoJSON，最大 60 MB、30 万行。先检查，再写入。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.geojson,.json"}),
        error_messages={"required": gettext_lazy("请选一个文件"), "empty": gettext_lazy("这个文件是空的")},
    )
    key = IdempotencyField()


class ComponentMappingForm(forms.Form):
    """Which column is what, and what the positions are measured in."""

    datum = forms.ChoiceField(
        label=gettext_lazy("坐标系"),
        choices=[
            (Datum.WGS84.value, Hinted(Datum.WGS84.label, gettext_lazy("测绘单位、手持定位仪给的多半是这一种"))),
            (Datum.GCJ02.value, Hinted(Datum.GCJ02.label, gettext_lazy("在高德、腾讯地图上点出来的"))),
            (Datum.BD09.value, Hinted(Datum.BD09.label, gettext_lazy("在百度地图上点出来的"))),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, titles: Sequence[str], samples: Mapping[str, str], **options: Any) -> None:
        super().__init__(data, **options)
        choices = [(one, f"{one}: {samples[one]}" if samples.get(one) else one) for one in titles]
        for column in COLUMNS:
            self.fields[column.key] = forms.ChoiceField(
                label=str(column.title), required=column.required, choices=[("", _("文件里没有")), *choices]
            )
            self.fields[column.key].error_messages["required"] = _("请选这一项在哪一列")
        self.fields["code"].required = False  # the number holds it, too

    def clean(self) -> dict[str, Any]:
        """Kind or number must be there; positions need a datum and both halves."""
        said = super().clean() or {}
        if not said.get("code") and not said.get("identity"):
            self.add_error("code", _("种类代码和标识码至少要有一列"))
        if bool(said.get(LNG)) != bool(said.get(LAT)):
            self.add_error(LAT if said.get(LNG) else LNG, _("经度和纬度要一起写"))
        if said.get(LNG) and not said.get("datum"):
            self.add_error("datum", _("请选坐标系；不知道的，问给文件的人"))
        chosen = [title for column in COLUMNS if (title := said.get(column.key))]
        if twice := sorted({title for title in chosen if chosen.count(title) > 1}):
            self.add_error(None, _("一列只能是一样东西：%(titles)s") % {"titles": _("、").join(twice)})
        return said

    def columns(self) -> dict[str, str]:
        """What -> title."""
        return {column.key: title for column in COLUMNS if (title := self.cleaned_data.get(column.key))}

    @property
    def shown(self) -> list[Any]:
        """The fields of the columns, bound."""
        return [self[column.key] for column in COLUMNS]
