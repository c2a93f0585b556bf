"""Proving the trail and noting its digests outside: each leaves a row here, a row in the trail, and an alarm if bad."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from time import monotonic, time

from django.conf import settings
from django.db import transaction

from governance.access.viewer import SYSTEM, Viewer
from governance.audit import events
from governance.audit.models import TrailAnchor, TrailCheck
from governance.jobs.models import Job
from governance.jobs.services import job_start
from governance.notifications.posting import encoded, post
from governance.notifications.sms import signature
from governance.outbox.anchors import FILE, Anchor, AnchorsUnreadable, anchor_append, anchor_now, anchors_read
from governance.outbox.services import publish
from governance.outbox.verifying import verify

CHECK_KIND = "audit.check"
WEBHOOK_TIMEOUT = 10.0  # seconds


def check_start(*, actor: Viewer, at: datetime) -> Job:
    """Have the whole trail proved by a worker. Whether the actor may is the caller's question."""
    return job_start(kind=CHECK_KIND, params={}, actor=actor, at=at)


def trail_check(*, actor: Viewer, at: datetime) -> TrailCheck:
    """Prove every seal and every row, against the anchors of this server's own file, too, and keep what was found.

    Reads some 30,000 rows a second. A broken trail alarms those who review it.
    """
    began = monotonic()
    anchors, unreadable = _own_anchors()
    verdict = verify(anchors=anchors)
    broken = verdict.broken
    with transaction.atomic():
        made = TrailCheck.objects.create(
            at=at,
            seals=verdict.seals,
            rows=verdict.rows,
            unsealed=verdict.unsealed,
            anchors=len(anchors),
            last_digest=verdict.last_digest,
            is_whole=broken is None and not unreadable,
            table=broken.kind if broken else "",
            row=broken.row if broken else None,
            seal=broken.seal if broken else None,
            problem=broken.problem if broken else unreadable,
            seconds=round(monotonic() - began),
        )
        said = {"check_id": made.pk, "rows": verdict.rows, "seals": verdict.seals, "is_whole": made.is_whole}
        publish(events.TRAIL_CHECKED, subject=events.TRAIL, actor=actor, at=at, payload=said)
        if not made.is_whole:
            place = {"check_id": made.pk, "table": made.table, "row": made.row, "seal": made.seal}
            publish(events.TRAIL_BROKEN, subject=events.TRAIL, actor=SYSTEM, at=at, payload=place)
    return made


def _own_anchors() -> tuple[list[Anchor], str]:
    """The anchors of this server's file, and what is wrong with it."""
    folder = settings.TRAIL_ANCHORS
    file = Path(folder) / FILE if folder else None
    if file is None or not file.exists():
        return [], ""
    try:
        return list(anchors_read(file)), ""
    except (OSError, AnchorsUnreadable):
        return [], "the file of anchors cannot be read"


def trail_anchor(*, at: datetime) -> TrailAnchor | None:
    """Note the digest of the last seal outside the database: in the file, and at the webhook if there is one.

    None while nothing is sealed. What fails is written down and alarms those who review the trail.
    """
    anchor = anchor_now(at)
    if anchor is None:
        return None
    failed = [name for name, note in (("file", _to_file), ("webhook", _to_webhook)) if not note(anchor)]
    with transaction.atomic():
        made = TrailAnchor.objects.create(at=at, seal=anchor.seal, digest=anchor.digest, failed=failed)
        said = {"seal": anchor.seal, "failed": failed}
        publish(events.TRAIL_ANCHORED, subject=events.TRAIL, actor=SYSTEM, at=at, payload=said)
        if failed:
            publish(events.ANCHOR_FAILED, subject=events.TRAIL, actor=SYSTEM, at=at, payload=said)
    return made


def _to_file(anchor: Anchor) -> bool:
    if not settings.TRAIL_ANCHORS:
        return True
    try:
        anchor_append(anchor, Path(settings.TRAIL_ANCHORS))
    except OSError:
        return False
    return True


def _to_webhook(anchor: Anchor) -> bool:
    """POST the anchor as JSON, signed like messages to the SMS gateway, once: tomorrow's anchor covers today's."""
    if not settings.TRAIL_ANCHOR_URL:
        return True
    body, moment = encoded(json.loads(anchor.as_line())), str(int(time()))
    headers = {
        "Idempotency-Key": hashlib.sha256(body).hexdigest(),
        "X-Liren-Timestamp": moment,
        "X-Liren-Signature": signature(settings.TRAIL_ANCHOR_SECRET, moment, body),
    }
    try:
        post(settings.TRAIL_ANCHOR_URL, body, headers=headers, timeout=WEBHOOK_TIMEOUT)
    except (OSError, ValueError):
        return False
    return True
