"""A small district of known areas, people and organisations."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from governance.access import areas
from governance.access.models import Grant, Role, User
from governance.access.viewer import Viewer, viewer_for
from governance.organisations.models import Organisation, OrganisationKind

DISTRICT = "990100"
WEST, EAST = "990100001", "990100002"
LAKE, HILL = "990100001001", "990100001002"
LAKE_1 = "990100001001001"
NAMES = {
    DISTRICT: "澄湖区",
    WEST: "青禾街道",
    EAST: "东岭街道",
    LAKE: "湖畔社区",
    HILL: "山前社区",
    LAKE_1: "湖畔一网格",
    "990100001001002": "湖畔二网格",
    "990100002001": "岭下社区",
}


class SmallDirectory:
    """The areas above, without a database."""

    def names(self, codes: Iterable[str]) -> dict[str, str]:
        return {code: NAMES[code] for code in codes if code in NAMES}

    def children(self, code: str) -> list[tuple[str, str]]:
        lengths = sorted(areas.LEVELS)
        deeper = [length for length in lengths if length > len(code)]
        wanted = deeper[0] if deeper else 0
        return [(c, name) for c, name in sorted(NAMES.items()) if len(c) == wanted and c.startswith(code)]

    def below(self, code: str) -> list[tuple[str, str]]:
        return [(c, name) for c, name in sorted(NAMES.items()) if c.startswith(code) and c != code]

    def exists(self, code: str) -> bool:
        return code in NAMES

    def search(self, q: str) -> list[tuple[str, str]]:
        return [(c, name) for c, name in NAMES.items() if q in name][:20]


@pytest.fixture(autouse=True)
def territory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(areas, "_directory", SmallDirectory())


@pytest.fixture
def at() -> datetime:
    return datetime.now(UTC)


MakeUser = Callable[..., User]
GiveRole = Callable[..., Grant]


@pytest.fixture
def make_user(db: Any) -> MakeUser:
    number = iter(range(1, 10_000))

    def make(name: str = "", **fields: Any) -> User:
        n = next(number)
        defaults = {"display_name": name or f"职员{n}", "email": f"staff{n}@liren.example", "password": "long-enough-1"}
        return User.objects.create_user(**(defaults | fields))

    return make


@pytest.fixture
def give(at: datetime) -> GiveRole:
    """Write a grant row directly: the state a test starts from, not the service under test."""

    def write(user: User, role: str, area_code: str = "", **fields: Any) -> Grant:
        organisation = fields.get("organisation")
        defaults = {
            "user": user,
            "role": Role.objects.get(key=role),
            "area_code": organisation.area_code if organisation else area_code,
            "starts_at": at - timedelta(days=1),
            "ends_at": None,
            "reason": "测试",
            "created_at": at - timedelta(days=1),
        }
        return Grant.objects.create(**(defaults | fields))

    return write


@pytest.fixture
def viewer_with(make_user: MakeUser, give: GiveRole, at: datetime) -> Callable[..., Viewer]:
    """A person with one role somewhere, as the viewer the services see."""

    def make(role: str, area_code: str = "", **fields: Any) -> Viewer:
        user = fields.pop("user", None) or make_user()
        give(user, role, area_code, **fields)
        return viewer_for(user, at)

    return make


@pytest.fixture
def organisation(db: Any) -> Organisation:
    return Organisation.objects.create(
        kind=OrganisationKind.PROPERTY_FIRM, name="安居物业有限公司", short_name="安居物业", area_code=LAKE
    )


@pytest.fixture
def administrator(viewer_with: Callable[..., Viewer]) -> Iterator[Viewer]:
    """Administers the western sub-district only."""
    return viewer_with("administrator", WEST)
