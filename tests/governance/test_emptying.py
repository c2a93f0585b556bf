"""Emptying by hand leaves what Django's flush leaves: no test that commits sees the rows of another."""

import pytest
from django.core.management import call_command
from django.db import connection

from governance.access.models import Role
from tests import emptying
from tests.factories import world as worlds
from tests.requests_intake.walk import to_state


def flush() -> None:
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


def contents() -> dict[str, list[str]]:
    """Every row of every table."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')
            found[table] = [row for (row,) in cursor.fetchall()]
        return found


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emptying, "_kept_at", {})
    emptying.tables_empty(flush)
    as_flush_leaves_it = contents()

    to_state(worlds.build(), "closed")
    filled = {table for table, rows in contents().items() if rows}
    assert {"outbox_domainevent", "outbox_delivery", "requests_intake_requesttransition", "access_user"} <= filled
    emptying.tables_empty(lambda: pytest.fail("nothing was changed that needs a flush"))
    assert contents() == as_flush_leaves_it

    Role.objects.all().delete()
    emptying.tables_empty(flush)
    assert {table: len(rows) for table, rows in contents().items()} == {
        table: len(rows) for table, rows in as_flush_leaves_it.items()
    }
    worlds.forget()
