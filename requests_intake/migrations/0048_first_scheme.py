"""The scheme that a real implementation uses, until the district records its own: not confirmed by any official text."""

import datetime

from django.db import migrations

SCHEME = {
    "valid_from": datetime.date(2020, 1, 1),
    "weight_contacted": 10,
    "weight_solved": 50,
    "weight_satisfied": 40,
    "weight_whistle": 0,
    "why": "出厂默认，没有官方文件证实，请按区里的规定核实",
    "created_at": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
}


def fill(apps, schema_editor):
    apps.get_model("requests_intake", "ScoringScheme").objects.create(version=1, **SCHEME)


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0047_appraisal")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
