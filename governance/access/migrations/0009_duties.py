"""Since when the three administrators are different people."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0008_second_step")]

    operations = [
        migrations.AddField("accesspolicy", "separated_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "accesspolicy",
            "separated_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("accesspolicy", "separated_why", models.CharField(blank=True, default="", max_length=200)),
    ]
