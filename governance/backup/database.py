"""The database: dumped and digested in one snapshot, restored into an empty one."""

import os
import subprocess
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from psycopg2.extensions import make_dsn

from governance.backup.archive import Refused
from governance.outbox.append_only import protecting
from governance.outbox.sealing import sealed_models

# What a row is as text depends on these.
_PLAIN = (
    "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; "
    "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
)
_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname
"""
# Order does not matter, so nothing is sorted: 60 bits of each row's SHA-256, added up.
_DIGEST = """
SELECT count(*),
    coalesce(sum(('x' || substr(encode(sha256(convert_to(t::text, 'UTF8')), 'hex'), 1, 15))::bit(60)::bigint), 0)::text
FROM {table} t
"""

Tables = dict[str, list[Any]]


def dump(file: Path, *, programs: Path) -> Tables:
    """Write the database to a file, and return {table: [rows, digest]} of the same moment."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={file}"]
        _run(programs / "pg_dump", *arguments)
        return _digests(cursor)


def tables_now() -> Tables:
    """Return {table: [rows, digest]} of the database as it is."""
    with transaction.atomic(), connection.cursor() as cursor:
        return _digests(cursor)


def _digests(cursor: Any) -> Tables:
    cursor.execute(_PLAIN)
    cursor.execute(_TABLES)
    names = [name for (name,) in cursor.fetchall()]
    found: Tables = {}
    for name in names:
        cursor.execute(_DIGEST.format(table=connection.ops.quote_name(name)))
        found[name] = list(cursor.fetchone())
    return found


def empty_check() -> None:
    """Raise `Refused` unless the database holds no table at all."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        count = len(cursor.fetchall())
    if count:
        name = connection.settings_dict["NAME"]
        raise Refused(
            f"The database {name} holds {count} tables. A backup is restored into an empty database only: make a new "
            "one, name it in DATABASE_URL, and try again. Nothing was changed."
        )


def load(file: Path, *, programs: Path) -> None:
    """Fill the empty database, all or nothing; the trail is protected again."""
    options = ["--no-owner", "--no-privileges", "--no-comments", "--exit-on-error", "--single-transaction"]
    _run(programs / "pg_restore", *options, str(file))
    with transaction.atomic(), connection.cursor() as cursor:
        for model in sealed_models().values():
            cursor.execute(protecting(model._meta.db_table, "seal_id"))
        cursor.execute(protecting("outbox_seal", "at"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _run(program: Path, *arguments: str) -> None:
    """Call one of PostgreSQL's programs on the portal's database; the password is not on its command line."""
    known = connection.get_connection_params()
    password = known.pop("password", None)
    plain = {key: value for key, value in known.items() if isinstance(value, str | int) and key != "client_encoding"}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    if password:
        environment["PGPASSWORD"] = password
    try:
        answer = subprocess.run(  # noqa: S603 - PostgreSQL's own program, no shell
            [str(program), f"--dbname={make_dsn(**plain)}", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise Refused(f"{program} is not there; say with --programs where PostgreSQL's programs are.") from error
    if answer.returncode:
        said = answer.stderr.strip().partition("\n")[0][:300]  # further lines may quote values
        raise Refused(f"{program.name} failed: {said}")
