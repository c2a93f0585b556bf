"""The public version of a request: a row of its own, so that public pages never touch the private one."""

import secrets
import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope
from governance.files.models import StoredFile
from governance.organisations.models import Organisation
from requests_intake.models.catalogue import Category
from requests_intake.models.requests import RequestKind, ServiceRequest
from requests_intake.permissions import Capability

KEY_LENGTH = 10
_KEY_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def publication_key() -> str:
    """Ten letters that are easy to read aloud: the public address of a request says nothing of its number."""
    return "".join(secrets.choice(_KEY_LETTERS) for _ in range(KEY_LENGTH))


class PublicState(models.TextChoices):
    """Whether the public may see it; only people move it, and each move is a `ModerationStep`."""

    WAITING = "waiting", _("等审核")
    RELEASED = "released", _("已公开")
    KEPT = "kept", _("不公开")
    TAKEN_BACK = "taken_back", _("已收回")


class Progress(models.TextChoices):
    """How far it is, in the three words that neighbours need."""

    OPEN = "open", _("正在办")
    ANSWERED = "answered", _("已答复")
    DONE = "done", _("已办结")


class PublicReason(models.TextChoices):
    """Why something was changed, refused or taken back: told to the requester in these words."""

    PERSONAL = "personal", _("里面有个人信息")
    OTHERS = "others", _("指名道姓说到了别人")
    WORDS = "words", _("有的话不适合公开")
    PRIVATE_MATTER = "private_matter", _("只关系到您一家，公开帮不上忙")
    UNDER_INQUIRY = "under_inquiry", _("事情还在调查")
    DUPLICATE = "duplicate", _("同一件事已经公开过")
    MERGED = "merged", _("已经和另一件并在一起办")
    WITHDRAWN = "withdrawn", _("诉求已经撤回")
    REQUESTER = "requester", _("您不想公开了")
    MISTAKE = "mistake", _("刚才弄错了，先收回来")


class PublicationQuerySet(VisibleQuerySet):
    """Public versions."""

    def released(self) -> "PublicationQuerySet":
        """What everybody may see. Public lists, maps, feeds and figures begin here and nowhere else."""
        return self.filter(state=PublicState.RELEASED)


class Publication(models.Model):
    """What the public sees of one request. Empty of words until staff release it.

    `area_code` is never finer than a grid and the point never closer than that grid's label: pins of homes snap. The
    columns from `kind` to `history` are copies that the services keep in step with the request.
    """

    request = models.OneToOneField(ServiceRequest, on_delete=models.CASCADE, related_name="publication")
    key = models.CharField(max_length=KEY_LENGTH, unique=True, default=publication_key, db_collation="C")
    state = models.CharField(max_length=10, choices=PublicState, default=PublicState.WAITING)
    # Somebody has to look: it waits, or the office has answered since it was released.
    needs_review = models.BooleanField(default=True)
    # Counts up with every step of a moderator: whoever works from an older page is told.
    version = models.PositiveIntegerField(default=0)

    kind = models.CharField(max_length=12, choices=RequestKind)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    category_code = models.CharField(max_length=6, blank=True, db_collation="C")
    area_code = models.CharField(max_length=15, db_collation="C")
    lng = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    progress = models.CharField(max_length=8, choices=Progress, default=Progress.OPEN)
    submitted_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # [{"name": step, "at": ISO time, "office": name, "office_en": name}], oldest first; no person, no words
    history = models.JSONField(default=list)

    title = models.CharField(max_length=60, blank=True)
    body = models.TextField(blank=True)
    reply = models.TextField(blank=True)
    # The answer that `reply` was made of; a newer one waits for a look.
    reply_seen_id = models.BigIntegerField(null=True, blank=True)
    # Two-character pieces of the public words: finds two-character words, which trigrams cannot.
    pieces = ArrayField(models.CharField(max_length=2), default=list)
    me_too_count = models.PositiveIntegerField(default=0)
    # Where a merged one is read on: old addresses lead there.
    moved_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=16, choices=PublicReason, blank=True)
    note = models.CharField(max_length=200, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = PublicationQuerySet.as_manager()
    RULES = [
        Rule("moderate", _("在可以审核公开的区域内"), held_in_area(Capability.MODERATE)),
        Rule("released", _("已经公开，人人可看"), lambda viewer: Q(state=PublicState.RELEASED)),
    ]

    class Meta:
        indexes = [
            models.Index(fields=["-released_at", "-id"], name="publication_newest", condition=Q(state="released")),
            models.Index(
                fields=["area_code", "-released_at", "-id"], name="publication_area", condition=Q(state="released")
            ),
            models.Index(fields=["lng", "lat"], name="publication_point", condition=Q(state="released")),
            GinIndex(fields=["pieces"], name="publication_pieces", condition=Q(state="released")),
            models.Index(fields=["submitted_at", "id"], name="publication_waiting", condition=Q(needs_review=True)),
            models.Index(
                fields=["-decided_at", "-id"], name="publication_decided", condition=Q(decided_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="released") | (Q(released_at__isnull=False) & ~Q(title="") & ~Q(body="")),
                name="publication_released_has_words",
                violation_error_message=_("公开的诉求要有标题和内容"),
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(decided_at__isnull=False),
                name="publication_decided_has_time",
                violation_error_message=_("审核过的要有审核时间"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "released"]) | ~Q(reason=""),
                name="publication_refused_has_reason",
                violation_error_message=_("不公开或收回，要选一个原因"),
            ),
            models.CheckConstraint(
                condition=~Q(kind="tip_off"),
                name="publication_never_tip_off",
                violation_error_message=_("举报从不公开"),
            ),
            models.CheckConstraint(
                condition=Q(lng__isnull=True, lat__isnull=True)
                | Q(lng__gte=-180, lng__lte=180, lat__gte=-90, lat__lte=90),
                name="publication_point_valid",
                violation_error_message=_("地图上的点没有看懂"),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_released(self) -> bool:
        """Whether everybody may see it."""
        return self.state == PublicState.RELEASED

    def access_scope(self) -> Scope:
        """Where it lies."""
        return Scope(self.area_code)


class PublicPhoto(models.Model):
    """One public copy of a private photo, its covered areas painted over for good. Another cover is another row.

    `areas` are rectangles [left, top, width, height] in hundredths of the picture's size.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="photos")
    source = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    areas = models.JSONField(default=list)
    of_reply = models.BooleanField(default=False)
    # Of several copies of one photo the last one; of these, the ones that the moderator chose are shown.
    is_current = models.BooleanField(default=True)
    is_shown = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule(
            "moderate",
            _("在可以审核公开的区域内"),
            held_in_area(Capability.MODERATE, "publication__area_code"),
        ),
        Rule(
            "released",
            _("已经公开，人人可看"),
            lambda viewer: Q(is_shown=True, publication__state=PublicState.RELEASED),
        ),
    ]

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "source"],
                condition=Q(is_current=True),
                name="public_photo_one_current",
                violation_error_message=_("这张照片已经有一份公开的副本"),
            ),
            models.CheckConstraint(
                condition=Q(is_shown=False) | Q(is_current=True),
                name="public_photo_shown_is_current",
                violation_error_message=_("只公开最后一次遮盖的照片"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id}: {self.source_id}"


class ModerationStep(models.Model):
    """One step of a moderator, never edited: what stood before, what stands now, who, why. Undo is a step, too."""

    class Name(models.TextChoices):
        RELEASE = "release", _("公开")
        REVISE = "revise", _("改公开版本")
        KEEP = "keep", _("不公开")
        TAKE_BACK = "take_back", _("收回")
        COVER = "cover", _("遮盖照片")
        UNDO = "undo", _("撤销上一步")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=10, choices=Name)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    actor_kind = models.CharField(max_length=10)
    reason = models.CharField(max_length=16, choices=PublicReason, blank=True)
    note = models.CharField(max_length=200, blank=True)
    before: Any = models.JSONField(default=dict)
    after: Any = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["publication", "at"], name="moderation_step_at")]

    def __str__(self) -> str:
        return f"{self.publication_id}: {self.name}"


class MeToo(models.Model):
    """Somebody else has the same matter. One row a person: the digest of a cookie, an account or a draft."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="me_toos")
    person = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "person"], name="me_too_once", violation_error_message=_("您已经说过一次了")
            )
        ]

    def __str__(self) -> str:
        return f"{self.publication_id}"


class PublicFigures(models.Model):
    """The figures of the statistics page as they were at `as_of`: one row, written by a task, read by everybody."""

    ROW = 1

    id = models.SmallIntegerField(primary_key=True, default=ROW)
    as_of = models.DateTimeField()
    since = models.DateTimeField()
    # {"all": cell, "areas": {code: cell}, "categories": {code: cell}}; cell: {"received", "answered", "done", "days"}
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1), name="public_figures_one_row", violation_error_message=_("公开统计只有一份")
            )
        ]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d %H:%M}"
