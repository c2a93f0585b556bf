"""Forms of the upstream hotline's pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.viewer import Viewer
from governance.web.forms import IdempotencyField
from requests_intake.models import UpstreamSource
from requests_intake.permissions import Capability
from requests_intake.upstream.fields import INCOMING, REQUIRED, RETURNED, USUAL_TITLES, VALUED

ARROW = "="
COLUMN, TABLE = "column_", "values_"


class BatchForm(forms.Form):
    """Whose table, and the file."""

    source = forms.ModelChoiceField(
        label=_("来源"),
        queryset=UpstreamSource.objects.none(),
        empty_label=None,
        error_messages={"required": _("请选来源"), "invalid_choice": _("请选来源")},
    )
    file = forms.FileField(
        label=_("表格文件"),
        help_text=_("Excel（.xlsx）或 CSV，一次最多 5,000 行、20 MB。先核对，再导入。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages={"required": _("请选一个文件"), "empty": _("这个文件是空的")},
    )
    key = IdempotencyField()

    def __init__(self, *args: Any, sources: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = sources  # type: ignore[attr-defined]


class SourceForm(forms.Form):
    """How the tables of a source read: titles for our fields, their words for our codes."""

    name = forms.CharField(label=_("来源名称"), max_length=60, error_messages={"required": _("请写来源的名称")})
    name_en = forms.CharField(label=_("英文名称"), max_length=80, required=False)
    area_code = forms.ChoiceField(label=_("归哪个区域"), help_text=_("没写明地点的工单，先归到这里。"))

    def __init__(self, posted: Any = None, *, viewer: Viewer, source: UpstreamSource | None) -> None:
        columns = dict(source.columns) if source is not None else USUAL_TITLES
        values = source.values if source is not None else {}
        kept: dict[str, Any] = {f"{COLUMN}{name}": columns.get(name, "") for name in (*INCOMING, *RETURNED)}
        kept |= {f"{TABLE}{name}": lines_of(values.get(name, {})) for name in VALUED}
        if source is not None:
            kept |= {"name": source.name, "name_en": source.name_en, "area_code": source.area_code}
        super().__init__(posted, initial=kept)
        held = viewer.areas(Capability.IMPORT_ORDERS)
        names = areas.names(held)
        choices = [(code, names.get(code, code)) for code in held]
        choices += [pair for code in held if len(code) == 6 for pair in areas.children(code)]
        self.fields["area_code"].choices = choices  # type: ignore[attr-defined]
        for name, label in (*INCOMING.items(), *RETURNED.items()):
            self.fields[f"{COLUMN}{name}"] = forms.CharField(
                label=label,
                max_length=200,
                required=name in REQUIRED,
                error_messages={"required": _("这一列一定要有，请写上级表里的列名")},
            )
        for name, label in VALUED.items():
            self.fields[f"{TABLE}{name}"] = forms.CharField(
                label=label, required=False, max_length=40_000, strip=False, widget=forms.Textarea(attrs={"rows": 4})
            )

    def clean(self) -> dict[str, Any]:
        """Turn the lines "their word = our code" into tables; a line without = is told."""
        cleaned = super().clean() or {}
        for name in VALUED:
            field = f"{TABLE}{name}"
            table, wrong = table_of(cleaned.get(field) or "")
            if wrong:
                told = _("这一行没有看懂：“%(line)s”。请写成：上级的写法 = 我们的编码")
                self.add_error(field, told % {"line": wrong[:40]})
            cleaned[field] = table
        return cleaned

    @property
    def columns(self) -> dict[str, str]:
        """Our field -> their title."""
        return {name: self.cleaned_data.get(f"{COLUMN}{name}", "") for name in (*INCOMING, *RETURNED)}

    @property
    def tables(self) -> dict[str, dict[str, str]]:
        """Table -> their word -> our code."""
        return {name: self.cleaned_data[f"{TABLE}{name}"] for name in VALUED}

    @property
    def incoming(self) -> list[Any]:
        """Fields of what comes."""
        return [self[f"{COLUMN}{name}"] for name in INCOMING]

    @property
    def returned(self) -> list[Any]:
        """Fields of what goes back."""
        return [self[f"{COLUMN}{name}"] for name in RETURNED]

    @property
    def lookups(self) -> list[Any]:
        """Fields of the tables of values."""
        return [self[f"{TABLE}{name}"] for name in VALUED]


def lines_of(table: dict[str, str]) -> str:
    """A table as people edit it."""
    return "\n".join(f"{theirs} {ARROW} {ours}" for theirs, ours in table.items())


def table_of(text: str) -> tuple[dict[str, str], str]:
    """Return the table that the lines say, and the first line that says nothing."""
    table: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        theirs, arrow, ours = line.replace("＝", ARROW).rpartition(ARROW)
        if not arrow or not theirs.strip() or not ours.strip():
            return table, line.strip()
        table[theirs.strip()] = ours.strip()
    return table, ""
