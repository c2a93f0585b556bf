"""Quiet hours from 22:00 to 07:00 and the digest at 08:00, until an administrator or the person says otherwise."""

from datetime import time

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def write_defaults(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("notifications", "NoticePreference").objects.get_or_create(
        user=None,
        defaults={
            "quiet_from": time(22),
            "quiet_until": time(7),
            "digest_at": time(8),
            "changed_at": timezone.now(),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_preferences")]

    operations = [migrations.RunPython(write_defaults, migrations.RunPython.noop)]
