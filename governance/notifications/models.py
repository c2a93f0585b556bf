"""Messages to people, as rows with a life of their own, and texts that override the built-in ones."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet, area_q
from governance.access.viewer import Scope, Viewer
from governance.notifications.permissions import Capability
from governance.notifications.registry import EMAIL, IN_APP, SMS, WEBHOOK
from governance.organisations.models import Organisation
from governance.privacy.fields import BlindIndexField, EncryptedJSONField, EncryptedTextField

COUNTY_CODE_LENGTH = 6


class Channel(models.TextChoices):
    """How a message reaches somebody."""

    IN_APP = IN_APP, _("站内")
    EMAIL = EMAIL, _("邮件")
    SMS = SMS, _("短信")
    WEBHOOK = WEBHOOK, _("单位群消息")


class State(models.TextChoices):
    """Life of a message: queued -> sending -> sent | failed; skipped when it cannot reach anybody.

    A message whose reader wants it in the daily digest stays one line of that letter (`digest`).
    """

    QUEUED = "queued", _("等待发送")
    SENDING = "sending", _("正在发送")
    SENT = "sent", _("已送达")
    FAILED = "failed", _("发送失败")
    SKIPPED = "skipped", _("没有发出")
    DIGEST = "digest", _("放进每日汇总")


class MessageQuerySet(VisibleQuerySet):
    """Messages."""

    def inbox_of(self, user_id: int) -> "MessageQuerySet":
        """In-app messages of one person that are there to be read: what can still be withdrawn waits a moment."""
        there = Q(not_before=F("created_at")) | Q(not_before__lte=timezone.now())
        return self.filter(there, user_id=user_id, channel=Channel.IN_APP, state=State.SENT)

    def unread(self) -> "MessageQuerySet":
        """Messages not opened yet."""
        return self.filter(read_at__isnull=True)


def within(viewer: Viewer, capability: str) -> Q | None:
    """Messages about something inside the areas in which the viewer holds the capability; None when there are none."""
    return area_q(viewer.areas(capability))


def without_area(viewer: Viewer, capability: str) -> Q | None:
    """Messages about nothing in the territory: for those who hold the capability for a whole district."""
    return Q(area_code="") if any(len(code) <= COUNTY_CODE_LENGTH for code in viewer.areas(capability)) else None


class Message(models.Model):
    """One message to one recipient over one channel.

    It holds what it is about and the ids its text speaks of; address and text are looked up at sending. The unique
    `dedupe_key` makes "exactly one row" true whatever is delivered twice.

    One-time codes know more than the database may tell: `secret` holds what only the recipient may read and is gone
    once the message is sent, `address` a number that belongs to nobody yet, `expires_at` when it is too late to send.
    """

    kind = models.CharField(max_length=100)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    recipient_ref = models.CharField(max_length=120)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    subject_ref = models.CharField(max_length=120)
    area_code = models.CharField(max_length=17, blank=True, db_collation="C")
    context = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, choices=State.choices)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    body = EncryptedTextField(null=True)
    address = EncryptedTextField(null=True)
    language = models.CharField(max_length=10, blank=True)
    secret = EncryptedJSONField(null=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    digest = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="lines", db_index=False
    )

    objects = MessageQuerySet.as_manager()
    RULES = [
        Rule("log-area", _("发送记录：消息说的事在可以看的区域内"), lambda viewer: within(viewer, Capability.VIEW_LOG)),
        Rule(
            "log-district",
            _("发送记录：全区负责的人看不属于任何区域的消息"),
            lambda viewer: without_area(viewer, Capability.VIEW_LOG),
        ),
    ]

    class Meta:
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(state=State.QUEUED), name="message_due"),
            models.Index(fields=["claimed_at"], condition=Q(state=State.SENDING), name="message_sending"),
            models.Index(fields=["user", "-id"], condition=Q(channel=IN_APP), name="message_inbox"),
            models.Index(
                fields=["user", "-id"], condition=Q(channel=IN_APP, read_at__isnull=True), name="message_unread"
            ),
            models.Index(fields=["state", "-id"], name="message_state"),
            models.Index(
                fields=["user"], condition=Q(state=State.DIGEST, digest__isnull=True), name="message_for_digest"
            ),
            models.Index(fields=["digest"], condition=Q(digest__isnull=False), name="message_in_digest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.SENT, sent_at__isnull=False) | (~Q(state=State.SENT) & Q(sent_at__isnull=True)),
                name="message_sent_has_time",
                violation_error_message=_("已送达的消息要有送达时间，别的没有"),
            ),
            models.CheckConstraint(
                condition=Q(state=State.QUEUED, next_at__isnull=False)
                | (~Q(state=State.QUEUED) & Q(next_at__isnull=True)),
                name="message_queued_has_next",
                violation_error_message=_("等待发送的消息要有下次发送时间，别的没有"),
            ),
            models.CheckConstraint(
                condition=Q(state=State.SENDING, claimed_at__isnull=False)
                | (~Q(state=State.SENDING) & Q(claimed_at__isnull=True)),
                name="message_sending_has_claim",
                violation_error_message=_("正在发送的消息要记下开始时间，别的没有"),
            ),
            models.CheckConstraint(
                condition=~Q(channel=IN_APP) | Q(state__in=[State.SENT, State.SKIPPED], user__isnull=False),
                name="message_in_app_is_there",
                violation_error_message=_("站内消息写下就是送达，或者已经撤回，而且要有收件人"),
            ),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(channel=IN_APP),
                name="message_only_inbox_is_read",
                violation_error_message=_("只有站内消息有已读时间"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.QUEUED, State.SENDING]) | Q(secret__isnull=True),
                name="message_secret_until_sent",
                violation_error_message=_("验证码这类内容，发出以后不再保存"),
            ),
            models.CheckConstraint(
                condition=Q(state=State.DIGEST, user__isnull=False) | (~Q(state=State.DIGEST) & Q(digest__isnull=True)),
                name="message_digest_has_reader",
                violation_error_message=_("放进汇总的消息要有收件人，别的不属于汇总"),
            ),
            models.CheckConstraint(
                condition=Q(next_at__isnull=True) | Q(next_at__gte=F("not_before")),
                name="message_next_after_delay",
                violation_error_message=_("消息不能早于可撤回的时间发出"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} -> {self.recipient_ref} ({self.channel}, {self.state})"

    def access_scope(self) -> Scope:
        """Where the thing that the message is about lies."""
        return Scope(self.area_code)


class NoticePreference(models.Model):
    """When and how somebody is told. The row without a person holds for everybody who has chosen nothing.

    `choices` is {group key: {channel: "digest" | "never"}}; what is not there is told at once. Times are local;
    `quiet_from` after `quiet_until` spans midnight, both empty mean no quiet hours.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    choices = models.JSONField(default=dict)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    digest_at = models.TimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                nulls_distinct=False,
                name="preference_one_a_person",
                violation_error_message=_("刚才已经存过一次，请刷新再改"),
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
                name="preference_quiet_from_until",
                violation_error_message=_("安静时间要有起有止，而且不能是同一刻"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"


class Language(models.TextChoices):
    """Languages that messages are written in."""

    CHINESE = "zh-hans", _("中文")
    ENGLISH = "en", _("英文")


class TemplateChannel(models.TextChoices):
    """Which channels share a text: a telephone needs one of its own."""

    LETTER = "letter", _("站内、邮件和单位群")
    SMS = SMS, _("短信")


class MessageTemplate(models.Model):
    """One version of the office's own words for a kind of notice in one language, instead of the built-in text.

    Versions are kept; the current one is used. A version without words says: the built-in text again.
    For SMS the gateway's approved template stands beside the words: its id, and which placeholders it takes in which
    order. The words must then be those that were approved.
    """

    kind = models.CharField(max_length=100)
    channel = models.CharField(max_length=10, choices=TemplateChannel.choices, default=TemplateChannel.LETTER)
    language = models.CharField(max_length=10, choices=Language.choices)
    number = models.PositiveIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    provider_template_id = models.CharField(max_length=64, blank=True)
    parameters = models.JSONField(default=list, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "channel", "language"],
                condition=Q(is_current=True),
                name="template_one_is_current",
                violation_error_message=_("别人刚改过这段文字，请看最新的再改"),
            ),
            models.UniqueConstraint(
                fields=["kind", "channel", "language", "number"],
                name="template_kind_channel_language",
                violation_error_message=_("别人刚改过这段文字，请看最新的再改"),
            ),
            models.CheckConstraint(
                condition=Q(channel=SMS) | Q(provider_template_id=""),
                name="template_id_is_for_sms",
                violation_error_message=_("只有短信有网关的模板编号"),
            ),
            models.CheckConstraint(
                condition=~Q(body="") | Q(subject="", provider_template_id=""),
                name="template_without_words_is_empty",
                violation_error_message=_("用回内置文字的一版，什么都不写"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.channel}, {self.language})"


class BlockedAddress(models.Model):
    """An address to which nothing is sent for a while: no codes, no letters, no SMS. Its requests are taken as always.

    `index` is the blind index of the address; both are gone once the block is over, who decided it and why stay.
    """

    address = EncryptedTextField(blank=True, default="")
    index = BlindIndexField(of="address", purpose="notifications.blocked", blank=True)
    is_phone = models.BooleanField()
    reason = models.CharField(max_length=200)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["index"],
                condition=Q(ended_at__isnull=True),
                name="blocked_address_once",
                violation_error_message=_("这个地址已经在名单上了"),
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) & ~Q(index="") | Q(ended_at__isnull=False, index=""),
                name="blocked_address_gone_at_the_end",
                violation_error_message=_("停发结束以后，不再留着地址"),
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="blocked_address_ends_later",
                violation_error_message=_("到期要晚于今天"),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="blocked_address_has_reason",
                violation_error_message=_("请写为什么"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class OfficeRobot(models.Model):
    """Where an office's group chat takes messages: the address holds the key to the group, so it is encrypted."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="+")
    url = EncryptedTextField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.organisation_id}"

    def access_scope(self) -> Scope:
        """Where the office serves."""
        return Scope(self.organisation.area_code)
