"""The tables after a test that committed: as Django's `flush` leaves them, for a tenth of its price.

`flush` truncates all hundred tables, whoever holds rows, and then lets every app write its permissions and roles anew.
Here that happens once a process. From then on only tables that hold something are emptied, and what the apps wrote
stays, as long as nobody changed it.
"""

from collections.abc import Callable, Iterable

from django.db import connection, transaction

# What `flush` leaves behind: the migrations that ran, and what the apps write after a migration.
KEPT = {
    "access_role",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_migrations",
}
# Tables whose rows refuse to be deleted one by one: those that are only ever appended to.
_REFUSING = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 8 <> 0"
_kept_at: dict[str, str] = {}  # what the kept tables held after the flush, by database


def tables_empty(flush: Callable[[], None]) -> None:
    """Empty the tables of the default database; by `flush` when there is anything that only `flush` can put right."""
    name = connection.settings_dict["NAME"]
    with transaction.atomic():
        done = _kept_at.get(name) == _kept() and _empty()
    if not done:
        flush()
        _kept_at[name] = _kept()


def _empty() -> bool:
    tables = set(connection.introspection.table_names()) - KEPT
    # Like TRUNCATE this waits for writers: a request that a browser gave up may still be under way.
    _run(f"LOCK TABLE {_listed(tables)} IN EXCLUSIVE MODE")
    filled = _run(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables))
    refusing = filled & _run(_REFUSING)
    if refusing:
        _run(f"TRUNCATE {_listed(refusing)} CASCADE")
    for table in filled - refusing:  # in any order: foreign keys are looked at when all is done
        _run(f'DELETE FROM "{table}"')
    return True


def _kept() -> str:
    """Digest of the rows that stay."""
    rows = " UNION ALL ".join(f"SELECT '{table}' || t::text AS line FROM \"{table}\" t" for table in sorted(KEPT))
    [digest] = _run(f"SELECT md5(string_agg(line, ';' ORDER BY line)) FROM ({rows}) lines")
    return digest


def _listed(tables: Iterable[str]) -> str:
    return ", ".join(f'"{table}"' for table in sorted(tables))


def _run(statement: str) -> set[str]:
    """Run a statement and return the first column of its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {row[0] for row in cursor.fetchall()} if cursor.description else set()
