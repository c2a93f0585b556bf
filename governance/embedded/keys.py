"""Secrets of an installation: made once, kept in var/secrets.json for the owner alone."""

import base64
import json
import os
import secrets
from pathlib import Path


def installation_keys(path: Path) -> dict[str, str]:
    """Return SECRET_KEY and FIELD_KEYS, making them at the first call.

    Without this file the encrypted columns of the database cannot be read: it belongs into a backup of its own.
    """
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    made = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
    write_private(path, json.dumps(made, indent=2) + "\n")
    return made


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
