"""A program hands a request in: the same filing as on the pages, answered the same when the call comes twice."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState
from requests_intake.models import Channel, InterfaceEntry, UpstreamOrder, UpstreamSource
from requests_intake.numbers import grouped
from requests_intake.permissions import Capability
from requests_intake.services.submission import Submission, Submitted, filed_once, request_file
from requests_intake.services.triage import request_accept

INTERFACE_CHANNELS = (Channel.HOTLINE, Channel.PHONE, Channel.COUNTER)


def submission_key(*, actor: Viewer, key: str) -> str:
    """The key under which a call is filed: the caller's own word, told apart from the same word of other callers."""
    return hashlib.sha256(f"interface:{actor.user_id}:{key}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class UpstreamNumber:
    """Under which number an upstream system knows the order: the same one by a table or by the interface is one."""

    source_key: str
    upstream_no: str
    case_no: str = ""


def request_receive(
    *,
    submission: Submission,
    body_digest: str,
    accept: bool,
    actor: Viewer,
    at: datetime,
    upstream: UpstreamNumber | None = None,
) -> Submitted:
    """File what a program sends and, if wanted, accept it in the same go; sent again, it returns the first request.

    `body_digest` tells whether it is the same call: another body under the same key raises `StaleState`, and so does
    an upstream number that is known already, by whatever way it came. Raises `DomainError` with the field and
    `Forbidden` as `request_submit` and `request_accept` do; then nothing is filed.
    """
    if submission.channel not in INTERFACE_CHANNELS:
        raise DomainError("channel_unknown", _("没有这种来源"), field="channel")
    with filed_once(submission.submission_key) as filed, transaction.atomic():
        source = _source_lock(upstream, actor) if upstream is not None else None
        filed.result = request_file(submission=submission, actor=actor, at=at)
        InterfaceEntry.objects.create(request=filed.result.request, body_digest=body_digest)
        if upstream is not None and source is not None:
            UpstreamOrder.objects.create(
                request=filed.result.request,
                source=source,
                upstream_no=upstream.upstream_no,
                case_no=upstream.case_no,
                due_at=submission.promised_at,
            )
        if accept:
            request_accept(request=filed.result.request, category=None, actor=actor, at=at)
    submitted = filed.result
    if submitted.is_repeat:
        entry = InterfaceEntry.objects.filter(request=submitted.request).first()
        if entry is None or entry.body_digest != body_digest:
            raise StaleState("key_reused", _("这个 Idempotency-Key 已经用来登记过另一件事，请换一个"))
    return submitted


def _source_lock(upstream: UpstreamNumber, actor: Viewer) -> UpstreamSource:
    """Return the source of a new number, locked as a table's filing locks it; refuse a number that is known."""
    sources = UpstreamSource.objects.select_for_update(no_key=True)
    source = sources.filter(key=upstream.source_key, is_active=True).first()
    if source is None:
        raise DomainError("source_unknown", _("没有这个上级来源"), field="upstream_source")
    require(actor, Capability.IMPORT_ORDERS, source)
    known = UpstreamOrder.objects.filter(source=source, upstream_no=upstream.upstream_no).select_related("request")
    if (order := known.first()) is not None:
        number = grouped(order.request.number)
        raise StaleState("upstream_known", _("这个上级编号已经登记为 %(number)s") % {"number": number})
    return source
