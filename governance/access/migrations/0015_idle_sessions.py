"""Sessions of staff end when left alone; what was typed is kept for a day."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import governance.privacy.fields


class Migration(migrations.Migration):
    dependencies = [("access", "0014_grant_imports")]

    operations = [
        migrations.AddField(
            model_name="accesspolicy",
            name="idle_minutes",
            field=models.PositiveSmallIntegerField(default=30),
        ),
        migrations.AddConstraint(
            model_name="accesspolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("idle_minutes__gte", 5), ("idle_minutes__lte", 240)),
                name="access_policy_idle_in_bounds",
                violation_error_message="天数或分钟数超出范围",
            ),
        ),
        migrations.CreateModel(
            name="KeptForms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.CharField(max_length=200)),
                ("forms", governance.privacy.fields.EncryptedJSONField(default=list)),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "page"),
                        name="kept_forms_one_a_page",
                        violation_error_message="这一页已经存着一份",
                    )
                ]
            },
        ),
    ]
