"""Everything that 0001 to 0051 make, in one step: what a new database runs (seconds instead of half a minute).

A database that ran the old ones has nothing to do and goes on from 0051. They stay until no installation can be older
than this release; whoever removes them moves their rows and the trigger, which are taken from them here, into this
file (and lets tests/factories/world.py read them from it), and takes `replaces` away. Of the old changes to rows only
those that write rows into an empty database are repeated.
"""

import uuid
from decimal import Decimal
from importlib import import_module

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import governance.privacy.fields
import requests_intake.models.publications

# Migrations whose rows a new database needs, and their functions, in their order.
ROWS = [
    ("0002_escalation_ladder", "add_steps"),
    ("0009_turn_limits", "fill"),
    ("0016_turn_limits_whistle", "fill"),
    ("0023_pause_limits", "fill"),
    ("0027_external_link_limit", "fill"),
    ("0032_risk_words", "fill"),
    ("0036_three_profiles", "fill"),
    ("0048_first_scheme", "fill"),
    ("0050_appointment_limit", "fill"),
]


def old(name):
    return import_module(f"requests_intake.migrations.{name}")


def fill(apps, schema_editor):
    for name, function in ROWS:
        getattr(old(name), function)(apps, schema_editor)


rollup = old("0044_rollup_trigger")


class Migration(migrations.Migration):
    replaces = [
        ("requests_intake", "0001_initial"),
        ("requests_intake", "0002_escalation_ladder"),
        ("requests_intake", "0003_words_for_search"),
        ("requests_intake", "0004_assisted_intake"),
        ("requests_intake", "0005_policy_authors"),
        ("requests_intake", "0006_worklists_and_bulk"),
        ("requests_intake", "0007_public_side"),
        ("requests_intake", "0008_turns"),
        ("requests_intake", "0009_turn_limits"),
        ("requests_intake", "0010_upstream_batches"),
        ("requests_intake", "0011_accounts"),
        ("requests_intake", "0012_catalogue_versions"),
        ("requests_intake", "0013_readable_rules"),
        ("requests_intake", "0014_rules_in_order"),
        ("requests_intake", "0015_whistle"),
        ("requests_intake", "0016_turn_limits_whistle"),
        ("requests_intake", "0017_standing_apart"),
        ("requests_intake", "0018_desk"),
        ("requests_intake", "0019_publication_moved"),
        ("requests_intake", "0020_interface_entry"),
        ("requests_intake", "0021_steps_since"),
        ("requests_intake", "0022_pauses"),
        ("requests_intake", "0023_pause_limits"),
        ("requests_intake", "0024_call_back_at_limit"),
        ("requests_intake", "0025_office_settings"),
        ("requests_intake", "0026_external_links"),
        ("requests_intake", "0027_external_link_limit"),
        ("requests_intake", "0028_reply_template_conditions"),
        ("requests_intake", "0029_macros"),
        ("requests_intake", "0030_policy_stages"),
        ("requests_intake", "0031_duty"),
        ("requests_intake", "0032_risk_words"),
        ("requests_intake", "0033_upstream_by_interface"),
        ("requests_intake", "0034_undone_orders"),
        ("requests_intake", "0035_community_profiles"),
        ("requests_intake", "0036_three_profiles"),
        ("requests_intake", "0037_service_windows"),
        ("requests_intake", "0038_acting_rules"),
        ("requests_intake", "0039_request_has_recording"),
        ("requests_intake", "0042_rollups"),
        ("requests_intake", "0043_rollup_copies"),
        ("requests_intake", "0044_rollup_trigger"),
        ("requests_intake", "0045_interventions"),
        ("requests_intake", "0046_exclusions"),
        ("requests_intake", "0047_appraisal"),
        ("requests_intake", "0048_first_scheme"),
        ("requests_intake", "0049_appointments"),
        ("requests_intake", "0050_appointment_limit"),
        ("requests_intake", "0051_concerned_people"),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("files", "0001_initial"),
        ("grid", "0001_initial"),
        ("jobs", "0001_initial"),
        ("organisations", "0002_service_firms"),
        ("population", "0001_initial"),  # pg_trgm, for the words of titles
    ]

    operations = [
        migrations.RunSQL(
            sql="CREATE SEQUENCE requests_intake_number_seq AS bigint CYCLE",
            reverse_sql="DROP SEQUENCE requests_intake_number_seq",
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("data", governance.privacy.fields.EncryptedJSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "clerk",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("token", governance.privacy.fields.EncryptedTextField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(db_collation="C", max_length=6, unique=True)),
                ("name", models.CharField(max_length=40)),
                ("name_en", models.CharField(max_length=60)),
                ("guide", models.TextField(blank=True)),
                ("guide_en", models.TextField(blank=True)),
                ("answered_by", models.CharField(blank=True, max_length=60)),
                ("answered_by_en", models.CharField(blank=True, max_length=80)),
                ("legal_basis", models.CharField(blank=True, max_length=200)),
                ("acceptance", models.CharField(blank=True, max_length=200)),
                ("closing", models.CharField(blank=True, max_length=200)),
                (
                    "urgency",
                    models.CharField(
                        choices=[
                            ("urgent", "紧急"),
                            ("immediate", "当日"),
                            ("general", "一般"),
                            ("complex", "复杂疑难"),
                        ],
                        default="general",
                        max_length=10,
                    ),
                ),
                ("policy_key", models.SlugField(max_length=40)),
                ("is_public", models.BooleanField(default=False)),
                ("needs_place", models.BooleanField(default=True)),
                ("round_the_clock", models.BooleanField(default=False)),
                ("stop_text", models.TextField(blank=True)),
                ("stop_text_en", models.TextField(blank=True)),
                ("stop_phone", models.CharField(blank=True, max_length=10)),
                (
                    "keywords",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "duty_item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grid.dutyitem",
                    ),
                ),
                ("needs_review", models.BooleanField(default=False)),
                ("questions", models.JSONField(blank=True, default=list)),
                ("version", models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^([0-9]{2}){1,3}$")),
                        name="category_code_shape",
                        violation_error_message="事项编码每级两位数字，最多三级",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stop_phone", ""), ("stop_text", "")),
                            models.Q(
                                models.Q(("stop_text", ""), _negated=True), models.Q(("stop_phone", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="category_stop_has_phone",
                        violation_error_message="要拦下的紧急事项，提示语和电话要一起填",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeadlinePolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=40)),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("name", models.CharField(max_length=60)),
                ("name_en", models.CharField(max_length=80)),
                ("source", models.CharField(blank=True, max_length=200)),
                ("is_confirmed", models.BooleanField(default=False)),
                ("valid_from", models.DateField()),
                ("made_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "version"),
                        name="policy_version_unique",
                        violation_error_message="这个版本已经有了",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DispatchRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("category_prefix", models.CharField(blank=True, db_collation="C", max_length=6)),
                ("area_prefix", models.CharField(blank=True, db_collation="C", max_length=17)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.organisation"
                    ),
                ),
                (
                    "channels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("web", "网页"),
                                ("counter", "窗口"),
                                ("phone", "电话"),
                                ("hotline", "12345 转来"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "fault",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("category_gone", "写的事项已经没有了"),
                            ("category_retired", "写的事项停用了"),
                            ("organisation_closed", "写的单位停用了"),
                            ("error", "判断时出错，例如工作日历用完了"),
                            ("refused", "直派被退了回来，原因写在那件诉求的经过里"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("fault_at", models.DateTimeField(blank=True, null=True)),
                (
                    "hours",
                    models.CharField(
                        choices=[("any", "什么时候都行"), ("office", "办公时间里"), ("closed", "办公时间以外")],
                        default="any",
                        max_length=8,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("enquiry", "咨询"),
                                ("help", "求助"),
                                ("complaint", "投诉"),
                                ("tip_off", "举报"),
                                ("suggestion", "建议"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=200)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0)),
                ("time_from", models.TimeField(blank=True, null=True)),
                ("time_until", models.TimeField(blank=True, null=True)),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                ("acts", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("time_from__isnull", True), ("time_until__isnull", True)),
                            models.Q(("time_from__isnull", False), ("time_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="dispatch_rule_time_span",
                        violation_error_message="几点到几点，要么都写，要么都空着",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("fault", ""), ("fault_at__isnull", True)),
                            models.Q(
                                models.Q(("fault", ""), _negated=True),
                                ("fault_at__isnull", False),
                                ("is_active", False),
                            ),
                            _connector="OR",
                        ),
                        name="dispatch_rule_fault_is_off",
                        violation_error_message="出了问题的规则要先停用",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fault", ""), ("acts", False), _connector="OR"),
                        name="dispatch_rule_fault_never_acts",
                        violation_error_message="出了问题的规则不能直派",
                    ),
                ],
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="EscalationStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField(unique=True)),
                ("name", models.CharField(max_length=20)),
                ("name_en", models.CharField(max_length=40)),
                ("share", models.FloatField(blank=True, null=True)),
                ("hours_after", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("role", models.CharField(max_length=40)),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
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
                ("is_confirmed", models.BooleanField(default=False)),
                ("why", models.CharField(blank=True, default="", max_length=200)),
            ],
            options={
                "ordering": ["level"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("hours_after__isnull", True), ("share__gt", 0), ("share__lt", 1)),
                            models.Q(("hours_after__isnull", False), ("share__isnull", True)),
                            _connector="OR",
                        ),
                        name="step_share_or_hours",
                        violation_error_message="提醒要么按用掉的时间，要么按超期的小时数",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyClock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accept", "受理"),
                            ("dispatch", "派单"),
                            ("sign", "签收"),
                            ("contact", "联系居民"),
                            ("result", "协办结果"),
                            ("report_in", "报到"),
                            ("decide", "退单、争议定夺"),
                            ("stage", "阶段"),
                            ("answer", "答复"),
                            ("rate", "等评价"),
                        ],
                        max_length=10,
                    ),
                ),
                ("amount", models.PositiveSmallIntegerField()),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("natural_hour", "natural_hour"),
                            ("natural_day", "natural_day"),
                            ("working_hour", "working_hour"),
                            ("working_day", "working_day"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clocks",
                        to="requests_intake.deadlinepolicy",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("policy", "kind"),
                        name="policy_clock_unique",
                        violation_error_message="这一项时限已经有了",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)),
                        name="policy_clock_amount_positive",
                        violation_error_message="时限要大于零",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(db_collation="C", max_length=15, unique=True)),
                ("number_tail", models.CharField(db_collation="C", max_length=4)),
                ("track_digest", models.CharField(max_length=64, unique=True)),
                ("track_token", governance.privacy.fields.EncryptedTextField()),
                ("submission_key", models.CharField(max_length=64, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("enquiry", "咨询"),
                            ("help", "求助"),
                            ("complaint", "投诉"),
                            ("tip_off", "举报"),
                            ("suggestion", "建议"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("web", "网页"), ("counter", "窗口"), ("phone", "电话"), ("hotline", "12345 转来")],
                        default="web",
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=60)),
                ("body", models.TextField()),
                ("language", models.CharField(default="zh-hans", max_length=10)),
                ("may_be_public", models.BooleanField(default=False)),
                ("area_code", models.CharField(db_collation="C", max_length=17)),
                (
                    "place_kind",
                    models.CharField(
                        choices=[("pin", "地图"), ("address", "地址"), ("none", "没有具体地点")], max_length=8
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=200)),
                ("lng", models.FloatField(blank=True, null=True)),
                ("lat", models.FloatField(blank=True, null=True)),
                ("is_outside_district", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("submitted", "已提交"),
                            ("accepted", "已受理"),
                            ("dispatched", "已派单"),
                            ("in_progress", "办理中"),
                            ("suspended", "暂停办理"),
                            ("ledgered", "长期挂账"),
                            ("review", "答复审核中"),
                            ("callback", "已答复，等评价"),
                            ("closed", "已办结"),
                            ("answered", "已直接答复"),
                            ("no_dispatch", "不予派单"),
                            ("merged", "已并案"),
                            ("withdrawn", "已撤回"),
                            ("archived", "已归档"),
                        ],
                        default="submitted",
                        max_length=12,
                    ),
                ),
                ("submitted_at", models.DateTimeField()),
                ("accept_due_at", models.DateTimeField()),
                ("original_due_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("next_due_at", models.DateTimeField(blank=True, null=True)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("dispatched_at", models.DateTimeField(blank=True, null=True)),
                ("contacted_at", models.DateTimeField(blank=True, null=True)),
                ("replied_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("rework_count", models.PositiveSmallIntegerField(default=0)),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.category",
                    ),
                ),
                (
                    "handler",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.deadlinepolicy",
                    ),
                ),
                (
                    "probable_organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("urgent_remark", models.CharField(blank=True, default="", max_length=200)),
                ("me_too_count", models.PositiveIntegerField(default=0)),
                ("has_helpers", models.BooleanField(default=False)),
                ("is_designated", models.BooleanField(default=False)),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="requests_intake.servicerequest",
                    ),
                ),
                (
                    "no_dispatch_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("emergency", "应打 110、119、120、122"),
                            ("legal", "已进入或应走诉讼、仲裁、复议、信访等渠道"),
                            ("same", "同一件事正在办或已办结，没有新情况"),
                            ("secret", "涉及国家秘密、商业秘密、个人隐私"),
                            ("beyond", "不属于政府职责，可找市场或社会渠道"),
                            ("unlawful", "违反法律法规或公序良俗"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("reopen_count", models.PositiveSmallIntegerField(default=0)),
                (
                    "state_before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("submitted", "已提交"),
                            ("accepted", "已受理"),
                            ("dispatched", "已派单"),
                            ("in_progress", "办理中"),
                            ("suspended", "暂停办理"),
                            ("ledgered", "长期挂账"),
                            ("review", "答复审核中"),
                            ("callback", "已答复，等评价"),
                            ("closed", "已办结"),
                            ("answered", "已直接答复"),
                            ("no_dispatch", "不予派单"),
                            ("merged", "已并案"),
                            ("withdrawn", "已撤回"),
                            ("archived", "已归档"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "waiting_for",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("return", "退单待定"),
                            ("dispute", "争议待定"),
                            ("extension", "延期待批"),
                            ("ledger", "挂账待批"),
                            ("question", "等居民补充"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("is_for_other", models.BooleanField(default=False)),
                (
                    "complained_organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                ("copies_district", models.BooleanField(default=False)),
                (
                    "dispatch_mode",
                    models.CharField(
                        blank=True, choices=[("direct", "直派"), ("district", "交区级协调")], default="", max_length=8
                    ),
                ),
                ("has_recusals", models.BooleanField(default=False)),
                ("extension_asked", models.BooleanField(default=False)),
                ("paused_until", models.DateTimeField(blank=True, null=True)),
                ("limit_called_round", models.PositiveSmallIntegerField(default=0)),
                ("has_open_alert", models.BooleanField(default=False)),
                ("has_recording", models.BooleanField(default=False)),
                ("disputed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_as",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("submitted", "已提交"),
                            ("accepted", "已受理"),
                            ("dispatched", "已派单"),
                            ("in_progress", "办理中"),
                            ("suspended", "暂停办理"),
                            ("ledgered", "长期挂账"),
                            ("review", "答复审核中"),
                            ("callback", "已答复，等评价"),
                            ("closed", "已办结"),
                            ("answered", "已直接答复"),
                            ("no_dispatch", "不予派单"),
                            ("merged", "已并案"),
                            ("withdrawn", "已撤回"),
                            ("archived", "已归档"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("excluded_at", models.DateTimeField(blank=True, null=True)),
                ("ledgered_at", models.DateTimeField(blank=True, null=True)),
                ("rated_at", models.DateTimeField(blank=True, null=True)),
                ("rated_contacted", models.BooleanField(blank=True, null=True)),
                ("rated_grade", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "rated_organisation",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                ("rated_solved", models.CharField(blank=True, default="", max_length=8)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                ("supervised_until", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-submitted_at", "-id"], name="request_submitted"),
                    models.Index(fields=["number_tail"], name="request_number_tail"),
                    models.Index(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=["next_due_at", "id"],
                        name="request_open_due",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=["area_code", "next_due_at", "id"],
                        name="request_area_due",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=["organisation", "next_due_at", "id"],
                        name="request_org_due",
                    ),
                    models.Index(
                        condition=models.Q(("waiting_for", ""), _negated=True),
                        fields=["waiting_for", "next_due_at", "id"],
                        name="request_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("merged_into__isnull", False)),
                        fields=["merged_into"],
                        name="request_merged",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("closed_at__isnull", False), models.Q(("state", "archived"), _negated=True)
                        ),
                        fields=["closed_at", "id"],
                        name="request_to_archive",
                    ),
                    models.Index(
                        condition=models.Q(("account__isnull", False)),
                        fields=["account", "-submitted_at", "-id"],
                        name="request_account",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at__isnull", True), ("copies_district", True)),
                        fields=["next_due_at", "id"],
                        name="request_copied_due",
                    ),
                    models.Index(
                        condition=models.Q(("paused_until__isnull", False)),
                        fields=["paused_until"],
                        name="request_paused",
                    ),
                    models.Index(fields=["area_code", "-submitted_at", "-id"], name="request_area_submitted"),
                    models.Index(
                        condition=models.Q(("rated_at__isnull", False)), fields=["rated_at", "id"], name="request_rated"
                    ),
                    models.Index(
                        condition=models.Q(("returned_at__isnull", False)),
                        fields=["returned_at", "id"],
                        name="request_returned",
                    ),
                    models.Index(
                        condition=models.Q(("disputed_at__isnull", False)),
                        fields=["disputed_at", "id"],
                        name="request_disputed",
                    ),
                    models.Index(
                        condition=models.Q(("ledgered_at__isnull", False)),
                        fields=["ledgered_at", "id"],
                        name="request_ledgered",
                    ),
                    models.Index(
                        condition=models.Q(("excluded_at__isnull", False)),
                        fields=["excluded_at", "id"],
                        name="request_excluded",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at__isnull", True), ("supervised_until__isnull", False)),
                        fields=["next_due_at", "id"],
                        name="request_supervised",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lat__isnull", True), ("lng__isnull", True)),
                            models.Q(("lat__gte", -90), ("lat__lte", 90), ("lng__gte", -180), ("lng__lte", 180)),
                            _connector="OR",
                        ),
                        name="request_point_valid",
                        violation_error_message="地图上的点没有看懂，请重新点一次",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "tip_off"), _negated=True), ("may_be_public", False), _connector="OR"
                        ),
                        name="request_tip_off_private",
                        violation_error_message="举报从不公开",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("next_due_at__isnull", True),
                                ("state__in", ("closed", "answered", "no_dispatch", "merged", "withdrawn", "archived")),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "state__in",
                                        ("closed", "answered", "no_dispatch", "merged", "withdrawn", "archived"),
                                    ),
                                    _negated=True,
                                ),
                                ("closed_at__isnull", True),
                                ("next_due_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="request_closed_at_iff_closed",
                        violation_error_message="办结的诉求要有办结时间；没有办结的要有下一个期限",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ("submitted", "accepted", "answered", "no_dispatch", "merged", "withdrawn", "archived"),
                            ),
                            ("organisation__isnull", False),
                            _connector="OR",
                        ),
                        name="request_dispatched_has_organisation",
                        violation_error_message="派单要选承办单位",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("merged_into__isnull", False), ("state", "merged")),
                            ("state", "archived"),
                            models.Q(models.Q(("state", "merged"), _negated=True), ("merged_into__isnull", True)),
                            _connector="OR",
                        ),
                        name="request_merged_has_target",
                        violation_error_message="并案要写并到哪一件",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into__isnull", True),
                            models.Q(("merged_into", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="request_not_merged_into_itself",
                        violation_error_message="不能并到自己",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "no_dispatch"), _negated=True),
                            models.Q(("no_dispatch_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="request_not_dispatched_has_reason",
                        violation_error_message="不予派单要选一条法定理由",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("complained_organisation__isnull", True),
                            ("kind__in", ["complaint", "tip_off"]),
                            _connector="OR",
                        ),
                        name="request_complained_is_complaint",
                        violation_error_message="只有投诉、举报才写被反映的单位",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("complained_organisation__isnull", True),
                            ("organisation__isnull", True),
                            models.Q(("complained_organisation", models.F("organisation")), _negated=True),
                            _connector="OR",
                        ),
                        name="request_complained_never_leads",
                        violation_error_message="被反映的单位不能牵头办这件事",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("copies_district", False), ("dispatch_mode", "direct"), _connector="OR"),
                        name="request_copied_is_direct",
                        violation_error_message="直派的才抄送区级",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("suspended", "ledgered")), _negated=True),
                            ("paused_until__isnull", False),
                            _connector="OR",
                        ),
                        name="request_resting_until",
                        violation_error_message="暂停办理和挂账都要写到哪一天",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("ended_as", "")),
                            models.Q(("closed_at__isnull", False), models.Q(("ended_as", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="request_ended_as_iff_closed",
                        violation_error_message="办结的诉求要写是怎么办结的",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestTransition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=20)),
                ("from_state", models.CharField(blank=True, max_length=12)),
                ("to_state", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=10)),
                ("text", models.TextField(blank=True)),
                ("is_public", models.BooleanField(default=True)),
                (
                    "actor",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transitions",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "indexes": [
                    models.Index(fields=["request", "at"], name="request_transition_at"),
                    models.Index(fields=["at", "request"], name="request_transition_since"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RequesterContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", governance.privacy.fields.EncryptedTextField(blank=True, default="")),
                ("phone", governance.privacy.fields.EncryptedTextField(blank=True, default="")),
                ("phone_index", models.CharField(blank=True, db_index=True, max_length=64)),
                ("email", governance.privacy.fields.EncryptedTextField(blank=True, default="")),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact",
                        to="requests_intake.servicerequest",
                    ),
                ),
                ("is_name_hidden", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="CallBack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveSmallIntegerField()),
                (
                    "source",
                    models.CharField(
                        choices=[("link", "居民自己评"), ("agent", "回访员"), ("silent", "到期未评")], max_length=8
                    ),
                ),
                ("at", models.DateTimeField()),
                ("contacted", models.BooleanField(null=True)),
                (
                    "solved",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "解决了"), ("partly", "解决了一部分"), ("no", "没有解决")],
                        max_length=8,
                    ),
                ),
                (
                    "grade",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(5, "非常满意"), (4, "满意"), (3, "基本满意"), (2, "不满意"), (1, "非常不满意")],
                        null=True,
                    ),
                ),
                ("comment", models.TextField(blank=True)),
                (
                    "agent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="callbacks",
                        to="requests_intake.servicerequest",
                    ),
                ),
                ("is_at_limit", models.BooleanField(default=False)),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ["round", "pk"],
                "indexes": [models.Index(fields=["at"], name="callback_at")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("contacted__isnull", True),
                                ("grade__isnull", True),
                                ("solved", ""),
                                ("source", "silent"),
                            ),
                            models.Q(
                                models.Q(("source", "silent"), _negated=True),
                                ("contacted__isnull", False),
                                models.Q(("solved", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="callback_answered_or_silent",
                        violation_error_message="请选：联系过您吗？解决了吗？",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agent__isnull", False), ("source", "agent")),
                            models.Q(models.Q(("source", "agent"), _negated=True), ("agent__isnull", True)),
                            _connector="OR",
                        ),
                        name="callback_agent_iff_agent",
                        violation_error_message="回访员回访要有回访员",
                    ),
                    models.UniqueConstraint(
                        fields=("request", "round", "is_at_limit"),
                        name="callback_once_a_round",
                        violation_error_message="这一轮已经评过了",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestWords",
            fields=[
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="requests_intake.servicerequest",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["words"], name="request_words")],
            },
        ),
        migrations.CreateModel(
            name="BulkRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("action", models.CharField(max_length=20)),
                ("values", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("submission_key", models.UUIDField(unique=True)),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="jobs.job",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BulkResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "还没轮到"), ("done", "做好了"), ("refused", "没有做")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="requests_intake.servicerequest",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="results",
                        to="requests_intake.bulkrun",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "request"),
                        name="bulk_result_once",
                        violation_error_message="这件诉求已经在这一批里",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedWorklist",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=30)),
                (
                    "page",
                    models.CharField(
                        choices=[("requests", "诉求"), ("orders", "工单")], default="requests", max_length=10
                    ),
                ),
                ("view", models.CharField(blank=True, max_length=16)),
                ("query", models.CharField(max_length=300)),
                ("role", models.CharField(blank=True, max_length=40)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("submission_key", models.UUIDField(unique=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "name"),
                        name="worklist_name_unique",
                        violation_error_message="您已经有一张叫这个名字的清单，请换一个名字",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("query", ""), _negated=True)
                        ),
                        name="worklist_has_name_and_query",
                        violation_error_message="清单要有名字，也要有条件",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("organisation__isnull", True), ("role", ""), _connector="OR"),
                        name="worklist_shared_once",
                        violation_error_message="一张清单只能和单位共用，或者和角色共用",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        db_collation="C",
                        default=requests_intake.models.publications.publication_key,
                        max_length=10,
                        unique=True,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "等审核"),
                            ("released", "已公开"),
                            ("kept", "不公开"),
                            ("taken_back", "已收回"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("needs_review", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("enquiry", "咨询"),
                            ("help", "求助"),
                            ("complaint", "投诉"),
                            ("tip_off", "举报"),
                            ("suggestion", "建议"),
                        ],
                        max_length=12,
                    ),
                ),
                ("category_code", models.CharField(blank=True, db_collation="C", max_length=6)),
                ("area_code", models.CharField(db_collation="C", max_length=15)),
                ("lng", models.FloatField(blank=True, null=True)),
                ("lat", models.FloatField(blank=True, null=True)),
                (
                    "progress",
                    models.CharField(
                        choices=[("open", "正在办"), ("answered", "已答复"), ("done", "已办结")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("submitted_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("history", models.JSONField(default=list)),
                ("title", models.CharField(blank=True, max_length=60)),
                ("body", models.TextField(blank=True)),
                ("reply", models.TextField(blank=True)),
                ("reply_seen_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "pieces",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), default=list, size=None
                    ),
                ),
                ("me_too_count", models.PositiveIntegerField(default=0)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("personal", "里面有个人信息"),
                            ("others", "指名道姓说到了别人"),
                            ("words", "有的话不适合公开"),
                            ("private_matter", "只关系到您一家，公开帮不上忙"),
                            ("under_inquiry", "事情还在调查"),
                            ("duplicate", "同一件事已经公开过"),
                            ("merged", "已经和另一件并在一起办"),
                            ("withdrawn", "诉求已经撤回"),
                            ("requester", "您不想公开了"),
                            ("mistake", "刚才弄错了，先收回来"),
                        ],
                        max_length=16,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.category",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="publication",
                        to="requests_intake.servicerequest",
                    ),
                ),
                (
                    "moved_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="requests_intake.publication",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "released")),
                        fields=["-released_at", "-id"],
                        name="publication_newest",
                    ),
                    models.Index(
                        condition=models.Q(("state", "released")),
                        fields=["area_code", "-released_at", "-id"],
                        name="publication_area",
                    ),
                    models.Index(
                        condition=models.Q(("state", "released")), fields=["lng", "lat"], name="publication_point"
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("state", "released")), fields=["pieces"], name="publication_pieces"
                    ),
                    models.Index(
                        condition=models.Q(("needs_review", True)),
                        fields=["submitted_at", "id"],
                        name="publication_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("decided_at__isnull", False)),
                        fields=["-decided_at", "-id"],
                        name="publication_decided",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "released"), _negated=True),
                            models.Q(
                                ("released_at__isnull", False),
                                models.Q(("title", ""), _negated=True),
                                models.Q(("body", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="publication_released_has_words",
                        violation_error_message="公开的诉求要有标题和内容",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "waiting"), ("decided_at__isnull", False), _connector="OR"),
                        name="publication_decided_has_time",
                        violation_error_message="审核过的要有审核时间",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "released"]),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="publication_refused_has_reason",
                        violation_error_message="不公开或收回，要选一个原因",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "tip_off"), _negated=True),
                        name="publication_never_tip_off",
                        violation_error_message="举报从不公开",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lat__isnull", True), ("lng__isnull", True)),
                            models.Q(("lat__gte", -90), ("lat__lte", 90), ("lng__gte", -180), ("lng__lte", 180)),
                            _connector="OR",
                        ),
                        name="publication_point_valid",
                        violation_error_message="地图上的点没有看懂",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ModerationStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        choices=[
                            ("release", "公开"),
                            ("revise", "改公开版本"),
                            ("keep", "不公开"),
                            ("take_back", "收回"),
                            ("cover", "遮盖照片"),
                            ("undo", "撤销上一步"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=10)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("personal", "里面有个人信息"),
                            ("others", "指名道姓说到了别人"),
                            ("words", "有的话不适合公开"),
                            ("private_matter", "只关系到您一家，公开帮不上忙"),
                            ("under_inquiry", "事情还在调查"),
                            ("duplicate", "同一件事已经公开过"),
                            ("merged", "已经和另一件并在一起办"),
                            ("withdrawn", "诉求已经撤回"),
                            ("requester", "您不想公开了"),
                            ("mistake", "刚才弄错了，先收回来"),
                        ],
                        max_length=16,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="requests_intake.publication",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "indexes": [models.Index(fields=["publication", "at"], name="moderation_step_at")],
            },
        ),
        migrations.CreateModel(
            name="MeToo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="me_toos",
                        to="requests_intake.publication",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("publication", "person"), name="me_too_once", violation_error_message="您已经说过一次了"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Follow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", governance.privacy.fields.EncryptedTextField()),
                ("email_index", models.CharField(max_length=64)),
                ("language", models.CharField(default="zh-hans", max_length=10)),
                ("area_code", models.CharField(blank=True, db_collation="C", max_length=15)),
                ("asked_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("told_until", models.DateTimeField(blank=True, null=True)),
                (
                    "publication",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follows",
                        to="requests_intake.publication",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            models.Q(("area_code", ""), _negated=True),
                            ("confirmed_at__isnull", False),
                            ("ended_at__isnull", True),
                        ),
                        fields=["told_until", "id"],
                        name="follow_area_due",
                    ),
                    models.Index(
                        condition=models.Q(("confirmed_at__isnull", False), ("ended_at__isnull", True)),
                        fields=["publication"],
                        name="follow_publication",
                    ),
                    models.Index(fields=["email_index", "asked_at"], name="follow_address"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("publication__isnull", False)),
                        fields=("email_index", "publication"),
                        name="follow_request_once",
                        violation_error_message="这个邮箱已经在关注这件事",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("publication__isnull", True)),
                        fields=("email_index", "area_code"),
                        name="follow_area_once",
                        violation_error_message="这个邮箱已经在关注这个区域",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("publication__isnull", True), models.Q(("area_code", ""), _negated=True)),
                            models.Q(("area_code", ""), ("publication__isnull", False)),
                            _connector="OR",
                        ),
                        name="follow_request_or_area",
                        violation_error_message="请选一件事或者一个区域来关注",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("told_until__isnull", True), ("confirmed_at__isnull", False), _connector="OR"
                        ),
                        name="follow_told_after_confirmed",
                        violation_error_message="邮箱确认以后才发消息",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PublicFigures",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("as_of", models.DateTimeField()),
                ("since", models.DateTimeField()),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)),
                        name="public_figures_one_row",
                        violation_error_message="公开统计只有一份",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PublicPhoto",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("areas", models.JSONField(default=list)),
                ("of_reply", models.BooleanField(default=False)),
                ("is_current", models.BooleanField(default=True)),
                ("is_shown", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="requests_intake.publication",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("publication", "source"),
                        name="public_photo_one_current",
                        violation_error_message="这张照片已经有一份公开的副本",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_shown", False), ("is_current", True), _connector="OR"),
                        name="public_photo_shown_is_current",
                        violation_error_message="只公开最后一次遮盖的照片",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReasonText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=10, unique=True)),
                ("text", models.TextField()),
                ("text_en", models.TextField()),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
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
                ("is_confirmed", models.BooleanField(default=False)),
                ("why", models.CharField(blank=True, default="", max_length=200)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Supplement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("text", models.TextField()),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="supplements",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="TurnLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=40)),
                ("name_en", models.CharField(max_length=60)),
                ("amount", models.PositiveSmallIntegerField()),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("natural_hour", "natural_hour"),
                            ("natural_day", "natural_day"),
                            ("working_hour", "working_hour"),
                            ("working_day", "working_day"),
                            ("times", "times"),
                            ("minutes", "minutes"),
                        ],
                        max_length=16,
                    ),
                ),
                ("is_confirmed", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
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
                ("why", models.CharField(blank=True, default="", max_length=200)),
            ],
            options={
                "ordering": ["key"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)),
                        name="turn_limit_positive",
                        violation_error_message="时限要大于零",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UpstreamSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("name_en", models.CharField(blank=True, max_length=80)),
                ("area_code", models.CharField(db_collation="C", max_length=17)),
                ("columns", models.JSONField(default=dict)),
                ("values", models.JSONField(default=dict)),
                ("is_active", models.BooleanField(default=True)),
                ("updated_at", models.DateTimeField()),
                (
                    "updated_by",
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
                "ordering": ["name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name",), name="upstream_source_name", violation_error_message="已经有同名的来源"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UpstreamBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("submission_key", models.UUIDField(editable=False, unique=True)),
                ("area_code", models.CharField(db_collation="C", max_length=17)),
                ("file_name", models.CharField(max_length=120)),
                ("format", models.CharField(max_length=4)),
                ("titles", models.JSONField(default=list)),
                ("has_merged", models.BooleanField(default=False)),
                ("is_history", models.BooleanField(default=False)),
                ("received_at", models.DateTimeField()),
                ("rows_forgotten_at", models.DateTimeField(blank=True, null=True)),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="jobs.job",
                    ),
                ),
                (
                    "received_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "results_job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="jobs.job",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="requests_intake.upstreamsource",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-received_at", "-id"], name="upstream_batch_received")],
            },
        ),
        migrations.CreateModel(
            name="UpstreamOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("upstream_no", models.CharField(max_length=64)),
                ("case_no", models.CharField(blank=True, max_length=64)),
                ("channel", models.CharField(blank=True, max_length=40)),
                ("called_at", models.DateTimeField(blank=True, null=True)),
                ("dispatched_at", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("received", governance.privacy.fields.EncryptedJSONField(default=dict)),
                ("returned", governance.privacy.fields.EncryptedJSONField(blank=True, null=True)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="requests_intake.upstreambatch",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="upstream",
                        to="requests_intake.servicerequest",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="requests_intake.upstreamsource",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "upstream_no"),
                        name="upstream_order_once",
                        violation_error_message="这个上级编号已经导入过",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("cells", governance.privacy.fields.EncryptedJSONField(default=list)),
                ("faults", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("good", "可以导入"),
                            ("broken", "有问题"),
                            ("repeated", "已经有了"),
                            ("changed", "上级改过"),
                            ("filed", "已导入"),
                        ],
                        max_length=8,
                    ),
                ),
                ("remarks", models.JSONField(default=list)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="requests_intake.upstreambatch",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="requests_intake.upstreamorder",
                    ),
                ),
            ],
            options={
                "ordering": ["line"],
                "indexes": [models.Index(fields=["batch", "state", "line"], name="batch_row_state")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("batch", "line"), name="batch_row_once", violation_error_message="这一行已经读过"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "filed"), _negated=True), ("order__isnull", False), _connector="OR"
                        ),
                        name="batch_row_filed_has_order",
                        violation_error_message="已导入的行要有工单",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestAnswers",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rows", governance.privacy.fields.EncryptedJSONField(default=list)),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CategoryVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("snapshot", models.JSONField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="requests_intake.category",
                    ),
                ),
            ],
            options={
                "ordering": ["version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("category", "version"),
                        name="category_version_unique",
                        violation_error_message="刚才有人改过这个事项，请看过最新的再改",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("asked", models.PositiveIntegerField(default=0)),
                ("agreed", models.PositiveIntegerField(default=0)),
                ("differed", models.PositiveIntegerField(default=0)),
                ("unanswered", models.PositiveIntegerField(default=0)),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="requests_intake.dispatchrule",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("fitted", models.PositiveIntegerField(default=0)),
                ("fitted_agreed", models.PositiveIntegerField(default=0)),
                ("rule_version", models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="RuleRunRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="requests_intake.servicerequest",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="requests_intake.dispatchrule",
                    ),
                ),
                (
                    "ruled",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="requests_intake.rulerun"
                    ),
                ),
                (
                    "went",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.organisation"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["run", "id"], name="rule_run_row")],
            },
        ),
        migrations.CreateModel(
            name="RequestGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("granted_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "content_object",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="requests_intake.servicerequest",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.organisation"
                    ),
                ),
                ("permission", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gte", models.F("granted_at"))),
                        name="request_grant_ends_later",
                        violation_error_message="临时查看要在给出以后才到期",
                    )
                ],
                "unique_together": {("user", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="Whistle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issue", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("is_on_site", models.BooleanField(default=False)),
                ("meeting_at", models.DateTimeField(blank=True, null=True)),
                ("place", models.CharField(blank=True, max_length=120)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="whistles",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_on_site", False),
                            models.Q(("meeting_at__isnull", False), models.Q(("place", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="whistle_on_site_has_meeting",
                        violation_error_message="要到现场的，请写什么时候、在哪里碰头",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_at__gt", models.F("at"))),
                        name="whistle_due_later",
                        violation_error_message="要结果的时间得在现在以后",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[("lead", "牵头"), ("co", "协办"), ("whistle", "报到")], default="lead", max_length=8
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("dispatched", "待签收"),
                            ("signed", "已签收"),
                            ("in_progress", "办理中"),
                            ("returning", "申请退单"),
                            ("disputed", "争议协调"),
                            ("replied", "已答复"),
                            ("rework", "退回重办"),
                            ("done", "已完成"),
                            ("returned", "已退单"),
                            ("cancelled", "已取消"),
                            ("undone", "派单已撤回"),
                        ],
                        default="dispatched",
                        max_length=12,
                    ),
                ),
                ("instruction", models.CharField(blank=True, max_length=500)),
                ("area_code", models.CharField(db_collation="C", max_length=17)),
                ("dispatched_at", models.DateTimeField()),
                ("original_due_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("next_due_at", models.DateTimeField(blank=True, null=True)),
                ("signed_at", models.DateTimeField(blank=True, null=True)),
                ("contacted_at", models.DateTimeField(blank=True, null=True)),
                ("replied_at", models.DateTimeField(blank=True, null=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "handler",
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
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="orders",
                        to="requests_intake.servicerequest",
                    ),
                ),
                ("is_current", models.BooleanField(default=True)),
                ("is_designated", models.BooleanField(default=False)),
                ("result", models.TextField(blank=True)),
                (
                    "state_before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dispatched", "待签收"),
                            ("signed", "已签收"),
                            ("in_progress", "办理中"),
                            ("returning", "申请退单"),
                            ("disputed", "争议协调"),
                            ("replied", "已答复"),
                            ("rework", "退回重办"),
                            ("done", "已完成"),
                            ("returned", "已退单"),
                            ("cancelled", "已取消"),
                            ("undone", "派单已撤回"),
                        ],
                        max_length=12,
                    ),
                ),
                ("commitment", models.CharField(blank=True, default="", max_length=500)),
                (
                    "whistle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="requests_intake.whistle",
                    ),
                ),
                ("is_outside", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("state__in", ("dispatched", "signed", "in_progress", "returning", "disputed", "rework"))
                        ),
                        fields=["organisation", "next_due_at", "id"],
                        name="order_org_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", False), ("state", "done")),
                            models.Q(models.Q(("state", "done"), _negated=True), ("done_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="order_done_at_iff_done",
                        violation_error_message="完成的工单要有完成时间",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True), ("role", "lead")),
                        fields=("request",),
                        name="order_one_lead",
                        violation_error_message="这件诉求已经有牵头单位",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("request", "organisation"),
                        name="order_once_an_organisation",
                        violation_error_message="这个单位已经在这件诉求里了",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    ("dispatched", "signed", "in_progress", "returning", "disputed", "rework"),
                                ),
                                _negated=True,
                            ),
                            ("next_due_at__isnull", False),
                            _connector="OR",
                        ),
                        name="order_open_has_due",
                        violation_error_message="没有办完的工单要有期限",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("role", "whistle"), ("whistle__isnull", False)),
                            models.Q(models.Q(("role", "whistle"), _negated=True), ("whistle__isnull", True)),
                            _connector="OR",
                        ),
                        name="order_called_iff_whistle",
                        violation_error_message="叫来报到的单位要写明是哪一次吹哨",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("signed_at__isnull", True), ("state", "dispatched")),
                            models.Q(
                                ("signed_at__isnull", False),
                                ("state__in", ("signed", "in_progress", "replied", "rework", "done")),
                                models.Q(("handler__isnull", False), ("is_outside", True), _connector="OR"),
                            ),
                            models.Q(
                                ("state__in", ["dispatched", "signed", "in_progress", "replied", "rework", "done"]),
                                _negated=True,
                            ),
                            _connector="OR",
                        ),
                        name="order_signed_has_handler",
                        violation_error_message="签收后要有经办人；只有外单位凭链接签收的没有",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "how",
                    models.CharField(
                        choices=[("phone", "打电话"), ("visit", "上门"), ("message", "发消息")], max_length=8
                    ),
                ),
                ("reached", models.BooleanField()),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="requests_intake.workorder",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="WorkOrderTransition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=20)),
                ("from_state", models.CharField(blank=True, max_length=12)),
                ("to_state", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=10)),
                ("text", models.TextField(blank=True)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transitions",
                        to="requests_intake.workorder",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "indexes": [models.Index(fields=["order", "at"], name="order_transition_at")],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("category_code", models.CharField(blank=True, db_collation="C", max_length=6)),
                ("area_code", models.CharField(db_collation="C", max_length=17)),
                ("basis", models.CharField(max_length=1000)),
                ("raised_at", models.DateTimeField()),
                ("decision", models.CharField(blank=True, max_length=1000)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="disputes",
                        to="requests_intake.workorder",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("decided_at__isnull", False)),
                        fields=["category_code", "-decided_at"],
                        name="dispute_precedent",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at__isnull", True)),
                        fields=("order",),
                        name="dispute_one_open",
                        violation_error_message="这张工单的异议还没有裁定",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_at__isnull", True), ("organisation__isnull", False), _connector="OR"
                        ),
                        name="dispute_decided_has_office",
                        violation_error_message="裁定要写由哪个单位办",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderReturn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("duty", "职责不符"),
                            ("area", "管辖不符"),
                            ("info", "信息不足"),
                            ("duplicate", "重复"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", models.CharField(max_length=500)),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("is_upheld", models.BooleanField(null=True)),
                ("decision", models.CharField(blank=True, max_length=500)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="giving_back",
                        to="requests_intake.workorder",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("is_upheld__isnull", True)),
                            models.Q(("decided_at__isnull", False), ("is_upheld__isnull", False)),
                            _connector="OR",
                        ),
                        name="return_decided_has_answer",
                        violation_error_message="定夺退单要写同意还是不同意",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WhistleRating",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "side",
                    models.CharField(
                        choices=[("caller", "吹哨方评报到单位"), ("called", "报到单位评这次吹哨")], max_length=6
                    ),
                ),
                (
                    "grade",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ]
                    ),
                ),
                ("word", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ratings",
                        to="requests_intake.workorder",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("order", "side"), name="whistle_rated_once", violation_error_message="已经评过了"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grade__gte", 1), ("grade__lte", 5)),
                        name="whistle_grade_range",
                        violation_error_message="请从 1 到 5 里选一个分数",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recusals",
                        to="requests_intake.servicerequest",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request", "user"), name="recusal_once", violation_error_message="这个人已经回避了"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="InternalNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("text", models.TextField()),
                ("submission_key", models.UUIDField(unique=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("mentioned", models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "indexes": [models.Index(fields=["request", "at"], name="note_request_at")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="note_not_empty",
                        violation_error_message="请先写备注",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("text_en", models.TextField(blank=True)),
                ("category_prefix", models.CharField(blank=True, max_length=6)),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dispatched", "待签收"),
                            ("signed", "已签收"),
                            ("in_progress", "办理中"),
                            ("rework", "退回重办"),
                        ],
                        max_length=12,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("changed_at", models.DateTimeField()),
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
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("enquiry", "咨询"),
                            ("help", "求助"),
                            ("complaint", "投诉"),
                            ("tip_off", "举报"),
                            ("suggestion", "建议"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "ordering": ["title", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "title"),
                        name="reply_template_title",
                        nulls_distinct=False,
                        violation_error_message="这个单位已经有叫这个名字的模板",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True), models.Q(("text", ""), _negated=True)
                        ),
                        name="reply_template_filled",
                        violation_error_message="模板要有名字和正文",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["", "dispatched", "signed", "in_progress", "rework"])),
                        name="reply_template_state",
                        violation_error_message="没有这一步",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["", "enquiry", "help", "complaint", "tip_off", "suggestion"])),
                        name="reply_template_kind",
                        violation_error_message="没有这一类诉求",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StandIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="organisations.organisation"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="stand_in_ends_later",
                        violation_error_message="结束要晚于开始",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("substitute")), _negated=True),
                        name="stand_in_somebody_else",
                        violation_error_message="不能自己替自己代班",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("person", "="),
                            ("organisation", "="),
                            (
                                models.Func(
                                    models.F("starts_at"),
                                    models.F("ends_at"),
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="stand_in_one_at_a_time",
                        violation_error_message="这段时间已经安排了代班，请先取消那一个",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InterfaceEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("body_digest", models.CharField(max_length=64)),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Extension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("is_approved", models.BooleanField(null=True)),
                ("decision", models.CharField(blank=True, max_length=500)),
                ("amount", models.PositiveSmallIntegerField()),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("natural_hour", "natural_hour"),
                            ("natural_day", "natural_day"),
                            ("working_hour", "working_hour"),
                            ("working_day", "working_day"),
                        ],
                        max_length=16,
                    ),
                ),
                ("text", models.CharField(max_length=500)),
                ("due_before", models.DateTimeField()),
                ("due_after", models.DateTimeField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_intake.workorder"
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="extension",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("due_after__gt", models.F("due_before"))),
                        name="extension_moves_on",
                        violation_error_message="延期要延到以后",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("is_approved__isnull", True)),
                            models.Q(("decided_at__isnull", False), ("is_approved__isnull", False)),
                            _connector="OR",
                        ),
                        name="extension_decided_has_answer",
                        violation_error_message="定夺延期要写同意还是不同意",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("is_approved", models.BooleanField(null=True)),
                ("decision", models.CharField(blank=True, max_length=500)),
                ("text", models.CharField(max_length=500)),
                ("plan", models.CharField(max_length=1000)),
                ("milestone", models.DateField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.organisation"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_intake.workorder"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ledger",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at__isnull", True)),
                        fields=("request",),
                        name="ledger_one_undecided",
                        violation_error_message="这件诉求的挂账还没有定夺",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("is_approved__isnull", True)),
                            models.Q(("decided_at__isnull", False), ("is_approved__isnull", False)),
                            _connector="OR",
                        ),
                        name="ledger_decided_has_answer",
                        violation_error_message="定夺挂账要写同意还是不同意",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("question", "等居民补充"), ("suspended", "暂停办理"), ("ledgered", "长期挂账")],
                        max_length=10,
                    ),
                ),
                ("text", models.CharField(max_length=1000)),
                ("started_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("due_before", models.DateTimeField()),
                ("due_after", models.DateTimeField(blank=True, null=True)),
                (
                    "answer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.supplement",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pauses",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
            options={
                "ordering": ["started_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("request",),
                        name="pause_one_open",
                        violation_error_message="这件诉求的时限已经停着",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("started_at"))),
                        name="pause_until_later",
                        violation_error_message="暂停要到以后的某一天",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_after__isnull", True), ("ended_at__isnull", True)),
                            models.Q(("due_after__isnull", False), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="pause_ended_has_due",
                        violation_error_message="结束的暂停要有新的期限",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExternalLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("token", governance.privacy.fields.EncryptedTextField()),
                ("email", governance.privacy.fields.EncryptedTextField(blank=True, default="")),
                ("phone", governance.privacy.fields.EncryptedTextField(blank=True, default="")),
                ("may_call", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="requests_intake.workorder",
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=("order",),
                        name="external_link_one",
                        violation_error_message="这张工单已经有一个链接，请刷新页面",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("made_at"))),
                        name="external_link_ends_later",
                        violation_error_message="链接要在以后才到期",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Macro",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                ("steps", models.JSONField()),
                ("changed_at", models.DateTimeField()),
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
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "name"),
                        name="macro_name",
                        nulls_distinct=False,
                        violation_error_message="已经有叫这个名字的常用步骤",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("steps", []), _negated=True)
                        ),
                        name="macro_filled",
                        violation_error_message="常用步骤要有名字，至少有一步",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyStage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=20)),
                ("name_en", models.CharField(max_length=40)),
                ("amount", models.PositiveSmallIntegerField()),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("natural_hour", "natural_hour"),
                            ("natural_day", "natural_day"),
                            ("working_hour", "working_hour"),
                            ("working_day", "working_day"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stages",
                        to="requests_intake.deadlinepolicy",
                    ),
                ),
            ],
            options={
                "ordering": ["policy", "position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("policy", "position"),
                        name="policy_stage_unique",
                        violation_error_message="这个阶段已经有了",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("position__gt", 0)),
                        name="policy_stage_positive",
                        violation_error_message="时限要大于零",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accept", "受理"),
                            ("dispatch", "派单"),
                            ("sign", "签收"),
                            ("contact", "联系居民"),
                            ("result", "协办结果"),
                            ("report_in", "报到"),
                            ("decide", "退单、争议定夺"),
                            ("stage", "阶段"),
                            ("answer", "答复"),
                            ("rate", "等评价"),
                        ],
                        max_length=10,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("warn_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("original_due_at", models.DateTimeField()),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                ("level", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clocks",
                        to="requests_intake.servicerequest",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clocks",
                        to="requests_intake.workorder",
                    ),
                ),
                ("is_working", models.BooleanField(default=False)),
                ("paused_at", models.DateTimeField(blank=True, null=True)),
                (
                    "stage",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.policystage",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_at__isnull", False)), fields=["next_at", "id"], name="clock_next"
                    ),
                    models.Index(
                        condition=models.Q(("kind", "rate"), ("stopped_at__isnull", True)),
                        fields=["due_at"],
                        name="clock_rate_due",
                    ),
                    models.Index(fields=["request", "kind"], name="clock_request_kind"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("due_at__gte", models.F("warn_at")), ("warn_at__gte", models.F("started_at"))
                        ),
                        name="clock_times_in_order",
                        violation_error_message="提醒要在开始和到期之间",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stopped_at__isnull", True), ("next_at__isnull", True), _connector="OR"),
                        name="clock_stopped_is_silent",
                        violation_error_message="停了的时限不再提醒",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("paused_at__isnull", True),
                            models.Q(("next_at__isnull", True), ("stopped_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="clock_paused_is_silent",
                        violation_error_message="暂停的时限不提醒",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("stopped_at__isnull", True)),
                        fields=("request", "kind", "order", "stage"),
                        name="clock_one_running",
                        nulls_distinct=False,
                        violation_error_message="这个时限已经在走了",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "stage"), ("stage__isnull", False)),
                            models.Q(models.Q(("kind", "stage"), _negated=True), ("stage__isnull", True)),
                            _connector="OR",
                        ),
                        name="clock_stage_iff_stage",
                        violation_error_message="阶段的时限要写明是哪个阶段",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Escalation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
                ("in_summary", models.BooleanField(default=False)),
                ("summary", models.UUIDField(blank=True, null=True)),
                (
                    "clock",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="escalations",
                        to="requests_intake.clock",
                    ),
                ),
                (
                    "recipient",
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("in_summary", True), ("summary__isnull", True)),
                        fields=["id"],
                        name="escalation_to_summarise",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clock", "level"), name="escalation_once", violation_error_message="这一级已经提醒过了"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("text", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replies",
                        to="requests_intake.workorder",
                    ),
                ),
                ("is_released", models.BooleanField(default=True)),
                (
                    "stage",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.policystage",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
                (
                    "reply",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="requests_intake.reply",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="requests_intake.servicerequest",
                    ),
                ),
                (
                    "supplement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="requests_intake.supplement",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request", "file"),
                        name="attachment_once",
                        violation_error_message="这张照片已经在里面了",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskAlert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(db_collation="C", max_length=17)),
                (
                    "cause",
                    models.CharField(
                        choices=[("words", "有危险的词"), ("all_day", "全天候事项"), ("hand", "人工报告")], max_length=8
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=500)),
                ("raised_at", models.DateTimeField()),
                ("level", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                ("action", models.CharField(blank=True, max_length=500)),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
            options={
                "ordering": ["-raised_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_at__isnull", False)), fields=["next_at", "id"], name="alert_next"
                    ),
                    models.Index(fields=["area_code", "id"], name="alert_area"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("acknowledged_at__isnull", True)),
                        fields=("request",),
                        name="alert_one_open",
                        violation_error_message="这件诉求已经报过，正在叫人处置",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("raised_by__isnull", True)),
                        fields=("request",),
                        name="alert_once_by_itself",
                        violation_error_message="这件诉求已经自动报过",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("acknowledged_at__isnull", True), ("acknowledged_by__isnull", True), ("action", "")
                            ),
                            models.Q(
                                ("acknowledged_at__isnull", False),
                                ("acknowledged_by__isnull", False),
                                ("next_at__isnull", True),
                                models.Q(("action", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="alert_answered_says_what",
                        violation_error_message="处置要写清楚谁做了什么",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calls",
                        to="requests_intake.riskalert",
                    ),
                ),
            ],
            options={
                "ordering": ["level"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("alert", "level"), name="alert_call_once", violation_error_message="这一级已经叫过了"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskWords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_confirmed", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                ("why", models.CharField(blank=True, default="", max_length=200)),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DutyShift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(db_collation="C", max_length=17)),
                ("phone", governance.privacy.fields.EncryptedTextField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("entered_at", models.DateTimeField()),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "pk"],
                "indexes": [models.Index(fields=["ends_at"], name="duty_shift_ends")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="duty_shift_ends_later",
                        violation_error_message="结束要晚于开始",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("area_code", "="),
                            (
                                models.Func(
                                    models.F("starts_at"),
                                    models.F("ends_at"),
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="duty_shift_one_at_a_time",
                        violation_error_message="这段时间已经排了人，请刷新再看",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CommunityProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_confirmed", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                ("why", models.CharField(blank=True, default="", max_length=200)),
                ("key", models.SlugField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=20)),
                ("name_en", models.CharField(max_length=40)),
                ("words", models.JSONField(blank=True, default=dict)),
                ("is_default", models.BooleanField(default=False)),
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
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="profile_one_default",
                        violation_error_message="全区默认的社区类型只有一个",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProfileArea",
            fields=[
                ("area_code", models.CharField(db_collation="C", max_length=12, primary_key=True, serialize=False)),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.communityprofile",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("area_code__regex", "^[0-9A-Z]{12}$")),
                        name="profile_of_a_community",
                        violation_error_message="社区类型只能给社区和村",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProfileCategory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("offer", models.CharField(choices=[("first", "排在前面"), ("off", "不提供")], max_length=5)),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_intake.category"
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="categories",
                        to="requests_intake.communityprofile",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("profile", "category"),
                        name="profile_category_once",
                        violation_error_message="这个事项已经设过了",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceWindow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("name_en", models.CharField(blank=True, max_length=100)),
                ("services", models.CharField(blank=True, max_length=500)),
                ("services_en", models.CharField(blank=True, max_length=800)),
                ("area_code", models.CharField(db_collation="C", max_length=17)),
                ("address", models.CharField(max_length=120)),
                ("address_en", models.CharField(blank=True, max_length=200)),
                (
                    "phones",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), blank=True, default=list, size=None
                    ),
                ),
                ("access", models.CharField(blank=True, max_length=300)),
                ("access_en", models.CharField(blank=True, max_length=500)),
                ("open_on_holidays", models.BooleanField(default=False)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
                ("changed_at", models.DateTimeField()),
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
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.organisation"
                    ),
                ),
                ("book_from_days", models.PositiveSmallIntegerField(default=1)),
                ("book_until_days", models.PositiveSmallIntegerField(default=14)),
                ("cutoff_hours", models.PositiveSmallIntegerField(default=2)),
                ("slot_minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("slot_seats", models.PositiveSmallIntegerField(default=1)),
                ("subjects", models.JSONField(blank=True, default=list)),
            ],
            options={
                "ordering": ["area_code", "position", "name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "name"),
                        name="service_window_name",
                        violation_error_message="这个单位已经有叫这个名字的窗口",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("address", ""), _negated=True)
                        ),
                        name="service_window_filled",
                        violation_error_message="窗口要有名称和地址",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("area_code__regex", "^\\d{6}((\\d{3}){0,3}|(\\d{3}){3}\\d{2})$")),
                        name="service_window_area_shape",
                        violation_error_message="区域编码应为 6、9、12、15 或 17 位",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("slot_minutes__isnull", True),
                                models.Q(("slot_minutes__gte", 5), ("slot_minutes__lte", 240)),
                                _connector="OR",
                            ),
                            ("book_from_days__lte", models.F("book_until_days")),
                            ("slot_seats__gte", 1),
                            ("slot_seats__lte", 50),
                            ("book_until_days__lte", 60),
                            ("cutoff_hours__lte", 72),
                        ),
                        name="service_window_slots",
                        violation_error_message="预约的设置超出了范围",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WindowHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weekday", models.PositiveSmallIntegerField()),
                ("opens", models.PositiveSmallIntegerField()),
                ("closes", models.PositiveSmallIntegerField()),
                (
                    "window",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="requests_intake.servicewindow",
                    ),
                ),
            ],
            options={
                "ordering": ["weekday", "opens"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closes__gt", models.F("opens")), ("closes__lte", 1440), ("weekday__lte", 6)
                        ),
                        name="window_hours_in_order",
                        violation_error_message="关门要晚于开门，而且在同一天",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("window", "="),
                            ("weekday", "="),
                            (
                                models.Func(
                                    models.F("opens"),
                                    models.F("closes"),
                                    function="int4range",
                                    output_field=django.contrib.postgres.fields.ranges.IntegerRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="window_hours_apart",
                        violation_error_message="同一天的几段时间不能重叠",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RollupCell",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "series", "area", "day", "dim", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("series", models.CharField(db_collation="C", max_length=12)),
                ("area", models.CharField(db_collation="C", max_length=15)),
                ("day", models.DateField()),
                ("dim", models.CharField(db_collation="C", max_length=24)),
                ("value", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("value", 0)), fields=["series"], name="rollup_cell_zero")],
            },
        ),
        migrations.CreateModel(
            name="RollupCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("cells", models.BigIntegerField()),
                ("differences", models.PositiveIntegerField()),
                ("sample", models.JSONField(default=list)),
                ("was_repaired", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="RollupDelta",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sign", models.SmallIntegerField()),
                ("area_code", models.CharField(db_collation="C", max_length=17)),
                ("kind", models.CharField(max_length=12)),
                ("channel", models.CharField(max_length=10)),
                ("category_id", models.BigIntegerField(null=True)),
                ("organisation_id", models.BigIntegerField(null=True)),
                ("state", models.CharField(max_length=12)),
                ("ended_as", models.CharField(max_length=12)),
                ("submitted_at", models.DateTimeField()),
                ("dispatched_at", models.DateTimeField(null=True)),
                ("contacted_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("next_due_at", models.DateTimeField(null=True)),
                ("rated_at", models.DateTimeField(null=True)),
                ("rated_organisation_id", models.BigIntegerField(null=True)),
                ("rated_contacted", models.BooleanField(null=True)),
                ("rated_solved", models.CharField(max_length=8)),
                ("rated_grade", models.PositiveSmallIntegerField(null=True)),
                ("returned_at", models.DateTimeField(null=True)),
                ("disputed_at", models.DateTimeField(null=True)),
                ("ledgered_at", models.DateTimeField(null=True)),
                ("excluded_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Intervention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("urge", "催办"), ("supervise", "督办"), ("instruct", "批示")], max_length=10
                    ),
                ),
                ("area_code", models.CharField(db_collation="C", max_length=17)),
                ("number", models.CharField(blank=True, db_collation="C", default="", max_length=24)),
                ("text", models.CharField(max_length=500)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                ("answer", models.CharField(blank=True, default="", max_length=1000)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("late_told", models.BooleanField(default=False)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interventions",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_at__isnull", True), ("kind", "supervise")),
                        fields=["due_at", "id"],
                        name="supervision_open",
                    ),
                    models.Index(
                        condition=models.Q(("kind", "supervise")), fields=["-at", "-id"], name="supervision_made"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("number", ""), _negated=True),
                        fields=("number",),
                        name="supervision_number_once",
                        violation_error_message="这个督办单号已经有了",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at__isnull", True), ("kind", "supervise")),
                        fields=("request",),
                        name="supervision_one_open",
                        violation_error_message="这件已经在督办，等承办单位回复",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("due_at__isnull", False),
                                ("kind", "supervise"),
                                models.Q(("number", ""), _negated=True),
                            ),
                            models.Q(models.Q(("kind", "supervise"), _negated=True), ("number", "")),
                            _connector="OR",
                        ),
                        name="supervision_has_date_and_number",
                        violation_error_message="督办要写哪天以前回复",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True)),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("kind", "supervise"),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="supervision_answered_in_words",
                        violation_error_message="请写督办的回复",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(db_collation="C", max_length=17)),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("outside", "不在本市管辖范围"),
                            ("legal", "要走、或已经进入诉讼、仲裁、复议、信访等渠道"),
                            ("unlawful", "要求违反法律法规或政策"),
                            ("secret", "涉及国家秘密、商业秘密、个人隐私或公序良俗"),
                            ("untrue", "经核实，反映的情况不属实"),
                            ("excessive", "要求明显不合理、过高"),
                            ("hearing", "经听证认定不合理"),
                            ("malicious", "没有事实，恶意占用公共资源"),
                        ],
                        max_length=12,
                    ),
                ),
                ("text", models.CharField(max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "等街道核对"),
                            ("checked", "等区级审核"),
                            ("granted", "已剔除"),
                            ("refused", "没有同意"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("check_words", models.CharField(blank=True, default="", max_length=500)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decision", models.CharField(blank=True, default="", max_length=500)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
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
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exclusions",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["asked", "checked"])),
                        fields=["asked_at", "id"],
                        name="exclusion_open",
                    ),
                    models.Index(fields=["-asked_at", "-id"], name="exclusion_asked"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["asked", "checked", "granted"])),
                        fields=("request",),
                        name="exclusion_one_alive",
                        violation_error_message="这件已经申请过剔除",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("checked_at__isnull", True), ("decided_at__isnull", True), ("state", "asked")),
                            models.Q(("checked_at__isnull", False), ("decided_at__isnull", True), ("state", "checked")),
                            models.Q(
                                ("checked_at__isnull", False), ("decided_at__isnull", False), ("state", "granted")
                            ),
                            models.Q(("decided_at__isnull", False), ("state", "refused")),
                            _connector="OR",
                        ),
                        name="exclusion_steps_in_order",
                        violation_error_message="剔除要先由街道核对，再由区级审核",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExclusionFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "exclusion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="requests_intake.exclusion",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ScoringScheme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(unique=True)),
                ("valid_from", models.DateField()),
                ("weight_contacted", models.PositiveSmallIntegerField()),
                ("weight_solved", models.PositiveSmallIntegerField()),
                ("weight_satisfied", models.PositiveSmallIntegerField()),
                ("weight_whistle", models.PositiveSmallIntegerField(default=0)),
                ("fair_factor", models.DecimalField(decimal_places=2, default=Decimal("0.90"), max_digits=3)),
                ("counts_unanswered", models.BooleanField(default=True)),
                ("min_sample", models.PositiveSmallIntegerField(default=5)),
                ("rule", models.CharField(blank=True, default="", max_length=200)),
                ("why", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
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
                "ordering": ["-version"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "weight_contacted",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.Value(100), "-", models.F("weight_solved")
                                        ),
                                        "-",
                                        models.F("weight_satisfied"),
                                    ),
                                    "-",
                                    models.F("weight_whistle"),
                                ),
                            )
                        ),
                        name="scheme_weights_are_100",
                        violation_error_message="几项权重加起来要正好是 100",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fair_factor__gte", 0), ("fair_factor__lte", 1)),
                        name="scheme_factor_range",
                        violation_error_message="基本满意按 0 到 1 折算",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Bulletin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("version", models.PositiveSmallIntegerField()),
                ("frozen_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("why", models.CharField(blank=True, default="", max_length=300)),
                (
                    "frozen_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.scoringscheme",
                    ),
                ),
            ],
            options={
                "ordering": ["-month", "-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "version"),
                        name="bulletin_once",
                        violation_error_message="这个月的通报已经有人定稿了",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)),
                        name="bulletin_of_a_month",
                        violation_error_message="通报按整月出",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BulletinItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "how",
                    models.CharField(choices=[("rated", "有效回访"), ("unanswered", "到期没有答复")], max_length=10),
                ),
                ("contacted", models.BooleanField()),
                ("solved", models.BooleanField()),
                ("grade", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "bulletin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="requests_intake.bulletin"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.organisation"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["bulletin", "organisation", "id"], name="bulletin_item_of")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("bulletin", "request"),
                        name="bulletin_item_once",
                        violation_error_message="一件诉求在一份通报里只算一次",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BulletinRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid", models.PositiveIntegerField(default=0)),
                ("unanswered", models.PositiveIntegerField(default=0)),
                ("contacted", models.PositiveIntegerField(default=0)),
                ("solved", models.PositiveIntegerField(default=0)),
                ("good", models.PositiveIntegerField(default=0)),
                ("fair", models.PositiveIntegerField(default=0)),
                ("excluded", models.PositiveIntegerField(default=0)),
                ("ledgered", models.PositiveIntegerField(default=0)),
                ("unrated", models.PositiveIntegerField(default=0)),
                ("marks", models.PositiveIntegerField(default=0)),
                ("marks_sum", models.PositiveIntegerField(default=0)),
                (
                    "bulletin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="requests_intake.bulletin"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("bulletin", "organisation"),
                        name="bulletin_row_once",
                        violation_error_message="一个单位在一份通报里只有一行",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(db_collation="C", max_length=17)),
                ("text", models.CharField(max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "等裁定"), ("upheld", "成立，不计入"), ("refused", "不成立")],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decision", models.CharField(blank=True, default="", max_length=500)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="objections",
                        to="requests_intake.bulletinitem",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.organisation"
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "asked")), fields=["asked_at", "id"], name="objection_open"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("item",),
                        name="objection_one_open",
                        violation_error_message="这一件已经提出异议，等裁定",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "asked")),
                            models.Q(
                                models.Q(("state", "asked"), _negated=True),
                                ("decided_at__isnull", False),
                                models.Q(("decision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="objection_decided_in_words",
                        violation_error_message="裁定异议要写理由",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(db_collation="C", max_length=15, unique=True)),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("token", governance.privacy.fields.EncryptedTextField()),
                ("submission_key", models.UUIDField(unique=True)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("seat", models.PositiveSmallIntegerField()),
                ("subject", models.CharField(blank=True, max_length=60)),
                ("subject_en", models.CharField(blank=True, max_length=100)),
                ("name", governance.privacy.fields.EncryptedTextField()),
                ("phone", governance.privacy.fields.EncryptedTextField()),
                ("phone_index", models.CharField(blank=True, max_length=64)),
                ("email", governance.privacy.fields.EncryptedTextField()),
                ("language", models.CharField(default="zh-hans", max_length=10)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("booked", "已预约"),
                            ("arrived", "来了"),
                            ("no_show", "没来"),
                            ("lapsed", "没有记"),
                            ("withdrawn", "本人取消"),
                            ("cancelled", "窗口取消"),
                        ],
                        default="booked",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("booked_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("forgotten_at", models.DateTimeField(blank=True, null=True)),
                (
                    "window",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="requests_intake.servicewindow",
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "seat"],
                "indexes": [
                    models.Index(fields=["window", "starts_at"], name="appointment_window_day"),
                    models.Index(
                        condition=models.Q(("reminded_at__isnull", True), ("state", "booked")),
                        fields=["starts_at"],
                        name="appointment_to_remind",
                    ),
                    models.Index(condition=models.Q(("state", "booked")), fields=["ends_at"], name="appointment_open"),
                    models.Index(
                        condition=models.Q(("forgotten_at__isnull", True)),
                        fields=["ends_at"],
                        name="appointment_to_forget",
                    ),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("state__in", ("booked", "arrived", "no_show", "lapsed"))),
                        expressions=[
                            ("window", "="),
                            ("seat", "="),
                            (
                                models.Func(
                                    models.F("starts_at"),
                                    models.F("ends_at"),
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="appointment_seat_once",
                        violation_error_message="这个时间刚刚约满，请换一个",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "booked")),
                        fields=("window", "phone_index"),
                        name="appointment_one_open",
                        violation_error_message="这个电话在这个窗口已经有一个预约，先改期或者取消那一个",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="appointment_ends_later",
                        violation_error_message="结束要晚于开始",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("state", "booked")),
                            models.Q(models.Q(("state", "booked"), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="appointment_ended_iff_over",
                        violation_error_message="过去的预约要有结束的时间，没过去的没有",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "cancelled"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="appointment_cancelled_says_why",
                        violation_error_message="取消要写原因，对方看得到",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConcernedPerson",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", governance.privacy.fields.EncryptedTextField()),
                ("phone", governance.privacy.fields.EncryptedTextField()),
                (
                    "relation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("parent", "父母、长辈"),
                            ("child", "孩子"),
                            ("spouse", "配偶"),
                            ("neighbour", "邻居"),
                            ("other", "别的关系"),
                        ],
                        max_length=10,
                    ),
                ),
                ("is_told", models.BooleanField(default=False)),
                ("is_called", models.BooleanField(default=False)),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="concerned",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("relation__in", ["", "parent", "child", "spouse", "neighbour", "other"])),
                        name="concerned_relation",
                        violation_error_message="没有这种关系",
                    )
                ],
            },
        ),
        migrations.RunSQL(rollup.TRIGGERS, rollup.NO_TRIGGERS),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
