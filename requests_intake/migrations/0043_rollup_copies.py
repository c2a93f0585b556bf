"""What requests keep for the figures, filled from their histories."""

from django.db import migrations

RATED = """
UPDATE requests_intake_callback c SET organisation_id = r.organisation_id
FROM requests_intake_servicerequest r WHERE r.id = c.request_id;
UPDATE requests_intake_servicerequest r
SET rated_at = c.at, rated_contacted = c.contacted, rated_solved = c.solved, rated_grade = c.grade,
    rated_organisation_id = c.organisation_id
FROM (SELECT DISTINCT ON (request_id) * FROM requests_intake_callback ORDER BY request_id, round DESC, is_at_limit) c
WHERE c.request_id = r.id;
"""
# the archive hid how it had ended: the step into it tells
ENDED = """
UPDATE requests_intake_servicerequest r
SET ended_as = CASE WHEN r.state <> 'archived' THEN r.state ELSE coalesce(
    (SELECT t.from_state FROM requests_intake_requesttransition t
     WHERE t.request_id = r.id AND t.name = 'archive' ORDER BY t.at DESC LIMIT 1), 'closed') END
WHERE r.closed_at IS NOT NULL;
"""
TURNS = """
UPDATE requests_intake_servicerequest r SET returned_at = x.at
FROM (SELECT o.request_id, max(b.asked_at) AS at FROM requests_intake_orderreturn b
      JOIN requests_intake_workorder o ON o.id = b.order_id GROUP BY 1) x WHERE x.request_id = r.id;
UPDATE requests_intake_servicerequest r SET disputed_at = x.at
FROM (SELECT o.request_id, max(d.raised_at) AS at FROM requests_intake_dispute d
      JOIN requests_intake_workorder o ON o.id = d.order_id GROUP BY 1) x WHERE x.request_id = r.id;
UPDATE requests_intake_servicerequest r SET ledgered_at = x.at
FROM (SELECT request_id, max(decided_at) AS at FROM requests_intake_ledgerentry WHERE is_approved GROUP BY 1) x
WHERE x.request_id = r.id;
"""


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0042_rollups")]
    operations = [migrations.RunSQL(RATED + ENDED + TURNS, migrations.RunSQL.noop)]
