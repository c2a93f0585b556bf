from django.db import migrations

from governance.outbox.append_only import Unwritable


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0004_trail_indexes"),
    ]

    operations = [
        Unwritable("outbox_domainevent"),
        Unwritable("outbox_seal", "at"),
    ]
