"""The only writers of organisations."""

from datetime import datetime
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError, Forbidden, constraint_errors
from governance.organisations import events
from governance.organisations.models import Organisation, OrganisationKind
from governance.organisations.permissions import Capability
from governance.outbox.services import publish
from governance.refs import ref_of

CHANGEABLE = frozenset(
    {"name", "name_en", "short_name", "short_name_en", "phone", "hours", "hours_en", "parent", "is_active"}
)


class Actor(Protocol):
    """Whoever acts; `governance.access.Viewer` is one (access stands above organisations)."""

    @property
    def user_id(self) -> int | None:
        """Primary key of the person, None when nobody is signed in."""

    @property
    def kind(self) -> str:
        """What sort of actor it is, for the trail."""

    def holds_in(self, capability: str, area_code: str) -> bool:
        """Whether the capability is held for what lies in this area."""


def organisation_create(
    *,
    kind: OrganisationKind,
    name: str,
    short_name: str,
    area_code: str,
    actor: Actor,
    at: datetime,
    name_en: str = "",
    short_name_en: str = "",
    parent: Organisation | None = None,
    phone: str = "",
    hours: str = "",
    hours_en: str = "",
) -> Organisation:
    """Make an organisation. `area_code` says which part of the district it serves and never changes afterwards.

    Raises `Forbidden` for who may not do so in that area, `DomainError` with the field for a taken name, a code of no
    level or a text too long.
    """
    _require(actor, area_code)
    organisation = Organisation(
        kind=kind,
        name=name.strip(),
        name_en=name_en.strip(),
        short_name=short_name.strip(),
        short_name_en=short_name_en.strip(),
        area_code=area_code,
        parent=parent,
        phone=phone.strip(),
        hours=hours.strip(),
        hours_en=hours_en.strip(),
    )
    _clean(organisation)
    with constraint_errors(), transaction.atomic():
        organisation.save(force_insert=True)
        publish(
            events.ORGANISATION_CREATED,
            subject=ref_of(organisation),
            actor=actor,
            area_code=organisation.area_code,
            payload={"kind": organisation.kind, "parent_id": parent.pk if parent else None},
            at=at,
        )
    return organisation


def organisation_change(*, organisation: Organisation, actor: Actor, at: datetime, **changes: Any) -> Organisation:
    """Change names, telephone, hours or parent, or close it (`is_active=False`). Nothing changed, nothing written.

    Raises as `organisation_create` does, and `TypeError` for a field that never changes.
    """
    _require(actor, organisation.area_code)
    unknown = changes.keys() - CHANGEABLE
    if unknown:
        raise TypeError(f"An organisation's {', '.join(sorted(unknown))} cannot be changed.")
    with constraint_errors(), transaction.atomic():
        locked = Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=organisation.pk)
        changed = sorted(field for field, value in changes.items() if getattr(locked, field) != value)
        if not changed:
            return locked
        for field in changed:
            setattr(locked, field, changes[field])
        _clean(locked)
        locked.save(update_fields=changed)
        publish(
            events.ORGANISATION_CHANGED,
            subject=ref_of(locked),
            actor=actor,
            area_code=locked.area_code,
            payload={"fields": changed},
            at=at,
        )
    return locked


def _require(actor: Actor, area_code: str) -> None:
    if not actor.holds_in(Capability.EDIT_ORGANISATION, area_code):
        raise Forbidden("forbidden", _("您的角色不能改这里的单位。如果工作需要，请找管理员授权。"))


def _clean(organisation: Organisation) -> None:
    try:
        organisation.clean_fields(exclude={"parent"})
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError("invalid", " ".join(messages), field=field) from error
