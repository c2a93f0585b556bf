"""Has recordings encoded anew, each by a program of its own that gets no environment and no more than it needs."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from governance.access.viewer import SYSTEM
from governance.files import transcoding
from governance.files.events import RECORDING_FAILED
from governance.files.models import Recording, RecordingFault, RecordingKind, RecordingState
from governance.outbox.services import publish

log = structlog.get_logger(__name__)

LONGEST = 300  # seconds on the clock; the program itself ends after 240 of processor time
CLAIM = timedelta(minutes=10)  # longer than any attempt may take
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Made:
    """What the program said: the file it wrote, or a fault."""

    told: dict[str, Any]
    path: Path


def recordings_waiting(*, at: datetime) -> list[UUID]:
    """Return the recordings that no worker seems to have, oldest first."""
    free = Q(claimed_at=None) | Q(claimed_at__lt=at - CLAIM)
    waiting = Recording.objects.filter(free, state=RecordingState.WAITING)
    return list(waiting.order_by("created_at", "pk").values_list("pk", flat=True)[:20])


def recording_prepare(*, recording_id: UUID, clock: Callable[[], datetime]) -> Recording | None:
    """Encode one recording anew and keep it, or say what is wrong with it; None where there is nothing to do.

    Safe to call again at any time. The work is done outside a transaction, so that nobody waits for a lock; what was
    uploaded is deleted as soon as the outcome is known. An attempt that killed its worker is repeated twice at most.
    """
    row = _claimed(recording_id, clock())
    if row is None or row.state != RecordingState.WAITING:
        return row
    with TemporaryDirectory(prefix="recording-") as folder:
        made = _encoded(row, Path(folder))
        if "fault" not in made.told:
            with made.path.open("rb") as file:
                default_storage.delete(row.path)  # of an attempt that was cut short
                default_storage.save(row.path, File(file))
        return _kept(row, made, clock())


def _claimed(recording_id: UUID, at: datetime) -> Recording | None:
    with transaction.atomic():
        rows = Recording.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        row = rows.filter(pk=recording_id, state=RecordingState.WAITING).first()
        if row is None or (row.claimed_at is not None and row.claimed_at > at - CLAIM):
            return None
        row.attempts, row.claimed_at = row.attempts + 1, at
        if row.attempts > ATTEMPTS:
            return _failed(row, RecordingFault.BROKEN, at)
        row.save(update_fields=["attempts", "claimed_at"])
    return row


def _encoded(row: Recording, folder: Path) -> Made:
    source, target = folder / "in", folder / "out.mp4"
    try:
        with default_storage.open(row.raw_path) as raw, source.open("wb") as file:
            shutil.copyfileobj(raw, file)
    except FileNotFoundError:
        return Made({"fault": RecordingFault.BROKEN}, target)
    command = [
        sys.executable,
        "-I",
        transcoding.__file__,
        "in",
        "out.mp4",
        row.demuxer,
        str(settings.RECORDING_SECONDS),
    ]
    try:
        done = subprocess.run(  # noqa: S603  our own program; the file's name and content are no part of the command
            command, cwd=folder, env={}, capture_output=True, timeout=LONGEST, check=False
        )
        told = json.loads(done.stdout) if done.returncode == 0 else {"fault": RecordingFault.BROKEN}
    except (subprocess.TimeoutExpired, ValueError):
        told = {"fault": RecordingFault.TOO_LARGE}
    if "fault" in told:
        log.info("recording_refused", recording_id=str(row.pk), fault=str(told["fault"]), size=source.stat().st_size)
    return Made(told, target)


def _kept(row: Recording, made: Made, at: datetime) -> Recording | None:
    with transaction.atomic():
        locked = Recording.objects.select_for_update(of=("self",), no_key=True).filter(pk=row.pk).first()
        if locked is None:  # deleted meanwhile
            transaction.on_commit(lambda: default_storage.delete(row.path))
            return None
        if "fault" in made.told:
            fault = made.told["fault"]
            return _failed(locked, fault if fault in RecordingFault.values else RecordingFault.BROKEN, at)
        data = made.path.read_bytes()
        locked.kind = RecordingKind(made.told["kind"])
        locked.seconds = max(1, round(made.told["seconds"]))
        locked.width, locked.height = made.told["width"], made.told["height"]
        locked.size, locked.sha256 = len(data), hashlib.sha256(data).hexdigest()
        locked.state = RecordingState.READY
        locked.save(update_fields=["kind", "seconds", "width", "height", "size", "sha256", "state"])
        transaction.on_commit(lambda: default_storage.delete(row.raw_path))
    return locked


def _failed(row: Recording, fault: str, at: datetime) -> Recording:
    row.state, row.fault = RecordingState.FAILED, fault
    row.save(update_fields=["state", "fault", "attempts", "claimed_at"])
    transaction.on_commit(lambda: default_storage.delete(row.raw_path))
    if row.owner_ref:  # whoever still fills in the draft sees it on the page
        publish(RECORDING_FAILED, subject=row.owner_ref, actor=SYSTEM, payload={"fault": str(fault)}, at=at)
    return row
