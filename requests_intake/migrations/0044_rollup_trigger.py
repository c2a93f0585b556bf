"""The trigger that writes every change of a request's facts as deltas; what there is already is counted once."""

from django.db import migrations, models

FACTS = (
    "area_code, kind, channel, category_id, organisation_id, state, ended_as, submitted_at, dispatched_at, contacted_at,"
    " closed_at, next_due_at, rated_at, rated_organisation_id, rated_contacted, rated_solved, rated_grade,"
    " returned_at, disputed_at, ledgered_at, excluded_at"
)
TABLE = "requests_intake_servicerequest"


def of(alias: str) -> str:
    return ", ".join(f"{alias}.{name.strip()}" for name in FACTS.split(","))


INTO = f"INSERT INTO requests_intake_rollupdelta (sign, {FACTS})"
TRIGGERS = f"""
CREATE FUNCTION requests_intake_rollup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {INTO} SELECT 1, {FACTS} FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        {INTO} SELECT -1, {FACTS} FROM old_rows;
    ELSE
        {INTO}
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
CREATE TRIGGER rollup_insert AFTER INSERT ON {TABLE}
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION requests_intake_rollup();
CREATE TRIGGER rollup_update AFTER UPDATE ON {TABLE}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION requests_intake_rollup();
CREATE TRIGGER rollup_delete AFTER DELETE ON {TABLE}
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION requests_intake_rollup();
{INTO} SELECT 1, {FACTS} FROM {TABLE};
"""  # noqa: S608 - constants
NO_TRIGGERS = f"""
DROP TRIGGER rollup_insert ON {TABLE};
DROP TRIGGER rollup_update ON {TABLE};
DROP TRIGGER rollup_delete ON {TABLE};
DROP FUNCTION requests_intake_rollup();
"""


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0043_rollup_copies")]

    operations = [
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(fields=["area_code", "-submitted_at", "-id"], name="request_area_submitted"),
        ),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(
                condition=models.Q(("rated_at__isnull", False)), fields=["rated_at", "id"], name="request_rated"
            ),
        ),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(
                condition=models.Q(("returned_at__isnull", False)),
                fields=["returned_at", "id"],
                name="request_returned",
            ),
        ),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(
                condition=models.Q(("disputed_at__isnull", False)),
                fields=["disputed_at", "id"],
                name="request_disputed",
            ),
        ),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(
                condition=models.Q(("ledgered_at__isnull", False)),
                fields=["ledgered_at", "id"],
                name="request_ledgered",
            ),
        ),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(
                condition=models.Q(("excluded_at__isnull", False)),
                fields=["excluded_at", "id"],
                name="request_excluded",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("ended_as", "")),
                    models.Q(("closed_at__isnull", False), models.Q(("ended_as", ""), _negated=True)),
                    _connector="OR",
                ),
                name="request_ended_as_iff_closed",
                violation_error_message="办结的诉求要写是怎么办结的",
            ),
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
