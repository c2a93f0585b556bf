"""What residents say is wrong in their own record. It changes nothing until somebody at the desk takes it over."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope, Viewer
from governance.privacy.fields import EncryptedJSONField, EncryptedTextField
from population.models.people import Person
from population.models.places import Dwelling
from population.permissions import Capability

_USER = settings.AUTH_USER_MODEL
WORDS_MAX, ADDRESS_MAX = 500, 120
PROPOSED = ("name", "sex", "birth_date", "document_kind", "document_number", "phone")  # of a person


class CorrectionKind(models.TextChoices):
    """What is not right."""

    FIELDS = "fields", _("写错了，或者变了")
    MOVED_OUT = "moved_out", _("我已经不住在这里")
    MOVED_IN = "moved_in", _("我搬到了别处")


class CorrectionState(models.TextChoices):
    """Where it stands."""

    OPEN = "open", _("等社区答复")
    ACCEPTED = "accepted", _("照您说的改了")
    REFUSED = "refused", _("没有改")
    WITHDRAWN = "withdrawn", _("您撤回了")


def _own(viewer: Viewer) -> Q | None:
    return Q(user_id=viewer.user_id) if viewer.kind == "resident" else None


class Correction(models.Model):
    """One proposal of a resident about their own record. `proposed` holds only what they would have changed.

    For the person's fields: field -> text. For moves: "date" (yyyy-mm-dd), and "address" of the new place in words.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(unique=True, editable=False)
    user = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="+")  # of the binding
    area_code = models.CharField(_("网格或社区"), max_length=17, db_collation="C")  # of the dwelling
    kind = models.CharField(_("哪里不对"), max_length=9, choices=CorrectionKind)
    state = models.CharField(_("现在"), max_length=9, choices=CorrectionState, default=CorrectionState.OPEN)
    proposed = EncryptedJSONField()
    words = EncryptedTextField(_("说明"), max_length=WORDS_MAX, null=True, blank=True)
    asked_at = models.DateTimeField(_("提出时间"))
    decided_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        _USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answer = EncryptedTextField(_("答复"), max_length=WORDS_MAX, null=True, blank=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("correction-area", _("在您答复更正的区域内"), held_in_area(Capability.DECIDE_CORRECTION, "area_code")),
        Rule("correction-own", _("您自己提的"), _own),
    ]

    class Meta:
        ordering = ["asked_at", "id"]
        indexes = [
            models.Index(fields=["area_code", "asked_at", "id"], name="correction_open", condition=Q(state="open")),
            models.Index(fields=["area_code", "-decided_at", "-id"], name="correction_decided"),
            models.Index(fields=["person", "state"], name="correction_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True, decided_by__isnull=True)
                | Q(state="withdrawn", decided_at__isnull=False, decided_by__isnull=True)
                | Q(state__in=["accepted", "refused"], decided_at__isnull=False, decided_by__isnull=False),
                name="correction_decided_iff_over",
                violation_error_message=_("答复了的更正要写谁、什么时候答复的"),
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | Q(answer__isnull=False),
                name="correction_refused_says_why",
                violation_error_message=_("不改，要写明理由"),
            ),
        ]

    def __str__(self) -> str:
        return f"correction {self.public_id}"

    def access_scope(self) -> Scope:
        """Where the dwelling lies."""
        return Scope(self.area_code)
