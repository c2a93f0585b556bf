"""Counting what the database is asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

_TRANSACTION_WORDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE SAVEPOINT")


@contextmanager
def assert_sql(expected: int, *, at_most: bool = False) -> Iterator[None]:
    """Fail unless the block sends exactly (or at most) `expected` statements, transaction control not counted."""
    with CaptureQueriesContext(connection) as captured:
        yield
    statements = [
        query["sql"] for query in captured.captured_queries if not query["sql"].lstrip().startswith(_TRANSACTION_WORDS)
    ]
    fits = len(statements) <= expected if at_most else len(statements) == expected
    listing = "\n".join(f"{number}. {sql}" for number, sql in enumerate(statements, 1))
    assert fits, f"{len(statements)} statements, expected {'at most ' if at_most else ''}{expected}:\n{listing}"
