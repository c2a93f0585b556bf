"""Reads for the pages of the upstream hotline."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access.viewer import Viewer
from governance.privacy.masks import mask_name, mask_phone
from governance.text import mask_personal_data
from requests_intake.models import BatchRow, UpstreamBatch, UpstreamSource
from requests_intake.models.upstream import RowState
from requests_intake.upstream.fields import titles_of

SHOWN_ROWS, SHOWN_PROBLEMS = 5, 50

REMARKS: dict[str, str | Promise] = {
    "missing": gettext_lazy("空着"),
    "too_long": gettext_lazy("太长"),
    "unknown": gettext_lazy("对照表里没有"),
    "no_moment": gettext_lazy("日期没有看懂"),
    "due_before_sent": gettext_lazy("截止早于派单"),
    "formula": gettext_lazy("是公式，请粘贴成数值"),
    "error": gettext_lazy("Excel 算错了（#N/A 之类）"),
    "digits_lost": gettext_lazy("被 Excel 当成数字，后几位丢了，请把这一列设成文本再导出"),
    "no_point": gettext_lazy("经纬度没有看懂，没有采用"),
    "no_phone": gettext_lazy("不是电话号码，没有采用"),
    "category_unknown": gettext_lazy("事项已停用，由派单员判断"),
    "emergency": gettext_lazy("属于紧急事项，由派单员判断"),
    "changed": gettext_lazy("和第一次来的不一样，没有改动原件"),
    "refused": gettext_lazy("没有收下"),
}


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row that somebody should look at."""

    line: int
    state: str
    label: str
    text: str


def batches_for(viewer: Viewer) -> Any:
    """Return the batches that the viewer may see as a queryset: one SQL with source, person and jobs."""
    return UpstreamBatch.objects.visible_to(viewer).select_related("source", "received_by", "job", "results_job")


def sources_for(viewer: Viewer) -> Any:
    """Return the sources in use that the viewer may import from."""
    return UpstreamSource.objects.visible_to(viewer).filter(is_active=True).order_by("name", "pk")


def counts_of(batches: list[UpstreamBatch]) -> dict[int, Counter[str]]:
    """Return for each batch how many of its rows are in which state. 1 SQL."""
    counts: dict[int, Counter[str]] = {batch.pk: Counter() for batch in batches}
    rows = BatchRow.objects.filter(batch__in=counts).order_by().values_list("batch", "state").annotate(rows=Count("pk"))
    for batch, state, number in rows:
        counts[batch][state] = number
    return counts


def remark_text(remarks: list[Any]) -> str:
    """The remarks of a row in words: title: what (their word)."""
    parts = []
    for code, title, word in remarks:
        said = word if code == "refused" else str(REMARKS.get(code, code))
        if word and code != "refused":
            said = _("%(said)s（%(word)s）") % {"said": said, "word": word}
        parts.append(_("%(title)s：%(said)s") % {"title": title, "said": said} if title else said)
    return _("；").join(parts)


def rows_to_look_at(batch: UpstreamBatch) -> list[RowLine]:
    """Return the first fifty rows that are broken, changed, or filed with a note. 1 SQL."""
    rows = batch.rows.exclude(remarks=[]).order_by("state", "line")[:SHOWN_PROBLEMS]
    return [
        RowLine(row.line, row.state, str(RowState(row.state).label), remark_text(row.remarks))
        for row in sorted(rows, key=lambda one: (one.state not in (RowState.BROKEN, RowState.CHANGED), one.line))
    ]


def preview_of(batch: UpstreamBatch) -> tuple[list[str], list[list[str]]]:
    """Return (titles, first rows) as they came, names, telephone numbers and personal data in words masked. 1 SQL."""
    personal = {name: titles_of(batch.source.columns, name) for name in ("name", "phone")}
    shown = [_masked(batch.titles, row.cells, personal) for row in batch.rows.order_by("line")[:SHOWN_ROWS]]
    return batch.titles, shown


def _masked(titles: list[str], cells: list[str], personal: dict[str, list[str]]) -> list[str]:
    masked = []
    for position, title in enumerate(titles):
        text = cells[position] if position < len(cells) else ""
        if title in personal["name"]:
            text = mask_name(text) if text else ""
        elif title in personal["phone"]:
            text = mask_phone(text) if text else ""
        masked.append(mask_personal_data(text)[:80])
    return masked
