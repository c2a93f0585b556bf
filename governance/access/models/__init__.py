"""People who sign in, roles, and grants: a person, a role, an area or an organisation, from, to, by whom, why."""

import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.fields.ranges import RangeBoundary
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.access.models.endings import GrantExtension as GrantExtension
from governance.access.models.endings import GrantReminder as GrantReminder
from governance.access.models.endings import ReminderPolicy as ReminderPolicy
from governance.access.models.identities import ExternalIdentity as ExternalIdentity
from governance.access.models.imports import GrantImport as GrantImport
from governance.access.models.kept import KeptForms as KeptForms
from governance.access.models.reviews import Decision as Decision
from governance.access.models.reviews import ReviewCampaign as ReviewCampaign
from governance.access.models.reviews import ReviewItem as ReviewItem
from governance.access.permissions import Capability
from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope
from governance.organisations.models import AREA_CODE_SHAPE, Organisation
from governance.privacy.fields import BlindIndexField, EncryptedTextField

ASK_LIFE = timedelta(hours=24)  # so long somebody may agree to opening the emergency account


class UserKind(models.TextChoices):
    """Which door somebody uses. A resident's account holds no grant, ever; only staff can be found by colleagues.

    A program acts for an organisation through the interface, under a token; it can sign in nowhere. The emergency
    account signs in at the staff's door while two administrators keep it open; nobody's colleague, nobody's addressee.
    """

    STAFF = "staff", _("工作人员")
    RESIDENT = "resident", _("居民")
    PROGRAM = "program", _("程序")
    EMERGENCY = "emergency", _("应急账号")


class UserManager(BaseUserManager["User"]):
    """Creates people; the name "natural key" is the e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a saved person with a usable password if one is given."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. What they may do comes from live grants only; `groups` stays empty."""

    kind = models.CharField(max_length=10, choices=UserKind.choices, default=UserKind.STAFF)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    display_name = models.CharField(_("姓名"), max_length=40)  # of staff and programs: colleagues search by it
    private_name = EncryptedTextField(max_length=40, null=True)  # of a resident: how they want to be called
    staff_no = models.CharField(_("工号"), max_length=20, blank=True)
    email = models.EmailField(_("邮箱"), null=True, blank=True)  # noqa: DJ001 - unknown is NULL: "" would be unique once
    language = models.CharField(max_length=10, default="zh-hans")
    # single keys as shortcuts of staff pages; WCAG 2.1.4: one must be able to switch them off
    has_shortcuts = models.BooleanField(default=True)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email"], name="user_email_unique", violation_error_message=_("这个邮箱已经有人用了")
            ),
            models.CheckConstraint(  # one person, one spelling: the unique rule above compares letter by letter
                condition=Q(email=Lower("email")),
                name="user_email_lower",
                violation_error_message=_("邮箱要写成小写"),
            ),
            models.CheckConstraint(
                condition=~Q(kind=UserKind.RESIDENT) | Q(display_name=""),
                name="user_resident_name_private",
                violation_error_message=_("居民的称呼要加密存放"),
            ),
            models.CheckConstraint(
                condition=Q(is_superuser=False),
                name="user_no_superuser",
                violation_error_message=_("不设超级用户：权限只来自授权"),
            ),
        ]

    def __str__(self) -> str:
        return self.called

    @property
    def called(self) -> str:
        """How the person is called; a resident's name stands encrypted."""
        return str(self.private_name or "") if self.kind == UserKind.RESIDENT else self.display_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; no address is NULL, because "" would be unique once."""
        self.email = self.email or None
        super().save(*args, **kwargs)


class UserPhone(models.Model):
    """A person's telephone number (E.164), encrypted; found again through its keyed digest.

    It counts once a code sent to it has come back: only then is it known to be theirs.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="phone")
    number = EncryptedTextField()
    number_index = BlindIndexField(of="number", purpose="access.phone", unique=True)
    verified_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id}"


class Role(models.Model):
    """A named set of capabilities. The capabilities are the permissions of its group."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="+")
    is_built_in = models.BooleanField(default=False)
    # a built-in role that was changed here keeps what it was given; a new release adds nothing to it
    follows_code = models.BooleanField(default=True)
    # whoever holds the role must sign in with a second step, since this moment; none: a password is enough
    second_step_since = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True) | Q(is_built_in=False),
                name="role_built_in_stays",
                violation_error_message=_("出厂角色不能停用"),
            )
        ]

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" else self.name

    def capabilities(self) -> frozenset[str]:
        """What the role may do now, by name. 1 SQL."""
        names = self.group.permissions.order_by().values_list("content_type__app_label", "codename")
        return frozenset(f"{app_label}.{codename}" for app_label, codename in names)


class RoleChange(models.Model):
    """One saving of the table of roles: by whom, when and why. Only ever inserted; its rows say what changed."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    undoes = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by")
    submission_key = models.UUIDField(unique=True, editable=False)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.pk}: {self.at:%Y-%m-%d %H:%M}"


class RoleChangeRow(models.Model):
    """What one role got and lost by a change, as capability names that stay readable when the code has moved on."""

    change = models.ForeignKey(RoleChange, on_delete=models.PROTECT, related_name="rows")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="changes")
    added = ArrayField(models.CharField(max_length=80), default=list)
    removed = ArrayField(models.CharField(max_length=80), default=list)
    second_step = models.BooleanField(null=True)  # switched on or off; None: as it was

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["change", "role"],
                name="role_change_row_unique",
                violation_error_message=_("一次改动里，一个角色只能有一行"),
            ),
            models.CheckConstraint(
                condition=~Q(added=[], removed=[], second_step__isnull=True),
                name="role_change_row_says_something",
                violation_error_message=_("没有改动"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role_id}: +{len(self.added)} -{len(self.removed)}"


class AccountChange(models.Model):
    """An account was closed or opened again, or lost a way to sign in: by whom, when, why. Only inserted."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="account_changes")
    is_active = models.BooleanField()
    second_step_reset = models.BooleanField(default=False)
    password_reset = models.BooleanField(default=False)
    identity_untied = models.BooleanField(default=False)
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.is_active}"


class AccessPolicy(models.Model):
    """How the office wants its people to sign in: one row, read with the grants. The trail holds every change."""

    ROW = 1
    GRACE_MOST, FRESH_LEAST, FRESH_MOST = 366, 1, 240
    IDLE, IDLE_LEAST, IDLE_MOST = 30, 5, 240

    # days from a grant (or from when its role began to need it) until nothing opens without a second step; 0: at once
    grace_days = models.PositiveSmallIntegerField(default=7)
    # minutes for which somebody who has given their password may do what is asked about again
    fresh_minutes = models.PositiveSmallIntegerField(default=15)
    # minutes without any sign of somebody after which a session of staff ends
    idle_minutes = models.PositiveSmallIntegerField(default=IDLE)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200, blank=True, default="")
    # since when the three administrators are different people; there is no way back
    separated_at = models.DateTimeField(null=True, blank=True)
    separated_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    separated_why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1), name="access_policy_one_row", violation_error_message=_("登录规则只有一份")
            ),
            models.CheckConstraint(
                condition=Q(grace_days__lte=366, fresh_minutes__gte=1, fresh_minutes__lte=240),
                name="access_policy_in_bounds",
                violation_error_message=_("天数或分钟数超出范围"),
            ),
            models.CheckConstraint(
                condition=Q(idle_minutes__gte=5, idle_minutes__lte=240),
                name="access_policy_idle_in_bounds",
                violation_error_message=_("天数或分钟数超出范围"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grace_days} d, {self.fresh_minutes} min"


class EmergencyReleaseQuerySet(models.QuerySet["EmergencyRelease"]):
    """Releases of the emergency account."""

    def open(self, at: datetime) -> Self:
        """The one under which the account is open at `at`, if any."""
        return self.filter(closed_at=None, ends_at__gt=at)

    def pending(self, at: datetime) -> Self:
        """Open at `at`, or asked for within a day and not yet answered."""
        asked = Q(opened_at=None, asked_at__gt=at - ASK_LIFE)
        return self.filter(Q(ends_at__gt=at) | asked, closed_at=None)


class EmergencyRelease(models.Model):
    """The emergency account opened by two administrators: who asked and why, who agreed, until when."""

    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    hours = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=200)
    agreed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submission_key = models.UUIDField(unique=True, editable=False)

    objects = EmergencyReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("asked_by")),
                name="emergency_two_people",
                violation_error_message=_("您自己申请的，要另一位管理员同意"),
            ),
            models.CheckConstraint(
                condition=Q(hours__gte=1, hours__lte=8),
                name="emergency_hours",
                violation_error_message=_("最多 8 小时"),
            ),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, ends_at__isnull=True, agreed_by__isnull=True, user__isnull=True)
                | Q(opened_at__isnull=False, ends_at__isnull=False, agreed_by__isnull=False, user__isnull=False),
                name="emergency_opened_whole",
                violation_error_message=_("打开要有同意的人和期限"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M} {self.hours} h"

    def waits(self, at: datetime) -> bool:
        """Whether somebody may still agree."""
        return self.opened_at is None and self.closed_at is None and self.asked_at > at - ASK_LIFE

    def is_open(self, at: datetime) -> bool:
        """Whether the account can sign in."""
        return self.closed_at is None and self.ends_at is not None and self.ends_at > at


class GrantLife(StrEnum):
    """Where a grant stands in time."""

    LIVE = "live"
    FUTURE = "future"
    ENDED = "ended"


class GrantQuerySet(VisibleQuerySet):
    """Grants, with their life in time. The three parts share no row and leave none out."""

    def live(self, at: datetime) -> Self:
        """Grants in force at the moment `at`."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)

    def ending(self, at: datetime, days: int) -> Self:
        """Grants in force at `at` that end within so many days."""
        return self.live(at).filter(ends_at__lte=at + timedelta(days=days))

    def people(self) -> Self:
        """Grants of active people: nobody writes to a program, and nothing is escalated to one."""
        return self.filter(user__is_active=True, user__kind=UserKind.STAFF)

    def future(self, at: datetime) -> Self:
        """Grants that begin after `at` and were not taken back before."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), starts_at__gt=at)

    def standing_in(self, at: datetime) -> Self:
        """Grants in somebody's place, in force at `at` or still to begin."""
        return self.filter(stands_in_for__isnull=False, ends_at__gt=at).exclude(ends_at__lte=F("starts_at"))

    def ended(self, at: datetime) -> Self:
        """Grants that are over at `at`, or were taken back before they began."""
        return self.filter(Q(ends_at__lte=at) | Q(ends_at__lte=F("starts_at")))


class Grant(models.Model):
    """Person, role, area or organisation, from, to, by whom and why. Ended early, never deleted."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants", verbose_name=_("人员"))
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="grants", verbose_name=_("角色"))
    # For a grant in an organisation, area_code is that organisation's: it says who may see and end the grant.
    area_code = models.CharField(_("区域"), max_length=17, db_collation="C")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("单位")
    )
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"), null=True, blank=True)
    granted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("理由"), max_length=200)
    created_at = models.DateTimeField()
    # The colleague's own grant that this one is given in place of, for a time: it never outlives that one.
    stands_in_for = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="stand_ins", verbose_name=_("代谁")
    )
    # What it follows from and ends with, as a ref ("grid.post:17"); "" for one that somebody gave by itself.
    source = models.CharField(max_length=60, blank=True, default="", editable=False)
    # The form that gave it: pressing the button twice gives one grant.
    submission_key = models.UUIDField(null=True, unique=True, editable=False)

    objects = GrantQuerySet.as_manager()
    RULES = [
        Rule("own", _("这是给本人的授权"), lambda viewer: Q(user_id=viewer.user_id) if viewer.user_id else None),
        Rule("grant-area", _("在可以看授权的区域内"), held_in_area(Capability.VIEW_GRANT)),
    ]

    class Meta:
        indexes = [
            models.Index(fields=["user", "starts_at"], name="grant_user_starts"),
            models.Index(fields=["area_code", "id"], name="grant_area"),
            models.Index(fields=["ends_at"], condition=Q(ends_at__isnull=False), name="grant_ends"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(area_code__regex=AREA_CODE_SHAPE),  # an empty code would be a prefix of every record's
                name="grant_area_code_shape",
                violation_error_message=_("区域编码应为 6、9、12、15 或 17 位"),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="grant_ends_after_start",
                violation_error_message=_("结束时间不能早于开始时间"),
            ),
            models.CheckConstraint(
                condition=Q(stands_in_for__isnull=True) | Q(ends_at__isnull=False),
                name="grant_stand_in_ends",
                violation_error_message=_("代班要写到什么时候为止"),
            ),
            ExclusionConstraint(
                name="grant_no_overlap",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("area_code", RangeOperators.EQUAL),
                    (Coalesce("organisation", Value(0)), RangeOperators.EQUAL),
                    # somebody may hold a role and stand in for a colleague who holds the same
                    (Coalesce("stands_in_for", Value(0)), RangeOperators.EQUAL),
                    # what a post gives ends with it, and leaves alone what somebody was given by itself
                    ("source", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("这个人在这段时间里已经有同样的授权"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.role_id}@{self.organisation_id or self.area_code}"

    def access_scope(self) -> Scope:
        """Who gives and ends grants in this area decides over this one."""
        return Scope(self.area_code)

    def life(self, at: datetime) -> GrantLife:
        """Where this grant stands at `at`: the same three parts as the query set's."""
        if self.ends_at is not None and self.ends_at <= max(at, self.starts_at):
            return GrantLife.ENDED
        return GrantLife.FUTURE if self.starts_at > at else GrantLife.LIVE


class SignInFailure(models.Model):
    """A failed sign-in, by keyed digests of account and network address; rows older than a day are swept."""

    account_index = models.CharField(max_length=64)
    address_index = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account_index", "address_index", "at"], name="signin_account_address_at"),
            models.Index(fields=["address_index", "at"], name="signin_address_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class ApiToken(models.Model):
    """What an organisation's system shows at the interface: kept as a digest, shown once, ends by itself.

    It acts as `user`, an account of kind "program" whose one grant says what it may do and where (`area_code` is that
    grant's, and says who may see and revoke the token).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="token")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(max_length=17, db_collation="C")
    digest = models.CharField(max_length=64, unique=True)
    tail = models.CharField(max_length=4)  # to tell one from another; the rest is nowhere
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revoke_reason = models.CharField(max_length=200, blank=True)
    last_used_date = models.DateField(null=True, blank=True)
    submission_key = models.UUIDField(unique=True, editable=False)

    objects = VisibleQuerySet.as_manager()
    RULES = [Rule("token-area", _("在可以发接口令牌的区域内"), held_in_area(Capability.ISSUE_TOKEN))]

    class Meta:
        indexes = [models.Index(fields=["area_code", "id"], name="api_token_area")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")),
                name="api_token_expires_later",
                violation_error_message=_("到期时间要晚于现在"),
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoke_reason="")
                | (Q(revoked_at__isnull=False) & ~Q(revoke_reason="")),
                name="api_token_revoked_has_reason",
                violation_error_message=_("收回要写理由"),
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.tail}"

    def access_scope(self) -> Scope:
        """Who issues tokens in this area decides over this one."""
        return Scope(self.area_code)

    def is_live(self, at: datetime) -> bool:
        """Whether it opens anything at `at`."""
        return self.revoked_at is None and self.expires_at > at
