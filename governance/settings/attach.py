"""Lets `manage.py` in a second terminal find the servers that a running supervisor started."""

import json
import os
from pathlib import Path


def attach() -> None:
    """Fill missing environment variables from var/run/embedded.json, if a supervisor wrote it."""
    root = Path(__file__).resolve().parents[2]
    state = Path(os.environ.get("LIREN_VAR_DIR", root / "var")) / "run" / "embedded.json"
    if state.exists():
        for name, value in json.loads(state.read_text(encoding="utf-8"))["environment"].items():
            os.environ.setdefault(name, value)
