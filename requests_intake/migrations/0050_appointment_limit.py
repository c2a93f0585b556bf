"""How long the name and telephone of somebody who had an appointment are kept; the office edits it."""

from django.db import migrations

# No official text says how long [GK].
LIMIT = (
    "appointment_keep",
    "预约过后留多久姓名电话",
    "Keeping names and telephones after appointments",
    30,
    "natural_day",
)
FIELDS = ("name", "name_en", "amount", "unit")


def fill(apps, schema_editor):
    values = dict(zip(FIELDS, LIMIT[1:], strict=True))
    apps.get_model("requests_intake", "TurnLimit").objects.create(key=LIMIT[0], **values)


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0049_appointments")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
