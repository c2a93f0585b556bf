"""Periods, changes in words, and the area picker."""

from datetime import UTC, datetime
from typing import Any

import pytest

from governance.access import areas
from governance.access.viewer import HeldGrant, Viewer
from governance.dashboards.figures import Figure, count_change, rate, rate_change
from governance.dashboards.periods import period_at
from governance.dashboards.permissions import Capability
from governance.dashboards.scope import area_choices, chosen_area

NIGHT = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)  # 00:30 on the 21st in Shanghai


@pytest.mark.parametrize(
    ("key", "start", "before"),
    [
        ("today", datetime(2026, 11, 20, 16, tzinfo=UTC), datetime(2026, 11, 19, 16, tzinfo=UTC)),
        ("7", datetime(2026, 11, 14, 16, tzinfo=UTC), datetime(2026, 11, 7, 16, tzinfo=UTC)),
        ("30", datetime(2026, 10, 22, 16, tzinfo=UTC), datetime(2026, 9, 22, 16, tzinfo=UTC)),
        ("90", datetime(2026, 8, 23, 16, tzinfo=UTC), datetime(2026, 5, 25, 16, tzinfo=UTC)),
    ],
)
def test_period_is_whole_local_days_and_the_same_before(key: str, start: datetime, before: datetime) -> None:
    period = period_at(key, NIGHT)
    assert period.start == start
    assert period.end == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert period.before.start == before
    assert period.start - period.before.start == NIGHT - period.before.end, "as much of the days before as of these"


def test_unknown_period_is_the_week() -> None:
    assert period_at("12; DROP", NIGHT).key == "7"


def test_change_of_a_count_is_said_in_words() -> None:
    period = period_at("7", NIGHT)
    assert count_change(1200, 24, period, "件").words == "比前 7 天多 1,176 件"
    assert count_change(3, 8, period, "件").words == "比前 7 天少 5 件"
    assert count_change(3, 3, period, "件").words == "和前 7 天一样多"
    assert [count_change(*pair, period).direction for pair in ((1, 0), (0, 1), (1, 1))] == ["up", "down", "same"]


def test_no_denominator_is_no_data() -> None:
    period = period_at("7", NIGHT)
    assert rate(0, 0) is None
    assert rate(0, 4) == 0
    assert Figure("解决率", rate(0, 0), "%").shown == ""
    assert Figure("解决率", rate(5, 6), "%").shown == "83.3"
    assert rate_change(None, 80.0, period) is None
    change = rate_change(rate(5, 6), rate(4, 6), period)
    assert change is not None
    assert change.words == "比前 7 天多 16.6 个百分点"


def test_only_people_who_wait_are_red() -> None:
    assert Figure("超期未办", 3, late=True).is_late
    assert not Figure("超期未办", 0, late=True).is_late
    assert not Figure("在办", 3).is_late


class Territory:
    """A small directory: a district, two sub-districts, three communities."""

    tree = {
        "440310": "坪山区",
        "440310001": "青禾街道",
        "440310002": "望江街道",
        "440310001001": "青禾社区",
        "440310001002": "柳岸社区",
        "440310002001": "望江社区",
    }

    def names(self, codes: Any) -> dict[str, str]:
        return {code: self.tree[code] for code in codes if code in self.tree}

    def children(self, code: str) -> list[tuple[str, str]]:
        return [(c, n) for c, n in self.tree.items() if c.startswith(code) and len(c) == len(code) + 3]

    def exists(self, code: str) -> bool:
        return code in self.tree

    def search(self, q: str) -> list[tuple[str, str]]:
        return []


@pytest.fixture
def _territory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(areas, "_directory", Territory())


def viewer(*codes: str) -> Viewer:
    """Somebody who may open the overview in these areas."""
    grants = tuple(
        HeldGrant(n, "supervisor", frozenset({str(Capability.VIEW)}), code, None) for n, code in enumerate(codes)
    )
    return Viewer(kind="staff", grants=grants)


@pytest.mark.usefixtures("_territory")
def test_picker_offers_the_way_down_inside_the_own_area_only() -> None:
    one = viewer("440310001")
    assert [(choice.code, choice.depth) for choice in area_choices("440310001", one)] == [
        ("440310001", 0),
        ("440310001001", 1),
        ("440310001002", 1),
    ]
    whole = viewer("440310")
    assert [(choice.name, choice.depth) for choice in area_choices("440310001", whole)] == [
        ("坪山区", 0),
        ("青禾街道", 1),
        ("青禾社区", 2),
        ("柳岸社区", 2),
    ]
    two = viewer("440310001001", "440310002")
    assert [choice.code for choice in area_choices("440310001001", two)] == ["440310001001", "440310002"]


@pytest.mark.usefixtures("_territory")
def test_area_outside_the_grant_is_not_shown() -> None:
    one = viewer("440310001")
    assert chosen_area("", one) == "440310001"
    assert chosen_area("440310001002", one) == "440310001002"
    for outside in ("440310002", "440310", "440310001999", "4403100019", "x"):
        assert chosen_area(outside, one) is None
    assert chosen_area("", viewer()) == ""
