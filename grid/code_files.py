"""Code lists that come with Liren, as files: loaded by a press of a button, never by themselves."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.utils.translation import gettext_lazy as _

FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Row:
    """A major class or a kind, as the file has it."""

    kind: str
    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Successor:
    """An old code and the new one; "" where the new standard has nothing for it."""

    old_standard: str
    kind: str
    old_code: str
    old_name: str
    code: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shipped:
    """One list. Nobody has compared it with the official text: it is loaded as unconfirmed."""

    key: str
    standard: str
    title: str
    title_en: str
    valid_from: date
    source: str
    file: str
    successors: tuple[Successor, ...]

    def rows(self) -> Iterator[Row]:
        """Yield its rows in the order of the file."""
        with (FOLDER / self.file).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield Row(**row)


_OLD = "GB/T 30428.2-2013"
SHIPPED = {
    one.key: one
    for one in (
        Shipped(
            key="gbt47678-5-2026",
            standard="GB/T 47678.5-2026",
            title="城市运行管理服务平台 第5部分：管理部件和事项",
            title_en="Urban operation platform, part 5: components and matters",
            valid_from=date(2026, 7, 1),
            source="按一份第三方的抄录，没有对过标准的正式文本",
            file="gbt47678_5_2026.csv",
            successors=(
                Successor(_OLD, "matter", "0504", "店外经营", "09005"),
                Successor(_OLD, "matter", "0102", "暴露垃圾", "06010"),
                Successor(_OLD, "matter", "0401", "道路积水", "", "新标准的事项里没有，属于监测事件"),
            ),
        ),
    )
}
UNCONFIRMED = _("还没有对过标准的正式文本，代码和名称可能有出入；对过以后，请在这里记下。")
