"""代录: a clerk takes down what somebody says at the counter or on the phone. What was typed is kept on the server."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState
from requests_intake.models import Channel, Draft, ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.services.drafts import LIFETIME, draft_update, recording_in
from requests_intake.services.submission import Submission, Submitted, request_submit, token_digest
from requests_intake.services.triage import request_accept, request_answer_directly

ENTRY_CHANNELS = (Channel.PHONE, Channel.COUNTER)


def entry_keep(*, key: str, changes: Mapping[str, Any], actor: Viewer, at: datetime) -> Draft:
    """Keep what the clerk typed so far under the key of the entry; begins it at the first word. Lives for seven days.

    Raises `StaleState` when the entry was saved a moment ago, `Forbidden` for somebody else's.
    """
    _check_clerk(actor)
    with transaction.atomic():
        if ServiceRequest.objects.filter(submission_key=key).exists():
            raise StaleState("entry_filed", _("这一件已经登记好了"))
        draft, _created = Draft.objects.get_or_create(
            token_digest=token_digest(key),
            defaults={
                "data": {"submission_key": key},
                "clerk_id": actor.user_id,
                "created_at": at,
                "updated_at": at,
                "expires_at": at + LIFETIME,
            },
        )
        if draft.clerk_id != actor.user_id:
            raise Forbidden("not_your_entry", _("这份登记是别人的"))
        return draft_update(draft=draft, changes=changes, at=at)


def entry_drop(*, key: str, actor: Viewer) -> int:
    """Throw away an entry that was not saved; its photos expire by themselves. Returns how many: 0 or 1."""
    return Draft.objects.filter(token_digest=token_digest(key), clerk_id=actor.user_id).delete()[0]


def entry_submit(*, submission: Submission, accept: bool, actor: Viewer, at: datetime, answer: str = "") -> Submitted:
    """File what the clerk took down and, if wanted, accept or answer it in the same go; the draft's photos go along.

    Saved twice, it files once. Raises `DomainError` with the field as the services of each step do; then
    nothing is filed and the draft is as it was.
    """
    _check_clerk(actor)
    if submission.channel not in ENTRY_CHANNELS:
        raise DomainError("channel_unknown", _("请选：是来窗口的，还是打电话来的"), field="channel")
    with transaction.atomic():
        draft = (
            Draft.objects.select_for_update(no_key=True)
            .filter(token_digest=token_digest(submission.submission_key), clerk_id=actor.user_id)
            .first()
        )
        if draft is not None:
            photos = tuple(UUID(pk) for pk in draft.data.get("photos", []))
            submission = replace(submission, file_ids=photos, recording_id=recording_in(draft.data))
        submitted = request_submit(submission=submission, actor=actor, at=at)
        if accept and not submitted.is_repeat:
            request_accept(request=submitted.request, category=submitted.request.category, actor=actor, at=at)
        if answer.strip() and not submitted.is_repeat:
            request_answer_directly(request=submitted.request, text=answer, actor=actor, at=at)
        if draft is not None:
            draft.delete()
    return submitted


def _check_clerk(actor: Viewer) -> None:
    if actor.user_id is None or not actor.can(Capability.ENTER_REQUEST):
        raise Forbidden("forbidden", _("您的角色不能代为登记。如果工作需要，请找管理员授权。"))
