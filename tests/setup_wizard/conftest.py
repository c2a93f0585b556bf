"""An empty portal, and one in which the first administrator has just begun."""

import io
from collections.abc import Iterator

import pytest
from django.test import Client
from openpyxl import Workbook

from governance.access.models import User
from governance.access.viewer import Viewer, viewer_for
from governance.web import portal
from setup_wizard.selectors.profile import profile_fields, profile_forget
from setup_wizard.services.beginning import portal_begin
from setup_wizard.services.limits import policies_begin
from tests.factories import world as worlds
from tests.factories.world import DISTRICT, MORNING, PASSWORD

FIRST = "first@office.example"


def excel(*rows, merge: str = "", heading: str = "") -> io.BytesIO:
    """A workbook whose first row (below a heading) holds the titles."""
    book = Workbook()
    sheet = book.active
    if heading:
        sheet.append([heading])
    for row in rows:
        sheet.append(list(row))
    if merge:
        sheet.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "表.xlsx"
    return file


@pytest.fixture(autouse=True)
def _names_of_the_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages show what is typed here; every test begins without a copy of anything."""
    monkeypatch.setattr(portal, "_sources", [profile_fields])
    profile_forget()
    worlds.forget()
    yield
    profile_forget()
    worlds.forget()


@pytest.fixture(autouse=True)
def _morning(time_machine) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
def empty(db: None, settings) -> None:
    """No district, no people, no catalogue; what migrations write is there. Not a demo."""
    settings.LIREN_DEMO = False


@pytest.fixture
def first(empty: None) -> User:
    """Who has begun this portal."""
    return portal_begin(
        code=DISTRICT,
        name="澄湾区",
        name_en="Chengwan District",
        display_name="Gu Nanzhi",
        email=FIRST,
        password=PASSWORD,
        at=MORNING,
    )


@pytest.fixture
def viewer(first: User) -> Viewer:
    return viewer_for(first, MORNING)


@pytest.fixture
def chief(first: User) -> Client:
    client = Client()
    client.force_login(first)
    return client


@pytest.fixture
def limits(viewer: Viewer) -> int:
    return policies_begin(actor=viewer, at=MORNING)
