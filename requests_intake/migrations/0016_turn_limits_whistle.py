"""How soon a department that was called in reports in, and how long its people see the request."""

from django.db import migrations

LIMITS = [
    # none of them is confirmed by an official text yet [GK]
    ("report_in", "吹哨后报到", "Reporting in when called", 2, "working_hour"),
    (
        "whistle_access",
        "报到单位可以看这件诉求",
        "Time offices that were called in may see the request",
        30,
        "natural_day",
    ),
]


def fill(apps, schema_editor):
    TurnLimit = apps.get_model("requests_intake", "TurnLimit")
    TurnLimit.objects.bulk_create(
        TurnLimit(key=key, name=name, name_en=name_en, amount=amount, unit=unit)
        for key, name, name_en, amount, unit in LIMITS
    )


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0015_whistle")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
