"""Writing the list of duties."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.outbox.services import publish
from governance.text import clean_text
from grid import events
from grid.models import CommunityList, DutyItem
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


def duty_item_sort(
    *, duty: DutyItem, community_list: str, legal_basis: str, note: str, actor: Viewer, at: datetime
) -> DutyItem:
    """Say what communities have to do with a duty ("" for nothing), by which text. Raises `DomainError`.

    What was sent meanwhile stays; what comes again is looked at anew (`rounds_send`).
    """
    require(actor, Capability.EDIT_DUTIES, None)
    basis, words = clean_text(legal_basis, multiline=False), clean_text(note, multiline=False)
    if community_list and community_list not in CommunityList.values:
        raise DomainError("list_unknown", _("社区清单只有依法履职、依法协助和负面清单"), field="community_list")
    if community_list and not basis:
        raise DomainError("basis_missing", _("放进清单要写依据"), field="legal_basis")
    with constraint_errors(), transaction.atomic():
        row: DutyItem = DutyItem.objects.select_for_update(no_key=True).get(pk=duty.pk)
        before = row.community_list
        row.community_list, row.legal_basis, row.note = community_list, basis[:300], words[:300]
        row.save(update_fields=["community_list", "legal_basis", "note"])
        if before != community_list:
            payload = {"code": row.code, "community_list": community_list}
            publish(events.DUTY_SORTED, subject=row, actor=actor, payload=payload, at=at)
    return row
