"""Who made a version of a deadline policy, when and why."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_intake", "0004_assisted_intake"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("deadlinepolicy", "made_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "deadlinepolicy",
            "made_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("deadlinepolicy", "reason", models.CharField(blank=True, default="", max_length=200)),
    ]
