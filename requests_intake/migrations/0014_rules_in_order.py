"""Number the rules so that asking them from the top gives what the longest prefixes gave: category first, then area."""

from typing import Any

from django.db import migrations


def number_rules(apps: Any, schema_editor: Any) -> None:
    """Longer category prefixes first, among them longer area prefixes: two rules of the same lengths never both fit."""
    rules = apps.get_model("requests_intake", "DispatchRule")
    rows = sorted(
        rules.objects.all(),
        key=lambda row: (-len(row.category_prefix), -len(row.area_prefix), row.category_prefix, row.area_prefix),
    )
    for position, row in enumerate(rows, 1):
        row.position = position
    rules.objects.bulk_update(rows, ["position"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0013_readable_rules")]

    operations = [migrations.RunPython(number_rules, migrations.RunPython.noop)]
