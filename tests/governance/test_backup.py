"""A backup of a filled stack, restored into an empty place by the command itself, and what refuses to."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings as configured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from governance.backup.archive import DUMP, MEDIA_LIST, Refused, differences, keys_check, manifest_read, old_remove
from governance.backup.database import tables_now
from governance.privacy.keys import decrypt
from requests_intake.models import RequesterContact
from requests_intake.services.handling import contact_reveal
from tests.governance.outbox_tools import seal_settled
from tests.requests_intake.conftest import committed_world  # noqa: F401
from tests.requests_intake.walk import to_state

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sealing]
ROOT = Path(configured.BASE_DIR)
PHOTO, NOTE = b"\xff\xd8 not really a picture", b"a note"


@pytest.fixture
def stored(settings, tmp_path):
    """A storage of this test's own, with files in folders."""
    where = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"default": where}
    default_storage.save("images/ab/photo.jpg", ContentFile(PHOTO))
    default_storage.save("note.txt", ContentFile(NOTE))


@pytest.fixture
def empty():
    """The address of an empty database beside this test's."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template1')
    known = connection.get_connection_params()
    yield {"dbname": name, **{key: known[key] for key in ("user", "password", "host", "port") if known.get(key)}}
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}"')  # forced, it would be refused while the server vacuums there


def rows(cursor, table):
    cursor.execute(f'SELECT count(*) FROM "{table}"')
    return cursor.fetchone()[0]


def restored(folder, empty, var, keys):
    login = ":".join(filter(None, (empty.get("user", ""), str(empty.get("password", "")))))
    address = f"postgresql://{login}@/{empty['dbname']}?host={empty.get('host', '')}"
    said = dict(line.split("=", 1) for line in keys.read_text().splitlines() if not line.startswith("#"))
    environment = os.environ | said | {"DATABASE_URL": address, "LIREN_VAR_DIR": str(var)}
    command = [sys.executable, str(ROOT / "manage.py"), "restore", str(folder)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_what_was_saved_is_restored_and_readable(committed_world, stored, empty, tmp_path, settings):  # noqa: F811
    found = to_state(committed_world, "dispatched")
    contact_reveal(request=found, purpose="contact", actor=committed_world.viewer("handler"), at=timezone.now())
    seal_settled()
    call_command("backup", str(tmp_path / "kept"), keys=tmp_path / "keys")
    (folder,), (keys,) = (tmp_path / "kept").iterdir(), (tmp_path / "keys").iterdir()
    for file in (folder / DUMP, keys):
        assert file.stat().st_mode & 0o077 == 0, "for this account only"
    told = json.loads((folder / "manifest.json").read_text())
    assert told["media"] == {"files": 2, "bytes": len(PHOTO) + len(NOTE)}
    known = b"".join(file.read_bytes() for file in folder.iterdir())
    for key in settings.FIELD_KEYS:
        assert key not in known
    assert keys.read_text().split("FIELD_KEYS=")[1].split()[0].encode() not in known

    answer = restored(folder, empty, tmp_path / "var", keys)
    assert answer.returncode == 0, answer.stderr
    assert "all as saved" in answer.stdout
    assert "The trail is whole" in answer.stdout
    photo = next((tmp_path / "var").rglob("photo.jpg"))
    assert photo.read_bytes() == PHOTO
    assert next((tmp_path / "var").rglob("note.txt")).read_bytes() == NOTE
    contact = RequesterContact.objects.get(request=found)
    there = psycopg2.connect(**empty)
    try:
        with there.cursor() as other, connection.cursor() as here:
            counts = {table: (rows(here, table), rows(other, table)) for table in told["tables"]}
            assert counts["outbox_domainevent"][0] > 3
            assert {table: pair for table, pair in counts.items() if pair[0] != pair[1]} == {}
            other.execute("SELECT phone FROM requests_intake_requestercontact WHERE id = %s", [contact.pk])
            place = "requests_intake_requestercontact.phone"
            assert decrypt(bytes(other.fetchone()[0]), place=place).decode() == str(contact.phone) != ""
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                other.execute("DELETE FROM outbox_domainevent")
    finally:
        there.close()


def test_what_does_not_fit_is_refused(committed_world, stored, tmp_path, settings):  # noqa: F811
    kept = tmp_path / "kept"
    with pytest.raises(CommandError, match="Keys lie apart"):
        call_command("backup", str(kept), keys=kept / "keys")
    assert not kept.exists()
    call_command("backup", str(kept))
    (first,) = kept.iterdir()
    with pytest.raises(CommandError, match=r"holds \d+ tables.*Nothing was changed"):
        call_command("restore", str(first))

    contact, before = RequesterContact.objects.get(request=to_state(committed_world, "submitted")), tables_now()
    assert list(differences(before, tables_now())) == []
    contact.save()  # the same name, encrypted anew: one row of one table is other bytes
    (line,) = differences(before, tables_now())
    assert line.startswith("requests_intake_requestercontact: [1, ")

    settings.FIELD_KEYS = [b"n" * 32]
    with pytest.raises(Refused, match="FIELD_KEYS lacks"):
        keys_check(manifest_read(first))
    dump = first / DUMP
    whole = dump.read_bytes()
    dump.write_bytes(whole[:-1] + b"?")
    with pytest.raises(Refused, match="its digest differs"):
        manifest_read(first)
    dump.write_bytes(whole)
    (first / MEDIA_LIST).unlink()
    with pytest.raises(Refused, match="is missing"):
        manifest_read(first)
    (first / "manifest.json").unlink()
    with pytest.raises(Refused, match="not finished"):
        manifest_read(first)


def test_only_the_newest_are_kept(tmp_path):
    for day in (1, 2, 3):
        (tmp_path / f"liren-2026110{day}-010000").mkdir()
        (tmp_path / f"liren-2026110{day}-010000" / "manifest.json").write_text("{}")
    (tmp_path / "liren-20261101-010000.part").mkdir()
    (tmp_path / "other").mkdir()
    assert [path.name for path in old_remove(tmp_path, keep=2)] == ["liren-20261101-010000"]
    assert len(list(tmp_path.iterdir())) == 4
    assert old_remove(tmp_path, keep=0) == []
