"""How soon somebody looks on site; no official text has confirmed it yet [GK]."""

from django.db import migrations

LIMITS = [("check", "现场核实", "Look on site", 1, "working_day")]


def fill(apps, schema_editor):
    TurnLimit = apps.get_model("requests_intake", "TurnLimit")
    for key, name, name_en, amount, unit in LIMITS:
        TurnLimit.objects.get_or_create(
            key=key, defaults={"name": name, "name_en": name_en, "amount": amount, "unit": unit}
        )


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0058_patrol")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
