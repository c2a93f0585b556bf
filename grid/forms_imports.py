"""Forms of tables of components."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.files.table_form import MappingForm
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


class ComponentMappingForm(MappingForm):
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

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, columns=COLUMNS, **options)
        self.fields["code"].required = False  # the number holds it, too

    def clean(self) -> dict[str, Any]:
        """Kind or number must be there; positions need a datum and both halves."""
        said = super().clean()
        if not said.get("code") and not said.get("identity"):
            self.add_error("code", _("种类代码和标识码至少要有一列"))
        if bool(said.get(LNG)) != bool(said.get(LAT)):
            self.add_error(LAT if said.get(LNG) else LNG, _("经度和纬度要一起写"))
        if said.get(LNG) and not said.get("datum"):
            self.add_error("datum", _("请选坐标系；不知道的，问给文件的人"))
        return said
