"""Worklists that people keep: a query with a name, their own or shared with an office or a role."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet
from governance.access.viewer import Viewer
from governance.organisations.models import Organisation


class WorklistPage(models.TextChoices):
    """Which list it narrows."""

    REQUESTS = "requests", _("诉求")
    ORDERS = "orders", _("工单")


class SavedWorklist(models.Model):
    """A named query over one of the staff lists. What a reader sees through it is what they may see anyway."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=30)
    page = models.CharField(max_length=10, choices=WorklistPage, default=WorklistPage.REQUESTS)
    view = models.CharField(max_length=16, blank=True)
    query = models.CharField(max_length=300)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    submission_key = models.UUIDField(unique=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("own", _("本人保存的"), lambda viewer: Q(owner_id=viewer.user_id) if viewer.user_id else None),
        Rule("office", _("和所在单位共用的"), lambda viewer: _office_q(viewer)),
        Rule("role", _("和所任角色共用的"), lambda viewer: _role_q(viewer)),
    ]

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="worklist_name_unique",
                violation_error_message=_("您已经有一张叫这个名字的清单，请换一个名字"),
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(query=""),
                name="worklist_has_name_and_query",
                violation_error_message=_("清单要有名字，也要有条件"),
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=True) | Q(role=""),
                name="worklist_shared_once",
                violation_error_message=_("一张清单只能和单位共用，或者和角色共用"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        """Whether colleagues see it, too."""
        return self.organisation_id is not None or bool(self.role)


def _office_q(viewer: Viewer) -> Q | None:
    office = getattr(viewer.user, "organisation_id", None)
    return Q(organisation_id=office) if office else None


def _role_q(viewer: Viewer) -> Q | None:
    roles = {grant.role for grant in viewer.grants}
    return Q(role__in=roles) if roles else None
