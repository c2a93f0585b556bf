"""Making a backup and restoring one: the order in which things happen, and what is compared."""

import base64
import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from governance.backup import archive, database, media
from governance.backup.archive import Refused
from governance.outbox.models import Seal
from governance.outbox.verifying import Verdict, verify
from governance.privacy.keys import key_ids


@dataclass(frozen=True, slots=True)
class Report:
    """What was saved or restored."""

    folder: Path
    tables: int
    rows: int
    files: int
    verdict: Verdict | None = None


def backup(folder: Path, *, programs: Path, at: datetime, keys_folder: Path | None = None) -> Report:
    """Save database and media into a new folder below `folder`; the keys, if at all, into another place.

    The database first: a photo too many does no harm, one too few does. What was not finished is called `.part` and
    is no backup. Raises `Refused`.
    """
    os.umask(0o077)
    made = folder.resolve() / f"liren-{at:%Y%m%d-%H%M%S}"
    if keys_folder is not None and keys_folder.resolve().is_relative_to(folder.resolve()):
        raise Refused("Keys lie apart: whoever has them and the backup can read everything. Name another folder.")
    if made.exists():
        raise Refused(f"{made} is there already.")
    part = made.with_name(made.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    tables = database.dump(part / archive.DUMP, programs=programs)
    kept = media.pack(part / archive.MEDIA, part / archive.MEDIA_LIST)
    last = Seal.objects.order_by("-pk").values_list("pk", "digest").first()
    content = {"at": at.isoformat(), "tables": tables, "media": kept, "seal": list(last) if last else None}
    archive.manifest_write(part, content)
    part.rename(made)
    if keys_folder is not None:
        _keys_write(keys_folder, at)
    return Report(made, len(tables), sum(rows for rows, _digest in tables.values()), kept["files"])


def restore(folder: Path, *, programs: Path) -> Report:
    """Fill the empty database and the empty storage that the settings name, and compare everything. Raises `Refused`.

    The trail is proved at the end, and the last seal of the backup must be in it.
    """
    manifest = archive.manifest_read(folder)
    archive.keys_check(manifest)
    database.empty_check()
    media.empty_check()
    database.load(folder / archive.DUMP, programs=programs)
    files = media.unpack(folder / archive.MEDIA, folder / archive.MEDIA_LIST)
    tables = database.tables_now()
    if found := list(archive.differences(manifest["tables"], tables)):
        raise Refused("The restored database differs from what was saved:\n" + "\n".join(found))
    verdict = verify(manifest["seal"][1] if manifest["seal"] else "")
    if verdict.broken is not None:
        raise Refused(f"Everything is as it was saved, but the trail is broken. {verdict.broken}")
    return Report(folder, len(tables), sum(rows for rows, _digest in tables.values()), files, verdict)


def _keys_write(folder: Path, at: datetime) -> None:
    """Write the keys in the form of `.env`, for this account's eyes only."""
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    file = folder / f"liren-keys-{at:%Y%m%d-%H%M%S}.env"
    keys = ",".join(base64.urlsafe_b64encode(key).decode() for key in settings.FIELD_KEYS)
    file.touch(mode=0o600)
    file.write_text(
        f"# Keys {', '.join(key_ids())}; whoever has them and a backup can read everything.\n"
        f"FIELD_KEYS={keys}\nSECRET_KEY={settings.SECRET_KEY}\n",
        encoding="utf-8",
    )
