"""Which account belongs to which person of the registry, and the codes in sealed letters that tie the two.

A binding opens a person's own record to them and nothing else: it gives no capability and shows nobody else.
"""

import uuid
from datetime import date

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope
from population.models.people import DocumentKind, Person, Residency
from population.models.places import Dwelling
from population.permissions import Capability

_USER = settings.AUTH_USER_MODEL
TRIES_MOST = 5  # with the right code and a wrong name or number; then the code is dead
IN_AREA = Rule("binding-area", _("在您负责登记的区域内"), held_in_area(Capability.BIND_DWELLING, "area_code"))


class BindingMethod(models.TextChoices):
    """How it was made sure that the account is this person's."""

    CODE = "code", _("密封信里的绑定码，本人核对过姓名和证件")
    COUNTER = "counter", _("窗口看过证件原件")


class BindingEnd(models.TextChoices):
    """Why an account is not bound any more."""

    RESIDENT = "resident", _("本人解除")
    STAFF = "staff", _("工作人员解除")
    MOVED = "moved", _("登记里已经不住在这一户")
    DIED = "died", _("登记里已经去世")
    MERGED = "merged", _("登记合并了，要重新绑定")
    ACCOUNT = "account", _("账号注销")


class BindingQuerySet(VisibleQuerySet):
    """Bindings."""

    def live(self) -> "BindingQuerySet":
        """Those that nobody ended."""
        return self.filter(ended_at__isnull=True)

    def holding(self, on: date) -> "BindingQuerySet":
        """Live ones of a person who is alive, one record, and in that dwelling on that day: what opens something.

        The end of a residency shuts at once, whether the binding has been ended for it yet or not.
        """
        stays = Residency.objects.on(on).filter(person=OuterRef("person"), dwelling=OuterRef("dwelling"))
        return self.live().filter(Exists(stays), person__merged_into__isnull=True, person__died_on__isnull=True)


class DwellingBinding(models.Model):
    """An account is this person, who lives (or is registered) in this dwelling (居民账号和住房的绑定)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(_("网格或社区"), max_length=17, db_collation="C")  # of the dwelling
    method = models.CharField(_("怎么核对的身份"), max_length=7, choices=BindingMethod)
    # the document that was seen at the counter
    document_kind = models.CharField(_("看了什么证件"), max_length=3, choices=DocumentKind, blank=True, default="")
    # who checked the document, or issued the code
    confirmed_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+", db_index=False)
    begun_at = models.DateTimeField(_("绑定时间"))
    ended_at = models.DateTimeField(_("解除时间"), null=True, blank=True)
    end_reason = models.CharField(_("原因"), max_length=8, choices=BindingEnd, blank=True, default="")

    objects = BindingQuerySet.as_manager()
    RULES = [IN_AREA]

    class Meta:
        ordering = ["-begun_at", "-id"]
        indexes = [
            models.Index(fields=["area_code", "-begun_at", "-id"], name="binding_area"),
            models.Index(fields=["person"], name="binding_live_person", condition=Q(ended_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "dwelling"],
                condition=Q(ended_at__isnull=True),
                name="binding_live_unique",
                violation_error_message=_("这个账号已经绑定了这一户"),
            ),
            ExclusionConstraint(
                name="binding_one_account",
                expressions=[("person", RangeOperators.EQUAL), ("user", RangeOperators.NOT_EQUAL)],
                condition=Q(ended_at__isnull=True),
                violation_error_message=_("这个人已经绑定在另一个账号上；不是本人绑的，请到社区窗口解除"),
            ),
            ExclusionConstraint(
                name="binding_one_person",
                expressions=[("user", RangeOperators.EQUAL), ("person", RangeOperators.NOT_EQUAL)],
                condition=Q(ended_at__isnull=True),
                violation_error_message=_("这个账号已经绑定了另一个人；一个账号只能是一个人的"),
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="")
                | (Q(ended_at__gte=F("begun_at")) & ~Q(end_reason="")),
                name="binding_ends_after_start",
                violation_error_message=_("解除绑定要写原因"),
            ),
            models.CheckConstraint(
                condition=Q(method="code", document_kind="") | (Q(method="counter") & ~Q(document_kind="")),
                name="binding_document_seen",
                violation_error_message=_("窗口绑定要写看了什么证件"),
            ),
        ]

    def __str__(self) -> str:
        return f"binding {self.public_id}"

    def access_scope(self) -> Scope:
        """Where the dwelling lies."""
        return Scope(self.area_code)


class CodeQuerySet(VisibleQuerySet):
    """Codes."""

    def waiting(self) -> "CodeQuerySet":
        """Those that nobody used or revoked; their time may be over."""
        return self.filter(used_at__isnull=True, revoked_at__isnull=True)


class BindingCode(models.Model):
    """A code in a sealed letter for one person in one dwelling. Only its keyed digest is kept; it is used once.

    It dies by its time, by revoking, by a newer one, or by `TRIES_MOST` wrong answers about who the person is.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(_("网格或社区"), max_length=17, db_collation="C")  # of the dwelling
    digest = models.CharField(max_length=64, unique=True, editable=False)
    issued_at = models.DateTimeField(_("发码时间"))
    issued_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+", db_index=False)
    expires_at = models.DateTimeField(_("有效到"))
    tries = models.PositiveSmallIntegerField(default=0)  # wrong ones
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CodeQuerySet.as_manager()
    RULES = [IN_AREA]

    class Meta:
        ordering = ["-issued_at", "-id"]
        indexes = [models.Index(fields=["area_code", "-issued_at", "-id"], name="binding_code_area")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "dwelling"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
                name="binding_code_one_waiting",
                violation_error_message=_("刚才有人给这个人发过码了"),
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True),
                name="binding_code_one_end",
                violation_error_message=_("用过的码不能作废"),
            ),
            models.CheckConstraint(
                condition=Q(tries__range=(0, TRIES_MOST), expires_at__gt=F("issued_at")),
                name="binding_code_in_bounds",
                violation_error_message=_("绑定码的期限和次数不对"),
            ),
        ]

    def __str__(self) -> str:
        return f"binding code {self.public_id}"

    def access_scope(self) -> Scope:
        """Where the dwelling lies."""
        return Scope(self.area_code)
