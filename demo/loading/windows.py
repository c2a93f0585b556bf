"""The directory of service windows of the demo district."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from governance.access.viewer import SYSTEM
from governance.organisations.models import Organisation
from requests_intake.models import ServiceWindow
from requests_intake.opening import Stretch, parse_stretches
from requests_intake.services.windows import WindowDraft, window_create

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATA = Path(__file__).parents[1] / "data" / "windows.toml"


def load_windows(offices: dict[str, Organisation], at: datetime) -> list[ServiceWindow]:
    """Create the windows, through the service that editors use."""
    rows = tomllib.loads(_DATA.read_text(encoding="utf-8"))["window"]
    return [
        window_create(
            draft=WindowDraft(organisation=offices[row.pop("organisation")], hours=_week(row.pop("hours")), **row),
            actor=SYSTEM,
            at=at,
        )
        for row in rows
    ]


def _week(written: dict[str, Any]) -> dict[int, list[Stretch]]:
    week = {}
    for span, text in written.items():
        first, _, last = span.partition("-")
        for weekday in range(_DAYS.index(first), _DAYS.index(last or first) + 1):
            week[weekday] = parse_stretches(text, field=span)
    return week
