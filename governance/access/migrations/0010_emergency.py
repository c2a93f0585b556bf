"""The emergency account, opened by two."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def person(**changes: object) -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, **changes
    )


class Migration(migrations.Migration):
    dependencies = [("access", "0009_duties")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="kind",
            field=models.CharField(
                choices=[
                    ("staff", "工作人员"),
                    ("resident", "居民"),
                    ("program", "程序"),
                    ("emergency", "应急账号"),
                ],
                default="staff",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="EmergencyRelease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField()),
                ("hours", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("submission_key", models.UUIDField(editable=False, unique=True)),
                ("asked_by", person()),
                ("agreed_by", person(blank=True, null=True)),
                ("closed_by", person(blank=True, null=True)),
                ("user", person(blank=True, null=True)),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreed_by__isnull", True),
                            models.Q(("agreed_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="emergency_two_people",
                        violation_error_message="您自己申请的，要另一位管理员同意",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours__gte", 1), ("hours__lte", 8)),
                        name="emergency_hours",
                        violation_error_message="最多 8 小时",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("agreed_by__isnull", True),
                                ("ends_at__isnull", True),
                                ("opened_at__isnull", True),
                                ("user__isnull", True),
                            ),
                            models.Q(
                                ("agreed_by__isnull", False),
                                ("ends_at__isnull", False),
                                ("opened_at__isnull", False),
                                ("user__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="emergency_opened_whole",
                        violation_error_message="打开要有同意的人和期限",
                    ),
                ],
            },
        ),
    ]
