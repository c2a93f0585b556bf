"""The table of roles and capabilities against an independent reading of the database."""

import re
from html.parser import HTMLParser

import pytest
from django.db import connection

from governance.access.permissions import ROLES
from governance.access.sync import permission_modules, sync_capabilities
from tests.access.conftest import EAST, LAKE, WEST
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db

PAGE = "/staff/admin/roles/"


class Table(HTMLParser):
    """Reads the table the way a screen reader does: words of the cells, hidden marks left out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.scopes: list[str | None] = []
        self.skip = 0
        self.inside = False
        self.feed(html[html.index("<table") : html.index("</table>")])

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.inside = True
            self.rows[-1].append("")
            if tag == "th":
                self.scopes.append(given.get("scope"))
        if given.get("aria-hidden") == "true":
            self.skip += 1

    def handle_endtag(self, tag):
        if tag in {"td", "th"}:
            self.inside = False
        if self.skip and tag in {"span", "svg"}:
            self.skip -= 1

    def handle_data(self, data):
        if self.inside and not self.skip and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()


def in_the_database() -> set[tuple[str, str]]:
    """(role key, capability) pairs straight from the tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.key, c.app_label || '.' || p.codename FROM access_role r"
            " JOIN auth_group_permissions g ON g.group_id = r.group_id"
            " JOIN auth_permission p ON p.id = g.permission_id"
            " JOIN django_content_type c ON c.id = p.content_type_id"
        )
        return set(cursor.fetchall())


def declared() -> set[tuple[str, str]]:
    return {
        (role, str(capability))
        for _, module in permission_modules()
        for role, capabilities in module.BUILT_IN.items()
        for capability in capabilities
    }


def test_the_table_shows_what_the_database_holds(client, administrator):
    client.force_login(administrator.user)
    table = Table(client.get(PAGE).content.decode())
    names = {chinese: key for key, (chinese, _) in ROLES.items()}
    heads = [names[re.match(r"\D+?(?=\d|没有人|$)", words)[0]] for words in table.rows[0][1:]]
    keys = {
        str(module.DESCRIPTIONS[key][0]): str(key) for _, module in permission_modules() for key in module.Capability
    }
    shown = set()
    for row in table.rows[1:]:
        if len(row) == 1 or row[0].startswith("登录要两步"):
            continue
        capability = next(key for name, key in keys.items() if row[0] == f"{name}{_why(key)}谁能{name}")
        assert set(row[1:]) <= {"有", "无"}
        shown |= {(role, capability) for role, cell in zip(heads, row[1:], strict=True) if cell == "有"}
    assert shown == in_the_database() == declared()
    assert len(shown) > 20
    assert None not in table.scopes


def _why(capability: str) -> str:
    return next(
        str(module.DESCRIPTIONS[key][1])
        for _, module in permission_modules()
        for key in module.Capability
        if str(key) == capability
    )


def test_every_capability_is_described_and_every_role_has_work():
    for label, module in permission_modules():
        assert set(module.DESCRIPTIONS) == set(module.Capability), label
        assert set(module.BUILT_IN) <= set(ROLES), label
        assert getattr(module, "TITLE", ""), f"{label}/permissions.py has no TITLE for the table of capabilities"
    assert {role for role, _ in declared()} == set(ROLES)
    names = [str(name) for _, module in permission_modules() for name, _ in module.DESCRIPTIONS.values()]
    assert len(names) == len(set(names)), "two capabilities with one name cannot be told apart"


def test_migrating_again_repairs_a_role(administrator):
    before = in_the_database()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM auth_group_permissions")
    assert in_the_database() == set()
    sync_capabilities()
    assert in_the_database() == before


def test_the_page_costs_six_statements(client, administrator, make_user, give):
    client.force_login(administrator.user)
    for _ in range(2):
        give(make_user(), "handler", LAKE)
        with assert_sql(6):  # session, person, own grants, roles, permissions, holders
            client.get(PAGE)


def test_numbers_of_people_count_ones_own_area_once_each(client, administrator, make_user, give):
    person = make_user()
    give(person, "handler", LAKE)
    give(person, "handler", WEST)
    give(make_user(), "handler", EAST)
    client.force_login(administrator.user)
    html = client.get(PAGE).content.decode()
    assert re.search(r'承办人<small><a href="/staff/admin/grants/\?role=handler">1 人</a>', html)
    assert re.search(r"派单员<small>没有人", html)


def test_without_the_right_to_see_grants_there_are_no_numbers(client, viewer_with):
    client.force_login(viewer_with("supervisor", WEST).user)
    answer = client.get(PAGE)
    assert answer.status_code == 200
    assert "/staff/admin/grants/" not in answer.content.decode()


@pytest.mark.parametrize("role", ["handler", "grid_worker"])
def test_others_stay_outside(client, viewer_with, role):
    client.force_login(viewer_with(role, WEST).user)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE).status_code in {403, 405}


def test_the_table_can_be_scrolled_with_the_keyboard(client, administrator):
    client.force_login(administrator.user)
    html = client.get(PAGE).content.decode()
    assert 'tabindex="0" role="region" aria-labelledby="matrix-caption"' in html
    assert 'id="matrix-caption"' in html
