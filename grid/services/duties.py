"""Writing the list of duties."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from grid.models import DutyItem
from grid.permissions import Capability

FIELDS = ("name", "name_en", "kind", "legal_basis", "note")


def duty_items_load(*, items: Iterable[DutyItem], actor: Viewer) -> int:
    """Create or update duties by their code, all or none; returns how many. Raises `DomainError` naming the duty."""
    require(actor, Capability.CHANGE_AREA, None)
    rows = list(items)
    for row in rows:
        try:
            row.clean_fields(exclude=["id"])
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            message = _("事项 %(code)s：%(fault)s") % {"code": row.code, "fault": messages[0]}
            raise DomainError(f"duty_item_{field}_invalid", message, field) from error
    with constraint_errors(), transaction.atomic():
        DutyItem.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=FIELDS)
    return len(rows)
