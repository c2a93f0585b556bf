"""The only writer of which matter of the standard belongs to which category."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of
from grid.models import CodeItem, CodeKind
from requests_intake import events
from requests_intake.models import Category, CategoryMatter
from requests_intake.permissions import Capability
from requests_intake.services.office import require_office

LEAF = 3


def category_matter_tie(*, category: Category, item: CodeItem | None, actor: Viewer, at: datetime) -> CategoryMatter:
    """Say that what the standard calls `item` is filed under this category; said again it stays.

    Raises `DomainError` on "item" for none, a component or a class, a code that leads to another category already, and
    for a category that is no item of the third level.
    """
    require_office(actor, Capability.EDIT_CATALOGUE)
    if item is None or item.kind != CodeKind.MATTER or len(item.code) != 5:
        raise DomainError("matter_unknown", _("请选一个事项代码，五位数字的"), field="item")
    if category.level != LEAF:
        raise DomainError("not_leaf", _("代码归在三级事项下面，请选下一级"), field="item")
    with constraint_errors(), transaction.atomic():
        known = CategoryMatter.objects.select_for_update(of=("self",)).select_related("category").filter(item=item)
        if (tie := known.first()) is not None:
            if tie.category_id == category.pk:
                return tie
            message = _("%(code)s 已经归在“%(category)s”，要换，先从那里去掉")
            names = {"code": item.code, "category": tie.category.label}
            raise DomainError("matter_tied", message % names, field="item")
        tie = CategoryMatter.objects.create(category=category, item=item, tied_at=at, tied_by=actor.staff_user)
        payload = {"code": category.code, "matter": item.code}
        publish(events.CATEGORY_TIED, subject=ref_of(category), actor=actor, payload=payload, at=at)
    return tie


def category_matter_untie(*, category: Category, tie_id: int, actor: Viewer, at: datetime) -> bool:
    """Let a code lead nowhere again; whether it led here. What was filed by it stays where it is."""
    require_office(actor, Capability.EDIT_CATALOGUE)
    with transaction.atomic():
        tie = CategoryMatter.objects.select_related("item").filter(category=category, pk=tie_id).first()
        if tie is None:
            return False
        tie.delete()
        payload = {"code": category.code, "matter": tie.item.code}
        publish(events.CATEGORY_UNTIED, subject=ref_of(category), actor=actor, payload=payload, at=at)
    return True
