from django.db import migrations

from governance.outbox.append_only import Unwritable


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0002_trail_indexes"),
    ]

    operations = [
        Unwritable("privacy_accesslog"),
    ]
