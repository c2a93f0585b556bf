"""Why a day was changed by hand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("worktime", "0001_initial")]

    operations = [
        migrations.AddField(
            "calendarday",
            "reason",
            models.CharField(blank=True, default="", max_length=200, verbose_name="为什么"),
        ),
    ]
