from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_intake", "0053_lean_stocks"),
    ]

    operations = [
        migrations.AddField(
            model_name="servicewindow",
            name="special_days",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
