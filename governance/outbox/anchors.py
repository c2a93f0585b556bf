"""Anchors: digests of seals noted outside the database. Whoever rewrites the whole trail cannot rewrite those.

A file holds one anchor a line as JSON, oldest first; lines are only ever added.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from governance.outbox.models import Seal

FILE = "liren-anchors.jsonl"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last seal there was at a moment."""

    at: str
    seal: int
    digest: str

    def as_line(self) -> str:
        """Return the line of the file."""
        return json.dumps({"at": self.at, "seal": self.seal, "digest": self.digest}, sort_keys=True)


class AnchorsUnreadable(ValueError):
    """A file of anchors holds a line that is none."""


def anchor_now(at: datetime) -> Anchor | None:
    """Return the anchor of this moment; None while nothing has been sealed. 1 SQL."""
    last = Seal.objects.order_by("-pk").values_list("pk", "digest").first()
    return Anchor(at.isoformat(), *last) if last is not None else None


def anchor_append(anchor: Anchor, folder: Path) -> None:
    """Add the anchor to the folder's file; on the disk when this returns. Raises `OSError`."""
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(anchor.as_line() + "\n")
        file.flush()
        os.fsync(file.fileno())


def anchors_read(file: Path) -> Iterator[Anchor]:
    """Yield the anchors of a file. Raises `OSError`, and `AnchorsUnreadable` naming the line."""
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                said = json.loads(line)
                yield Anchor(str(said["at"]), int(said["seal"]), str(said["digest"]))
            except (ValueError, KeyError, TypeError) as error:
                raise AnchorsUnreadable(f"{file}, line {number}: no anchor") from error
