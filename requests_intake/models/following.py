"""Who wants to hear of a public request or of an area: an e-mail address that was confirmed by its owner."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.privacy.fields import BlindIndexField, EncryptedTextField
from governance.refs import ref_of
from requests_intake.models.publications import Publication


class Follow(models.Model):
    """One wish to hear: of one public request at each step, or of an area once a day at most.

    The address is encrypted; nothing is sent before `confirmed_at` but the letter that asks for it.
    """

    email = EncryptedTextField()
    email_index = BlindIndexField(of="email", purpose="requests_intake.follow")
    language = models.CharField(max_length=10, default="zh-hans")
    publication = models.ForeignKey(
        Publication, null=True, blank=True, on_delete=models.CASCADE, related_name="follows"
    )
    area_code = models.CharField(max_length=15, blank=True, db_collation="C")
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # An area's news are told up to here.
    told_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["told_until", "id"],
                name="follow_area_due",
                condition=~Q(area_code="") & Q(confirmed_at__isnull=False, ended_at__isnull=True),
            ),
            models.Index(
                fields=["publication"],
                name="follow_publication",
                condition=Q(confirmed_at__isnull=False, ended_at__isnull=True),
            ),
            models.Index(fields=["email_index", "asked_at"], name="follow_address"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["email_index", "publication"],
                condition=Q(ended_at__isnull=True, publication__isnull=False),
                name="follow_request_once",
                violation_error_message=_("这个邮箱已经在关注这件事"),
            ),
            models.UniqueConstraint(
                fields=["email_index", "area_code"],
                condition=Q(ended_at__isnull=True, publication__isnull=True),
                name="follow_area_once",
                violation_error_message=_("这个邮箱已经在关注这个区域"),
            ),
            models.CheckConstraint(
                condition=Q(publication__isnull=True) & ~Q(area_code="") | Q(publication__isnull=False, area_code=""),
                name="follow_request_or_area",
                violation_error_message=_("请选一件事或者一个区域来关注"),
            ),
            models.CheckConstraint(
                condition=Q(told_until__isnull=True) | Q(confirmed_at__isnull=False),
                name="follow_told_after_confirmed",
                violation_error_message=_("邮箱确认以后才发消息"),
            ),
        ]

    def __str__(self) -> str:
        return ref_of(self)
