"""Tokens with which systems of organisations act, each as an account of kind "program"."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_shortcuts"),
        ("organisations", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="kind",
            field=models.CharField(
                choices=[("staff", "工作人员"), ("resident", "居民"), ("program", "程序")],
                default="staff",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("area_code", models.CharField(db_collation="C", max_length=17)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("tail", models.CharField(max_length=4)),
                ("issued_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=200)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("revoke_reason", models.CharField(blank=True, max_length=200)),
                ("last_used_date", models.DateField(blank=True, null=True)),
                ("submission_key", models.UUIDField(editable=False, unique=True)),
                (
                    "issued_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.organisation"
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="token", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["area_code", "id"], name="api_token_area")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("issued_at"))),
                        name="api_token_expires_later",
                        violation_error_message="到期时间要晚于现在",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("revoke_reason", ""), ("revoked_at__isnull", True)),
                            models.Q(("revoked_at__isnull", False), models.Q(("revoke_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="api_token_revoked_has_reason",
                        violation_error_message="收回要写理由",
                    ),
                ],
            },
        ),
    ]
