"""Whether `manage.py prepare` has anything to do: its three seconds are a third of a second start."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from governance.embedded.places import Places
from governance.embedded.postgres import Cluster

SKIPPED = {"tests", "bench", "docs", "node_modules", "__pycache__"}


class Preparation:
    """What this release would prepare, and what the cluster was last prepared for.

    The note lies among the cluster's files, so that a new or dropped database is always prepared again. A database of
    somebody's own carries no note and is prepared at every start.
    """

    def __init__(self, places: Places, cluster: Cluster | None, demo: str) -> None:
        self.places = places
        self.note = cluster.data / "liren-prepared" if cluster else None
        self.demo = demo

    def fingerprint(self) -> str:
        """Changes whenever a source, a static file or the lock does, by name, size and time of change."""
        lines = [f"demo {self.demo}", self.vendor_stamp()]
        for path in source_files(self.places.root):
            state = path.stat()
            lines.append(f"{path} {state.st_size} {state.st_mtime_ns}")
        return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()

    def vendor_stamp(self) -> str:
        """What scripts/build_assets.py noted about the third-party files."""
        stamp = self.places.var / "vendor" / "STAMP"
        return stamp.read_text(encoding="ascii") if stamp.exists() else ""

    def done(self) -> bool:
        """Whether the database and the static files are those of this release already."""
        collected = self.places.var / "static" / ".collected"
        if not self.note or not self.note.exists() or not collected.exists():
            return False
        return self.note.read_text(encoding="ascii") == self.fingerprint()

    def forget(self) -> None:
        """Before anything that may leave the database half prepared."""
        if self.note:
            self.note.unlink(missing_ok=True)

    def remember(self, fingerprint: str) -> None:
        """After a successful preparation; `fingerprint` was taken before it began."""
        if self.note:
            self.note.write_text(fingerprint, encoding="ascii")


def source_files(root: Path) -> Iterator[Path]:
    """Files that migrations, capabilities, static files and the demo come from, in a stable order."""
    yield root / "requirements" / "runtime.txt"
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name not in SKIPPED and not name.startswith(".") and name != "var")
        for name in sorted(files):
            path = Path(folder, name)
            if name.endswith((".py", ".json", ".csv", ".txt", ".geojson")) or "static" in path.relative_to(root).parts:
                yield path
