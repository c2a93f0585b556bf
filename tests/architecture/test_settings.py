"""The settings of a real office."""

import base64
import os
import subprocess
import sys

import pytest

from tests.architecture.tree import ROOT

OFFICE = {
    "DJANGO_SETTINGS_MODULE": "governance.settings.production",
    "SECRET_KEY": "".join(chr(33 + (7 * n) % 90) for n in range(64)),
    "FIELD_KEYS": base64.urlsafe_b64encode(bytes(range(32))).decode(),
    "DATABASE_URL": "postgresql://liren@localhost/liren",
    "REDIS_URL": "redis://localhost:6379/0",
    "ALLOWED_HOSTS": "liren.example",
    "PATH": os.environ.get("PATH", ""),
}
if sys.pycache_prefix:  # where this run has compiled the sources already
    OFFICE["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix


def _manage(*arguments: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in (OFFICE | changes).items() if value is not None}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_deployment_check_is_clean():
    """Rule: `check --deploy` finds nothing under the production settings. Reason: an office copies them as they are."""
    result = _manage("check", "--deploy", "--fail-level", "INFO")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "no issues" in result.stdout
    # guardian.W001: its back end is left out on purpose, `visible_to` reads its rows
    assert "(1 silenced)" in result.stdout


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS", "DATABASE_URL", "REDIS_URL"])
def test_a_missing_setting_is_explained(name: str):
    """Rule: a missing variable stops the start with a paragraph that says what it is for.

    Reason: whoever reads it is an office's only technician, at night.
    """
    result = _manage("check", **{name: None})
    assert result.returncode != 0
    complaint = result.stderr.rsplit(f"{name} is not set.", 1)
    assert len(complaint) == 2, result.stderr[-500:]
    assert len(complaint[1].strip()) > 60


def test_no_demo_in_an_office():
    """Rule: the production settings switch the demo off whatever the environment says. Reason: it has known logins."""
    result = _manage(
        "shell", "-c", "from django.conf import settings; print('demo', settings.LIREN_DEMO)", LIREN_DEMO="1"
    )
    assert "demo False" in result.stdout, result.stdout + result.stderr
