"""The only writer of the portal's names."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError
from governance.outbox.services import publish
from governance.text import clean_text
from grid.district import district_code
from grid.features import AreaDraft
from grid.permissions import Capability
from grid.services import areas_enter
from setup_wizard import events
from setup_wizard.models import PortalProfile
from setup_wizard.selectors.profile import FIELDS, profile_forget

HOTLINES_MAX = 4


def profile_set(*, values: Mapping[str, Any], actor: Viewer, at: datetime) -> PortalProfile:
    """Say whose portal this is. `place` is the district's name, which the territory then carries, too.

    Raises `Forbidden` for who may not change the district, `DomainError` with the field for a name missing or too
    long, and for more than four telephone numbers.
    """
    code = district_code()
    require(actor, Capability.CHANGE_AREA, Scope(code))
    cleaned = {name: _cleaned(values.get(name, "")) for name in FIELDS}
    for name, told in (("place", _("请写区的名称")), ("operator", _("请写主办单位"))):
        if not cleaned[name]:
            raise DomainError("name_required", told, field=name)
    if len(cleaned["hotlines"]) > HOTLINES_MAX:
        raise DomainError("too_many_hotlines", _("电话最多四个"), field="hotlines")
    with transaction.atomic():
        row = PortalProfile.objects.select_for_update().filter(pk=PortalProfile.ROW).first()
        before = {name: getattr(row, name) for name in FIELDS} if row else {}
        row = row or PortalProfile()
        for name in FIELDS:
            setattr(row, name, cleaned[name])
        row.updated_at = at
        try:
            row.clean_fields()
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            raise DomainError("invalid", " ".join(messages), field=field) from error
        changed = sorted(name for name in FIELDS if before.get(name) != cleaned[name])
        if not changed:
            return row
        row.save()
        areas_enter(
            drafts=[AreaDraft(code=code, name=row.place, name_en=row.place_en)],
            actor=actor,
            at=at,
        )
        payload = {"fields": changed}
        publish(events.PROFILE_CHANGED, subject=events.PROFILE, actor=actor, payload=payload, at=at)
        transaction.on_commit(profile_forget)
    return row


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value, multiline=False)
    return [{name: clean_text(text, multiline=False) for name, text in line.items()} for line in value]
