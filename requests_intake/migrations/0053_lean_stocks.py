"""Fewer cells: what is open has no day, the three rates are kept apart from the offices'. All figures are counted anew.

Every request becomes a delta again, which readers count at once and the fold takes in turn; with very many requests
`manage.py recount_figures --repair` afterwards is quicker.
"""

from django.db import migrations, models

FACTS = (
    "area_code, kind, channel, category_id, organisation_id, state, ended_as, submitted_at, dispatched_at, contacted_at,"
    " closed_at, next_due_at, rated_at, rated_organisation_id, rated_contacted, rated_solved, rated_grade,"
    " returned_at, disputed_at, ledgered_at, excluded_at"
)
ANEW = f"""
LOCK TABLE requests_intake_servicerequest IN SHARE MODE;
TRUNCATE requests_intake_rollupdelta, requests_intake_rollupcell;
INSERT INTO requests_intake_rollupdelta (sign, {FACTS}) SELECT 1, {FACTS} FROM requests_intake_servicerequest;
"""  # noqa: S608 - constants


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0052_evidence")]

    operations = [
        migrations.AlterField("rollupcell", "series", models.CharField(db_collation="C", max_length=16)),
        migrations.RunSQL(ANEW, migrations.RunSQL.noop),
    ]
