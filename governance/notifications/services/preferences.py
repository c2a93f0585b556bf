"""Writer of what people want to be told, and of what holds for everybody who has chosen nothing."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, constraint_errors
from governance.notifications.events import DEFAULTS_CHANGED, PREFERENCE_CHANGED
from governance.notifications.models import NoticePreference
from governance.notifications.permissions import Capability
from governance.notifications.registry import EMAIL, SMS, groups_for
from governance.notifications.services.messages import require_for
from governance.notifications.wishes import DIGEST, NEVER
from governance.outbox.services import publish

WAYS = {EMAIL: {DIGEST, NEVER}, SMS: {NEVER}}


def preference_save(
    *,
    user: User,
    choices: Mapping[str, Mapping[str, str]],
    quiet_from: time | None,
    quiet_until: time | None,
    digest_at: time,
    actor: Viewer,
    at: datetime,
) -> NoticePreference:
    """Keep what a person has chosen: {group: {channel: way}}; "at_once" is what holds without a choice.

    Raises `Forbidden` for anybody else's choices and `DomainError` with the field: half a span of quiet hours, a
    group that the person has nothing to choose in, a way that a channel does not have, a digest without a mailbox.
    """
    if actor.user_id != user.pk:
        raise Forbidden("others_choices", _("提醒方式只能本人改"))
    kept: dict[str, dict[str, str]] = {}
    open_to = {group.key: group for group in groups_for(user.kind) if not group.fixed}
    for group, ways in choices.items():
        for channel, way in ways.items():
            if way == "at_once":
                continue
            if group not in open_to or way not in WAYS.get(channel, set()):
                raise DomainError("choice_unknown", _("没有这个选项"), field=field_of(group, channel))
            if way == DIGEST and not user.email:
                message = _("汇总是发邮件的，请先登记邮箱")
                raise DomainError("digest_needs_email", message, field=field_of(group, channel))
            kept.setdefault(group, {})[channel] = way
    return _save(PREFERENCE_CHANGED, user, kept, quiet_from, quiet_until, digest_at, actor, at)


def preference_defaults_save(
    *, quiet_from: time | None, quiet_until: time | None, digest_at: time, actor: Viewer, at: datetime
) -> NoticePreference:
    """Set the hours for everybody who has chosen nothing. Raises as `preference_save`."""
    require_for(actor, Capability.EDIT_TEMPLATE, "")
    return _save(DEFAULTS_CHANGED, None, {}, quiet_from, quiet_until, digest_at, actor, at)


def field_of(group: str, channel: str) -> str:
    """Name of the form's field for a group and channel."""
    return f"{group}/{channel}"


def _save(
    event: Any,
    user: User | None,
    choices: dict[str, dict[str, str]],
    quiet_from: time | None,
    quiet_until: time | None,
    digest_at: time,
    actor: Viewer,
    at: datetime,
) -> NoticePreference:
    if (quiet_from is None) != (quiet_until is None):
        missing = "quiet_from" if quiet_from is None else "quiet_until"
        raise DomainError("quiet_half", _("安静时间要有起有止；都空着，就是没有安静时间"), field=missing)
    if quiet_from is not None and quiet_from == quiet_until:
        raise DomainError("quiet_empty", _("起和止是同一刻。不要安静时间，就都空着"), field="quiet_until")
    with constraint_errors(), transaction.atomic():
        row, _created = NoticePreference.objects.update_or_create(
            user=user,
            defaults={
                "choices": choices,
                "quiet_from": quiet_from,
                "quiet_until": quiet_until,
                "digest_at": digest_at,
                "changed_at": at,
            },
        )
        publish(event, subject=row, actor=actor, payload={}, at=at)
    return row
