"""Limits of pauses, extensions and the ledger; and what existing clocks count."""

from django.db import migrations

LIMITS = [
    # key, name, name_en, amount, unit; none of them is confirmed by an official text yet [GK]
    ("question", "等居民回答", "Waiting for the resident's answer", 5, "working_day"),
    ("suspend_max", "一次最多暂停", "Longest suspension", 30, "natural_day"),
    ("milestone", "挂账多久再看", "Looking again at a ledger entry", 90, "natural_day"),
    ("extend_max", "延期最多为原期限的", "Longest extension, in terms of the promise", 1, "times"),
]

_COUNT = """
UPDATE requests_intake_clock c SET is_working = true
FROM requests_intake_servicerequest r, requests_intake_policyclock p
WHERE r.id = c.request_id AND p.policy_id = r.policy_id AND p.kind = c.kind AND p.unit LIKE 'working%'
"""


def fill(apps, schema_editor):
    TurnLimit = apps.get_model("requests_intake", "TurnLimit")
    TurnLimit.objects.bulk_create(
        TurnLimit(key=key, name=name, name_en=name_en, amount=amount, unit=unit)
        for key, name, name_en, amount, unit in LIMITS
    )
    schema_editor.execute(_COUNT, None)


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0022_pauses")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
