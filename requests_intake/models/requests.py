"""The service request (诉求): what the resident sees, with its history and its photos."""

from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet, held_in_area, held_in_organisation
from governance.access.viewer import Scope, Viewer
from governance.files.models import StoredFile
from governance.organisations.models import Organisation
from governance.privacy.fields import BlindIndexField, EncryptedJSONField, EncryptedTextField
from governance.refs import ref_of
from grid.models import CodeItem, Component
from requests_intake.models.catalogue import Category, DeadlinePolicy
from requests_intake.numbers import grouped
from requests_intake.permissions import Capability
from requests_intake.questions import AnswerRow, answer_rows
from requests_intake.workflow import (
    FINAL_REQUEST_STATES,
    OPEN_REQUEST_STATES,
    RESTING_STATES,
    WITHOUT_OFFICE,
    OrderRole,
    OrderState,
    RequestState,
    Waiting,
)


class RequestKind(models.TextChoices):
    """First choice of the resident (条例 §2)."""

    ENQUIRY = "enquiry", _("咨询")
    HELP = "help", _("求助")
    COMPLAINT = "complaint", _("投诉")
    TIP_OFF = "tip_off", _("举报")
    SUGGESTION = "suggestion", _("建议")


class Channel(models.TextChoices):
    """The way in."""

    WEB = "web", _("网页")
    COUNTER = "counter", _("窗口")
    PHONE = "phone", _("电话")
    HOTLINE = "hotline", _("12345 转来")
    PATROL = "patrol", _("巡查发现")


class NoDispatchReason(models.TextChoices):
    """Why a request is not dispatched: the six classes of 条例 §11.3, each with its own way out."""

    EMERGENCY = "emergency", _("应打 110、119、120、122")
    LEGAL_CHANNEL = "legal", _("已进入或应走诉讼、仲裁、复议、信访等渠道")
    SAME_MATTER = "same", _("同一件事正在办或已办结，没有新情况")
    SECRET = "secret", _("涉及国家秘密、商业秘密、个人隐私")
    BEYOND_DUTY = "beyond", _("不属于政府职责，可找市场或社会渠道")
    UNLAWFUL = "unlawful", _("违反法律法规或公序良俗")


class DispatchMode(models.TextChoices):
    """The way out of the desk (条例 §12): to the office itself, or to the district where it is unclear whose it is."""

    DIRECT = "direct", _("直派")
    DISTRICT = "district", _("交区级协调")


# Kinds that are about somebody.
ABOUT_SOMEBODY = (RequestKind.COMPLAINT, RequestKind.TIP_OFF)


class PlaceKind(models.TextChoices):
    """How the place was given."""

    PIN = "pin", _("地图")
    ADDRESS = "address", _("地址")
    NONE = "none", _("没有具体地点")


# Open rows of the lists: the condition of their indexes, and of every query that wants to use them.
IS_OPEN = Q(closed_at__isnull=True)


class ServiceRequestQuerySet(VisibleQuerySet):
    """Requests."""

    def open(self) -> Self:
        """Requests with which somebody still has to do something."""
        return self.filter(IS_OPEN)


class ServiceRequest(models.Model):
    """A resident's request. Its row carries copies of what queues filter and sort by, written by the services."""

    number = models.CharField(max_length=15, unique=True, db_collation="C")
    number_tail = models.CharField(max_length=4, db_collation="C")
    track_digest = models.CharField(max_length=64, unique=True)
    track_token = EncryptedTextField()
    submission_key = models.CharField(max_length=64, unique=True)

    kind = models.CharField(max_length=12, choices=RequestKind)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.WEB)
    # Who took it down at the counter or on the phone, or imported it from the hotline; None: the requester did.
    entered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The resident's account that follows it, if any; the requester may be somebody else (a parent, a neighbour).
    account = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    # Reported for somebody else: who that is stands in its `concerned`.
    is_for_other = models.BooleanField(default=False)
    # What the dispatcher should read first; staff only.
    urgent_remark = models.CharField(max_length=200, blank=True, default="")
    # What stands in the district and is concerned: a lamp, a lid.
    component = models.ForeignKey(
        Component, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # What the standard calls it (事项), where it came with a code.
    matter = models.ForeignKey(
        CodeItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=60)
    body = models.TextField()
    language = models.CharField(max_length=10, default="zh-hans")
    # What the resident agreed may become public once staff release it; tip-offs never.
    may_be_public = models.BooleanField(default=False)
    # A film or voice note came with it, or was added: pages look for none elsewhere.
    has_recording = models.BooleanField(default=False)

    area_code = models.CharField(max_length=17, db_collation="C")
    place_kind = models.CharField(max_length=8, choices=PlaceKind)
    address = models.CharField(max_length=200, blank=True)
    lng = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    is_outside_district = models.BooleanField(default=False)

    state = models.CharField(max_length=12, choices=RequestState, default=RequestState.SUBMITTED)
    probable_organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    handler = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey(DeadlinePolicy, on_delete=models.PROTECT, related_name="+")

    submitted_at = models.DateTimeField()
    accept_due_at = models.DateTimeField()
    # The promise to the resident, counted from submission; stored, never recomputed.
    original_due_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_due_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    contacted_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # The state in which it ended, kept when it is archived; "" while it is open.
    ended_as = models.CharField(max_length=12, choices=RequestState, blank=True, default="")
    rework_count = models.PositiveSmallIntegerField(default=0)
    # How many others said "I have this too" of its public version; copied so that queues can sort by it.
    me_too_count = models.PositiveIntegerField(default=0)

    # What it waits for beside its state, and the state to which a turn comes back.
    waiting_for = models.CharField(max_length=12, choices=Waiting, blank=True)
    state_before = models.CharField(max_length=12, choices=RequestState, blank=True)
    # Returned once and decided: whoever gets it now keeps it (潍坊 §22).
    is_designated = models.BooleanField(default=False)
    # Whether other organisations were ever asked to help: only then the page looks for their orders.
    has_helpers = models.BooleanField(default=False)
    # Whom a complaint or tip-off is about: its people never learn who complained (济南 §32).
    complained_organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Whether anybody stands back: only then the steps ask who.
    has_recusals = models.BooleanField(default=False)
    # How it was sent out last; what goes to a sub-district or community directly is copied to the district.
    dispatch_mode = models.CharField(max_length=8, choices=DispatchMode, blank=True, default="")
    copies_district = models.BooleanField(default=False)
    # Until when its clocks stand still; None while they run.
    paused_until = models.DateTimeField(null=True, blank=True)
    # Somebody may be in danger, and nobody has answered yet.
    has_open_alert = models.BooleanField(default=False)
    # An extension may be asked for once.
    extension_asked = models.BooleanField(default=False)
    # The round in which a call-back was recorded because the limit had passed unanswered; 0 where none was.
    limit_called_round = models.PositiveSmallIntegerField(default=0)
    reopen_count = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True, blank=True)
    # Copies of its last call-back, for figures and lists: None in `rated_contacted` means that nobody answered it.
    rated_at = models.DateTimeField(null=True, blank=True)
    rated_contacted = models.BooleanField(null=True, blank=True)
    rated_solved = models.CharField(max_length=8, blank=True, default="")
    rated_organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rated_grade = models.PositiveSmallIntegerField(null=True, blank=True)
    # When an office last asked to give it back, objected to the dispatch, put it on the ledger; when it was excluded
    # from the appraisal.
    returned_at = models.DateTimeField(null=True, blank=True)
    disputed_at = models.DateTimeField(null=True, blank=True)
    ledgered_at = models.DateTimeField(null=True, blank=True)
    excluded_at = models.DateTimeField(null=True, blank=True)
    # Until when the office has to answer whoever supervises it (督办); None: nobody does, or it was answered.
    supervised_until = models.DateTimeField(null=True, blank=True)
    no_dispatch_reason = models.CharField(max_length=10, choices=NoDispatchReason, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")

    objects = ServiceRequestQuerySet.as_manager()
    RULES = [
        Rule("area", _("在可以看诉求的区域内"), held_in_area(Capability.VIEW_REQUEST)),
        Rule("helping", _("所在单位协办"), lambda viewer: _helping_q(viewer)),
        Rule("whistled", _("因吹哨报到临时可看，到期为止"), lambda v: _whistled_q(v), lambda r, v: _seen_until(r, v)),
        Rule("handling", _("由所在单位承办"), held_in_organisation(Capability.VIEW_ORDER, "organisation")),
        Rule("entered", _("由本人代为登记"), lambda viewer: _entered_q(viewer)),
        Rule("account", _("在本人的账号里"), lambda viewer: _account_q(viewer)),
        Rule("token", _("持有这件诉求的查询链接"), lambda viewer: _token_q(viewer)),
    ]

    class Meta:
        indexes = [
            models.Index(fields=["next_due_at", "id"], name="request_open_due", condition=IS_OPEN),
            models.Index(fields=["area_code", "next_due_at", "id"], name="request_area_due", condition=IS_OPEN),
            models.Index(fields=["organisation", "next_due_at", "id"], name="request_org_due", condition=IS_OPEN),
            models.Index(
                fields=["waiting_for", "next_due_at", "id"], name="request_waiting", condition=~Q(waiting_for="")
            ),
            models.Index(fields=["paused_until"], name="request_paused", condition=Q(paused_until__isnull=False)),
            models.Index(
                fields=["component", "-submitted_at", "-id"],
                name="request_component",
                condition=Q(component__isnull=False),
            ),
            models.Index(fields=["merged_into"], name="request_merged", condition=Q(merged_into__isnull=False)),
            models.Index(
                fields=["closed_at", "id"],
                name="request_to_archive",
                condition=Q(closed_at__isnull=False) & ~Q(state=RequestState.ARCHIVED),
            ),
            models.Index(
                fields=["next_due_at", "id"],
                name="request_supervised",
                condition=IS_OPEN & Q(supervised_until__isnull=False),
            ),
            models.Index(
                fields=["next_due_at", "id"], name="request_copied_due", condition=IS_OPEN & Q(copies_district=True)
            ),
            # a broken day of the figures is counted in these two without reading the rows
            models.Index(fields=["-submitted_at", "-id"], include=["area_code"], name="request_submitted"),
            # the rows of a grid, which are counted themselves
            models.Index(fields=["area_code", "-submitted_at", "-id"], name="request_area_submitted"),
            models.Index(
                fields=["rated_at", "id"],
                include=["area_code", "rated_contacted", "rated_solved", "rated_grade", "excluded_at"],
                name="request_rated",
                condition=Q(rated_at__isnull=False),
            ),
            *(
                models.Index(
                    fields=[f"{name}_at", "id"], name=f"request_{name}", condition=Q(**{f"{name}_at__isnull": False})
                )
                for name in ("returned", "disputed", "ledgered", "excluded")
            ),
            models.Index(fields=["number_tail"], name="request_number_tail"),
            models.Index(
                fields=["account", "-submitted_at", "-id"], name="request_account", condition=Q(account__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=FINAL_REQUEST_STATES, closed_at__isnull=False, next_due_at__isnull=True)
                | (~Q(state__in=FINAL_REQUEST_STATES) & Q(closed_at__isnull=True, next_due_at__isnull=False)),
                name="request_closed_at_iff_closed",
                violation_error_message=_("办结的诉求要有办结时间；没有办结的要有下一个期限"),
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, ended_as="") | (Q(closed_at__isnull=False) & ~Q(ended_as="")),
                name="request_ended_as_iff_closed",
                violation_error_message=_("办结的诉求要写是怎么办结的"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=WITHOUT_OFFICE) | Q(organisation__isnull=False),
                name="request_dispatched_has_organisation",
                violation_error_message=_("派单要选承办单位"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=RESTING_STATES) | Q(paused_until__isnull=False),
                name="request_resting_until",
                violation_error_message=_("暂停办理和挂账都要写到哪一天"),
            ),
            models.CheckConstraint(
                condition=Q(lng__isnull=True, lat__isnull=True)
                | Q(lng__gte=-180, lng__lte=180, lat__gte=-90, lat__lte=90),
                name="request_point_valid",
                violation_error_message=_("地图上的点没有看懂，请重新点一次"),
            ),
            models.CheckConstraint(
                condition=Q(complained_organisation__isnull=True) | Q(kind__in=["complaint", "tip_off"]),
                name="request_complained_is_complaint",
                violation_error_message=_("只有投诉、举报才写被反映的单位"),
            ),
            models.CheckConstraint(
                condition=Q(complained_organisation__isnull=True)
                | Q(organisation__isnull=True)
                | ~Q(complained_organisation=models.F("organisation")),
                name="request_complained_never_leads",
                violation_error_message=_("被反映的单位不能牵头办这件事"),
            ),
            models.CheckConstraint(
                condition=Q(copies_district=False) | Q(dispatch_mode="direct"),
                name="request_copied_is_direct",
                violation_error_message=_("直派的才抄送区级"),
            ),
            models.CheckConstraint(
                condition=~Q(kind="tip_off") | Q(may_be_public=False),
                name="request_tip_off_private",
                violation_error_message=_("举报从不公开"),
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.MERGED, merged_into__isnull=False)
                | Q(state=RequestState.ARCHIVED)
                | (~Q(state=RequestState.MERGED) & Q(merged_into__isnull=True)),
                name="request_merged_has_target",
                violation_error_message=_("并案要写并到哪一件"),
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=models.F("id")),
                name="request_not_merged_into_itself",
                violation_error_message=_("不能并到自己"),
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.NOT_DISPATCHED) | ~Q(no_dispatch_reason=""),
                name="request_not_dispatched_has_reason",
                violation_error_message=_("不予派单要选一条法定理由"),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number_grouped(self) -> str:
        """The number as people read it aloud."""
        return grouped(self.number)

    @property
    def answer_rows(self) -> list[AnswerRow]:
        """What was answered to the extra questions, in the language of the page; read `answers` along with the row."""
        return answer_rows(self.answers.rows) if hasattr(self, "answers") else []

    @property
    def is_patrol(self) -> bool:
        """Found on a patrol: nobody reported it, so nobody is asked, reached or called back (STANDARDS 2.5)."""
        return self.channel == Channel.PATROL

    @property
    def state_label(self) -> str:
        """What its state is called: what a patrol found does not wait for a resident's word."""
        if self.is_patrol and self.state == RequestState.CALLBACK:
            return gettext("已办理，等核查")
        return str(self.get_state_display())

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in OPEN_REQUEST_STATES

    def access_scope(self) -> Scope:
        """Where it lies: its area and the organisation that handles it."""
        ids = frozenset({self.organisation_id}) if self.organisation_id else frozenset()
        return Scope(self.area_code, ids)


def _entered_q(viewer: Viewer) -> Q | None:
    """Whoever may enter requests sees their own entries, wherever the matter lies: the person asks at the same desk."""
    if viewer.user_id is None or not viewer.can(Capability.ENTER_REQUEST):
        return None
    return Q(entered_by_id=viewer.user_id)


def _helping_q(viewer: Viewer) -> Q | None:
    """Requests in which the viewer's organisations help: a subquery, so that no row comes twice."""
    ids = viewer.organisations(Capability.VIEW_ORDER)
    if not ids:
        return None
    orders = apps.get_model("requests_intake", "WorkOrder").objects.filter(role=OrderRole.CO)
    orders = orders.exclude(state=OrderState.UNDONE)
    return Q(pk__in=orders.filter(organisation_id__in=ids).values("request_id"))


def _account_q(viewer: Viewer) -> Q | None:
    return Q(account_id=viewer.user_id) if viewer.kind == "resident" else None


def granted_requests(viewer: Viewer) -> Any:
    """Keys of the requests that a living grant shows to this viewer, as a subquery."""
    grants = apps.get_model("requests_intake", "RequestGrant").objects
    at = viewer.at or timezone.now()
    return grants.filter(user_id=viewer.user_id or 0, expires_at__gt=at).values("content_object_id")


def _seen_until(request: Any, viewer: Viewer) -> datetime | None:
    """When the exceptional grants of this viewer to this request are over."""
    living = request.grants.filter(user_id=viewer.user_id or 0, expires_at__gt=viewer.at or timezone.now())
    return living.order_by("-expires_at").values_list("expires_at", flat=True).first()


def _whistled_q(viewer: Viewer) -> Q | None:
    if viewer.kind != "staff" or not viewer.organisations(Capability.VIEW_ORDER):
        return None
    return Q(pk__in=granted_requests(viewer))


def _token_q(viewer: Viewer) -> Q | None:
    prefix = f"{ServiceRequest._meta.label_lower}:"
    if viewer.kind != "requester" or not viewer.subject.startswith(prefix):
        return None
    return Q(pk=int(viewer.subject.removeprefix(prefix)))


class RequesterContact(models.Model):
    """How to reach the requester. Encrypted; reading it in full is logged."""

    request = models.OneToOneField(ServiceRequest, on_delete=models.CASCADE, related_name="contact")
    name = EncryptedTextField(blank=True, default="")
    phone = EncryptedTextField(blank=True, default="")
    phone_index = BlindIndexField(
        of="phone", purpose="requests_intake.phone", without=r"[\s\-]", blank=True, db_index=True
    )
    email = EncryptedTextField(blank=True, default="")
    # The requester asked afterwards that nobody who handles it reads their name; it stays for the record.
    is_name_hidden = models.BooleanField(default=False)

    def __str__(self) -> str:
        return ref_of(self)

    @property
    def shown_name(self) -> str:
        """The name as those who handle the request may read it."""
        return gettext("要求不显示姓名") if self.is_name_hidden else self.name


class RequestAnswers(models.Model):
    """What the requester answered to the extra questions of the category, in the words they were asked in.

    Encrypted: an answer may hold anything. For the office and the requester only, never public.
    """

    request = models.OneToOneField(ServiceRequest, on_delete=models.CASCADE, related_name="answers")
    rows = EncryptedJSONField(default=list)

    def __str__(self) -> str:
        return ref_of(self)


class RequestTransition(models.Model):
    """One step of a request, never edited: the tracking page reads only these rows."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="transitions")
    name = models.CharField(max_length=20)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    actor_kind = models.CharField(max_length=10)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    is_public = models.BooleanField(default=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["request", "at"], name="request_transition_at"),
            models.Index(fields=["at", "request"], name="request_transition_since"),  # "what changed since?"
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.name}"


class Supplement(models.Model):
    """What the requester added later, or answered when they were asked."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="supplements")
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.at:%Y-%m-%d}"


class Attachment(models.Model):
    """A photo of the resident, or of a reply."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="attachments")
    reply = models.ForeignKey(
        "requests_intake.Reply", null=True, blank=True, on_delete=models.CASCADE, related_name="attachments"
    )
    supplement = models.ForeignKey(
        Supplement, null=True, blank=True, on_delete=models.CASCADE, related_name="attachments"
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "file"], name="attachment_once", violation_error_message=_("这张照片已经在里面了")
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.file_id}"
