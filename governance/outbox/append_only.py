"""A migration operation that makes a table append-only in the database itself."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION outbox_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND to_jsonb(OLD) ->> 'seal_id' IS NULL
       AND to_jsonb(NEW) ->> 'seal_id' IS NOT NULL
       AND to_jsonb(OLD) - 'seal_id' = to_jsonb(NEW) - 'seal_id'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""


class AppendOnly(migrations.RunSQL):
    """Refuse UPDATE and DELETE on a table, except the update that sets `seal_id` for the first time.

    TRUNCATE stays possible: tests empty tables by it, and so does the owner when a retention period is over.
    A migration that uses it for another app's table depends on ("outbox", "0001_initial"), which has the function.
    """

    def __init__(self, table: str) -> None:
        super().__init__(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION outbox_append_only()",
            f"DROP TRIGGER append_only ON {table}",
        )
        self.table = table

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        """Return what a squashed migration writes."""
        return self.__class__.__qualname__, [], {"table": self.table}


class Unwritable(migrations.RunSQL):
    """Take the right to change and delete rows away from the portal's own role, besides what the trigger refuses.

    Setting the seal stays, or whatever `column` names: a row that others refer to needs one column that may be
    updated, or PostgreSQL refuses to lock it for the foreign key; the trigger refuses that update all the same. The
    owner of a table can take such a right back, but not by a slip, nor by an injected statement of one sort.
    """

    def __init__(self, table: str, column: str = "seal_id") -> None:
        super().__init__(protecting(table, column), f"GRANT UPDATE, DELETE ON {table} TO CURRENT_USER")
        self.table, self.column = table, column

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        """Return what a squashed migration writes."""
        return self.__class__.__qualname__, [], {"table": self.table, "column": self.column}


def protecting(table: str, column: str) -> str:
    """Return the SQL that takes the rights away; restoring a backup needs it again."""
    return f"REVOKE UPDATE, DELETE ON {table} FROM CURRENT_USER; GRANT UPDATE ({column}) ON {table} TO CURRENT_USER"
