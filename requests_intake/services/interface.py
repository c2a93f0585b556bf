"""A program hands a request in: the same filing as on the pages, answered the same when the call comes twice."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState
from requests_intake.models import Channel, InterfaceEntry
from requests_intake.services.submission import Submission, Submitted, filed_once, request_file
from requests_intake.services.triage import request_accept

INTERFACE_CHANNELS = (Channel.HOTLINE, Channel.PHONE, Channel.COUNTER)


def submission_key(*, actor: Viewer, key: str) -> str:
    """The key under which a call is filed: the caller's own word, told apart from the same word of other callers."""
    return hashlib.sha256(f"interface:{actor.user_id}:{key}".encode()).hexdigest()


def request_receive(
    *, submission: Submission, body_digest: str, accept: bool, actor: Viewer, at: datetime
) -> Submitted:
    """File what a program sends and, if wanted, accept it in the same go; sent again, it returns the first request.

    `body_digest` tells whether it is the same call: another body under the same key raises `StaleState`. Raises
    `DomainError` with the field and `Forbidden` as `request_submit` and `request_accept` do; then nothing is filed.
    """
    if submission.channel not in INTERFACE_CHANNELS:
        raise DomainError("channel_unknown", _("没有这种来源"), field="channel")
    with filed_once(submission.submission_key) as filed, transaction.atomic():
        filed.result = request_file(submission=submission, actor=actor, at=at)
        InterfaceEntry.objects.create(request=filed.result.request, body_digest=body_digest)
        if accept:
            request_accept(request=filed.result.request, category=None, actor=actor, at=at)
    submitted = filed.result
    if submitted.is_repeat:
        entry = InterfaceEntry.objects.filter(request=submitted.request).first()
        if entry is None or entry.body_digest != body_digest:
            raise StaleState("key_reused", _("这个 Idempotency-Key 已经用来登记过另一件事，请换一个"))
    return submitted
