"""The ladder of reminders every portal starts with; an office edits the rows, never the code."""

from django.db import migrations

STEPS = [
    # level, name, name_en, share of the time, hours after the due time, role that hears of it
    (1, "快到期", "Due soon", 0.75, None, "handler"),
    (2, "超期", "Overdue", None, 0, "community_head"),
    (3, "超期一天", "One day overdue", None, 24, "supervisor"),
    (4, "超期三天", "Three days overdue", None, 72, "district_viewer"),
]


def add_steps(apps, schema_editor):
    EscalationStep = apps.get_model("requests_intake", "EscalationStep")
    EscalationStep.objects.bulk_create(
        EscalationStep(level=level, name=name, name_en=name_en, share=share, hours_after=hours, role=role)
        for level, name, name_en, share, hours, role in STEPS
    )


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0001_initial")]
    operations = [migrations.RunPython(add_steps, migrations.RunPython.noop)]
