"""How long a link to a party outside the portal is good."""

from django.db import migrations

LIMITS = [
    # not confirmed by an official text [GK]
    ("outside_link", "给外单位的链接", "Links to parties outside the portal", 14, "natural_day"),
]


def fill(apps, schema_editor):
    TurnLimit = apps.get_model("requests_intake", "TurnLimit")
    TurnLimit.objects.bulk_create(
        TurnLimit(key=key, name=name, name_en=name_en, amount=amount, unit=unit)
        for key, name, name_en, amount, unit in LIMITS
    )


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0026_external_links")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
