"""Facts for the indicators of the standard: when the answer was due and given, how often it was done again.

Every request becomes a delta again, as in 0053; with very many requests `manage.py recount_figures --repair`
afterwards is quicker.
"""

from importlib import import_module

from django.db import migrations, models

before = import_module("requests_intake.migrations.0044_rollup_trigger")
FACTS = f"{before.FACTS}, due_at, replied_at, rework_count"
TABLE = before.TABLE


def function(facts: str) -> str:
    """The trigger's function for these facts."""

    def of(alias: str) -> str:
        return ", ".join(f"{alias}.{name.strip()}" for name in facts.split(","))

    into = f"INSERT INTO requests_intake_rollupdelta (sign, {facts})"
    return f"""
CREATE OR REPLACE FUNCTION requests_intake_rollup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {into} SELECT 1, {facts} FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        {into} SELECT -1, {facts} FROM old_rows;
    ELSE
        {into}
        SELECT s.sign, {of("s")}
        FROM old_rows o JOIN new_rows n ON n.id = o.id
        CROSS JOIN LATERAL (
            SELECT -1 AS sign, {of("o")} UNION ALL SELECT 1, {of("n")}
        ) s
        WHERE ({of("o")}) IS DISTINCT FROM ({of("n")});
    END IF;
    RETURN NULL;
END
$$;
LOCK TABLE {TABLE} IN SHARE MODE;
TRUNCATE requests_intake_rollupdelta, requests_intake_rollupcell;
{into} SELECT 1, {facts} FROM {TABLE};
"""  # noqa: S608 - constants


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0061_component_index")]

    operations = [
        migrations.AddField("rollupdelta", "due_at", models.DateTimeField(null=True)),
        migrations.AddField("rollupdelta", "replied_at", models.DateTimeField(null=True)),
        migrations.AddField("rollupdelta", "rework_count", models.PositiveSmallIntegerField(null=True)),
        migrations.RunSQL(function(FACTS), function(before.FACTS)),
    ]
