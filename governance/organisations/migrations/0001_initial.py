"""First tables of the app."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("district_office", "区级机构"),
                            ("subdistrict_office", "街道办事处"),
                            ("department", "职能部门"),
                            ("community", "社区"),
                            ("property_firm", "物业公司"),
                            ("social_organisation", "社会组织"),
                        ],
                        max_length=24,
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("name_en", models.CharField(blank=True, max_length=120)),
                ("short_name", models.CharField(max_length=20)),
                ("short_name_en", models.CharField(blank=True, max_length=60)),
                ("area_code", models.CharField(db_collation="C", db_index=True, max_length=17)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("hours", models.CharField(blank=True, max_length=60)),
                ("hours_en", models.CharField(blank=True, max_length=80)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="organisations.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ["area_code", "kind", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name",), name="organisation_name_unique", violation_error_message="已经有同名的单位"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("area_code__regex", "^\\d{6}((\\d{3}){0,3}|(\\d{3}){3}\\d{2})$")),
                        name="organisation_area_code_shape",
                        violation_error_message="区域编码应为 6、9、12、15 或 17 位",
                    ),
                ],
            },
        ),
    ]
