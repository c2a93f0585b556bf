"""Tables of an upstream hotline for tests."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

from openpyxl import Workbook

from requests_intake.models import UpstreamSource
from requests_intake.services.upstream import batch_receive
from requests_intake.upstream.fields import USUAL_TITLES
from tests.factories.world import MORNING, STREET

TITLES = [
    "工单编号", "主要内容", "工单类型", "三级分类", "处理社区", "发生地址", "来电人", "联系方式",
    "派单时间", "截止时间",
]  # fmt: skip


def order(number: int, **changes: Any) -> dict[str, Any]:
    """One order of the hotline as a row by title."""
    sent = MORNING + timedelta(hours=8)  # as the clock on the wall of Shanghai shows it
    return {
        "工单编号": f"BJ2026{number:06d}",
        "主要内容": f"来电人反映槐安里 {number} 号楼门前的路灯不亮，希望尽快修理。",
        "工单类型": "求助",
        "三级分类": "路灯不亮",
        "处理社区": "槐安社区",
        "发生地址": f"槐安里 {number} 号楼",
        "来电人": "周梅",
        "联系方式": f"139{number:08d}",
        "派单时间": sent.replace(tzinfo=None),
        "截止时间": (sent + timedelta(days=2)).replace(tzinfo=None),
    } | changes


def xlsx(rows: list[dict[str, Any]], titles: list[str] | None = None, above: tuple[str, ...] = ()) -> io.BytesIO:
    """An Excel file."""
    book = Workbook()
    sheet: Any = book.active
    for text in above:
        sheet.append([text])
    names = titles or TITLES
    sheet.append(names)
    for row in rows:
        sheet.append([row.get(name) for name in names])
    return saved(book)


def saved(book: Workbook) -> io.BytesIO:
    """The bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def csv_file(rows: list[dict[str, Any]], encoding: str = "utf-8", delimiter: str = ",") -> io.BytesIO:
    """A CSV file in some encoding."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(TITLES)
    for row in rows:
        writer.writerow([row.get(name, "") for name in TITLES])
    return io.BytesIO(out.getvalue().encode(encoding))


def source_of(**changes: Any) -> UpstreamSource:
    """The hotline of the town."""
    values = {
        "key": "hotline",
        "name": "12345 热线",
        "area_code": STREET,
        "columns": USUAL_TITLES | {"category": "三级分类"},
        "values": {"kind": {"诉求": "help"}, "area": {"槐安": "990105001001"}},
        "updated_at": MORNING,
    } | changes
    return UpstreamSource.objects.create(**values)


def received(world: Any, source: UpstreamSource, file: Any, person: str = "dispatcher", **more: Any) -> Any:
    """A batch handed in by somebody of the town."""
    return batch_receive(
        source=source, upload=file, file_name="工单.xlsx", key=uuid4(), actor=world.viewer(person), at=MORNING, **more
    )
