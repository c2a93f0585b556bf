"""A second step at sign-in by role, and how much grace there is."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def begin(apps: Any, schema_editor: Any) -> None:
    """Administrators' roles that exist already need the second step from today: their grace begins now."""
    apps.get_model("access", "AccessPolicy").objects.get_or_create(pk=1)
    roles = apps.get_model("access", "Role").objects.filter(key__in=["administrator", "operations_admin"])
    roles.update(second_step_since=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("access", "0007_account_changes")]

    operations = [
        migrations.CreateModel(
            name="AccessPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("grace_days", models.PositiveSmallIntegerField(default=7)),
                ("fresh_minutes", models.PositiveSmallIntegerField(default=15)),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                ("why", models.CharField(blank=True, default="", max_length=200)),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)),
                        name="access_policy_one_row",
                        violation_error_message="登录规则只有一份",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fresh_minutes__gte", 1), ("fresh_minutes__lte", 240), ("grace_days__lte", 366)
                        ),
                        name="access_policy_in_bounds",
                        violation_error_message="天数或分钟数超出范围",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="role",
            name="second_step_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="rolechangerow",
            name="second_step",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="accountchange",
            name="second_step_reset",
            field=models.BooleanField(default=False),
        ),
        migrations.RemoveConstraint(model_name="rolechangerow", name="role_change_row_says_something"),
        migrations.AddConstraint(
            model_name="rolechangerow",
            constraint=models.CheckConstraint(
                condition=models.Q(("added", []), ("removed", []), ("second_step__isnull", True), _negated=True),
                name="role_change_row_says_something",
                violation_error_message="没有改动",
            ),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
