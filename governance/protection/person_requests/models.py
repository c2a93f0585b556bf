"""What somebody asks about their own data (个人信息保护法 §44-50): received, answered within its days, carried out."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet
from governance.access.viewer import Viewer
from governance.jobs.models import Job
from governance.privacy.fields import BlindIndexField, EncryptedJSONField, EncryptedTextField
from governance.protection.permissions import Capability

_USER = settings.AUTH_USER_MODEL


class PersonRequestPolicy(models.Model):
    """Within how many working days to answer: one row. The law says "in time"; the number is the office's own."""

    ROW = 1
    MOST = 60

    working_days = models.PositiveSmallIntegerField(default=15)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1), name="person_policy_one_row", violation_error_message=_("答复时限只有一份")
            ),
            models.CheckConstraint(
                condition=Q(working_days__range=(1, 60)),
                name="person_policy_in_bounds",
                violation_error_message=_("请写 1 到 60 之间的工作日数"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.working_days} d"


class Kind(models.TextChoices):
    """What is asked for: §45, §46, §47."""

    COPY = "copy", _("要一份副本")
    CORRECT = "correct", _("更正、补充")
    DELETE = "delete", _("删除")


class State(models.TextChoices):
    """Life of a request: open -> decided -> done; what is refused or taken back is done at once."""

    OPEN = "open", _("等待答复")
    DECIDED = "decided", _("已经答复，正在办")
    DONE = "done", _("办完了")


class Decision(models.TextChoices):
    """How it was answered."""

    GRANTED = "granted", _("同意")
    PARTLY = "partly", _("同意一部分")
    REFUSED = "refused", _("不同意")
    WITHDRAWN = "withdrawn", _("本人撤回")


class Ground(models.TextChoices):
    """Why something is refused, as far as the law lets an office refuse it; the words beside it say the rest."""

    RETENTION = "retention", _("法律、行政法规规定的保存期限还没有到（个人信息保护法第四十七条第二款）")
    NEEDED = "needed", _("办的事还没有办完，这些信息还要用（个人信息保护法第四十七条第一款）")
    SECRET = "secret", _("法律、行政法规规定要保密，或者不需要告知（个人信息保护法第十八条、第四十五条）")
    DUTY = "duty", _("告知会妨碍履行法定职责（个人信息保护法第三十五条、第四十五条）")
    ACCURATE = "accurate", _("核实过了，现在的内容没有错（个人信息保护法第四十六条）")
    NOT_HELD = "not_held", _("这里没有您的这些信息")
    IDENTITY = "identity", _("没能确认是您本人")


class Identity(models.TextChoices):
    """How it was made sure that it is the person themselves."""

    ACCOUNT = "account", _("登录了本人的账号")
    DOCUMENT = "document", _("看了本人的身份证件")
    AGENT = "agent", _("代办：看了代办人的证件和委托书")


# What may follow from the state: the condition of indexes and constraints.
RUNS = ~Q(state="done")
GIVES = Q(decision__in=("granted", "partly"))


def _all_of_it(viewer: Viewer) -> Q | None:
    return Q(pk__isnull=False) if viewer.can(Capability.HANDLE_PERSON_REQUESTS) else None


def _taken(viewer: Viewer) -> Q | None:
    return Q(taken_by=viewer.user_id) if viewer.can(Capability.TAKE_PERSON_REQUESTS) else None


def _own(viewer: Viewer) -> Q | None:
    return Q(person=viewer.user_id) if viewer.kind == "resident" else None


class PersonRequest(models.Model):
    """One request. Made in the person's own account, or taken down by staff for somebody who came or called.

    Its words, and who somebody without an account is, are encrypted. `due_at` is stored when it arrives and never
    computed again.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(unique=True, editable=False)
    number = models.CharField(max_length=16, unique=True, db_collation="C")
    kind = models.CharField(max_length=8, choices=Kind)
    person = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = EncryptedTextField(max_length=40, blank=True, default="")
    contact = EncryptedTextField(max_length=100, blank=True, default="")
    contact_index = BlindIndexField(of="contact", purpose="protection.contact", without=r"[\s\-]", blank=True)
    words = EncryptedTextField(max_length=1000, blank=True, default="")
    language = models.CharField(max_length=10, default="zh-hans")
    received_at = models.DateTimeField()
    taken_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    working_days = models.PositiveSmallIntegerField()  # those in force when it came
    soon_at = models.DateTimeField()  # from then on staff are reminded
    due_at = models.DateTimeField()
    soon_told_at = models.DateTimeField(null=True, blank=True)
    late_told_at = models.DateTimeField(null=True, blank=True)
    identity = models.CharField(max_length=10, choices=Identity, blank=True, default="")
    # somebody without an account: the number they left was called there and then, and is theirs
    is_number_proved = models.BooleanField(default=False)
    identity_note = EncryptedTextField(max_length=200, blank=True, default="")
    identity_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    identity_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    decision = models.CharField(max_length=10, choices=Decision, blank=True, default="")
    ground = models.CharField(max_length=10, choices=Ground, blank=True, default="")
    reason = EncryptedTextField(max_length=1000, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outcome = EncryptedTextField(max_length=1000, blank=True, default="")  # what was done
    erased_at = models.DateTimeField(null=True, blank=True)
    erased_count = models.PositiveIntegerField(default=0)  # records that the portal let go of
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("handling", _("办理个人信息请求的人"), _all_of_it),
        Rule("taken", _("由本人代为登记"), _taken),
        Rule("own", _("在本人的账号里"), _own),
    ]

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["due_at", "id"], name="person_request_due", condition=RUNS),
            models.Index(fields=["person", "-id"], name="person_request_person", condition=Q(person__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=RUNS,
                name="person_request_one_running",
                violation_error_message=_("这样的请求您已经提过一件，还在办；办完以前不用再提"),
            ),
            models.UniqueConstraint(
                fields=["contact_index", "kind"],
                condition=RUNS & ~Q(contact_index=""),
                name="person_request_one_for_contact",
                violation_error_message=_("这个联系方式已经有一件同样的请求在办，请先办完那一件"),
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, taken_by__isnull=True, contact_index="")
                | (Q(person__isnull=True, taken_by__isnull=False) & ~Q(contact_index="")),
                name="person_request_of_somebody",
                violation_error_message=_("请求要么来自本人的账号，要么写明是谁、由谁登记"),
            ),
            models.CheckConstraint(
                condition=Q(state="open", decision="", decided_at__isnull=True, done_at__isnull=True)
                | (Q(state="decided", decided_at__isnull=False, done_at__isnull=True) & GIVES)
                | (Q(state="done", decided_at__isnull=False, done_at__isnull=False) & ~Q(decision="")),
                name="person_request_state_fits",
                violation_error_message=_("请求的状态和答复对不上"),
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=("refused", "partly")) | ~Q(ground=""),
                name="person_request_refused_on_ground",
                violation_error_message=_("不同意的，要选一条法律上的理由"),
            ),
            models.CheckConstraint(
                condition=~GIVES | ~Q(identity=""),
                name="person_request_given_to_known",
                violation_error_message=_("先确认是本人，再答复同意"),
            ),
            models.CheckConstraint(
                condition=Q(soon_at__lte=F("due_at"), received_at__lte=F("soon_at")),
                name="person_request_times_in_order",
                violation_error_message=_("请求的时限要在收到以后"),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_over(self) -> bool:
        """Whether nothing remains to be done."""
        return self.state == State.DONE


class PersonCopy(models.Model):
    """The copy that somebody asked for, made by a job a source at a time; its row dies with its seven days.

    `parts`: [{"title", "parts": [{"title", "rows": [[what, text], ...]}]}], encrypted as a whole.
    """

    request = models.OneToOneField(PersonRequest, on_delete=models.PROTECT, related_name="copy")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    parts = EncryptedJSONField(default=list)
    made_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)  # when it was last opened or handed over

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="person_copy_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(made_at__isnull=True, expires_at__isnull=True)
                | Q(made_at__isnull=False, expires_at__gt=F("made_at")),
                name="person_copy_expires",
                violation_error_message=_("做好的副本要有过期的时间"),
            ),
        ]

    def __str__(self) -> str:
        return f"copy for {self.request_id}"

    def is_there(self, at: datetime) -> bool:
        """Whether it is made and its days are not over."""
        return self.expires_at is not None and at < self.expires_at
