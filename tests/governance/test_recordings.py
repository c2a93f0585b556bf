"""Films and voice notes: told by content, encoded anew by a program in bounds, without a word of where."""

import json
import subprocess
import sys
from datetime import timedelta
from io import BytesIO

import av
import pytest
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from governance import refs
from governance.access.viewer import ANONYMOUS
from governance.errors import DomainError
from governance.files import transcoding
from governance.files.keys import file_key, recording_url
from governance.files.models import Recording
from governance.files.orphans import orphans_remove
from governance.files.services import preparing
from governance.files.services.preparing import recording_prepare, recordings_waiting
from governance.files.services.recordings import recording_adopt, recording_receive, recordings_expire, recordings_keep
from governance.files.sniffing import recording_demuxer
from governance.refs import RefKind, ref_of
from tests.governance.file_samples import drawing, encoded
from tests.governance.recording_samples import PHONE, PLACE, clip, held_upright, opus_note, upload

pytestmark = pytest.mark.django_db
NOW = timezone.now()
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n"


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


def receive(data: bytes, **more) -> Recording:
    return recording_receive(upload=upload(data), description="", actor=ANONYMOUS, at=NOW, **more)


def prepared(data: bytes, capture) -> Recording:
    row = receive(data)
    with capture(execute=True):
        recording_prepare(recording_id=row.pk, clock=lambda: NOW)
    assert not default_storage.exists(row.raw_path)  # whatever became of it
    row.refresh_from_db()
    return row


def kept(row: Recording) -> bytes:
    with default_storage.open(row.path) as file:
        return file.read()


def test_a_film_is_encoded_anew_and_tells_nothing_of_place_and_telephone(django_capture_on_commit_callbacks):
    film = held_upright(clip(size=(1920, 96)))
    assert PLACE.encode() in film
    assert PHONE.encode() in film
    row = prepared(film, django_capture_on_commit_callbacks)
    assert (row.state, row.kind, row.seconds, row.fault) == ("ready", "video", 1, "")
    data = kept(row)
    assert row.size == len(data)
    assert PLACE.encode() not in data
    assert PHONE.encode() not in data
    with av.open(BytesIO(data)) as found:
        assert set(found.metadata) <= {"major_brand", "minor_version", "compatible_brands", "encoder"}
        video, audio = found.streams.video[0], found.streams.audio[0]
        assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
        assert {key for one in (video, audio) for key in one.metadata} <= {"language", "handler_name", "vendor_id"} | {
            "encoder"
        }
        assert (video.width, video.height) == (row.width, row.height) == (64, 1280)  # upright, within 720 by 1,280
        frame = next(found.decode(video=0))
        pixels = frame.to_ndarray(format="gray")
    assert pixels[:300].mean() > 200 > 50 > pixels[-300:].mean()  # what was on the left is on top


def test_voice_notes_of_telephones(django_capture_on_commit_callbacks):
    for note in (clip(size=None), opus_note()):
        assert PLACE.encode() in note
        row = prepared(note, django_capture_on_commit_callbacks)
        assert (row.state, row.kind, row.seconds, row.width) == ("ready", "audio", 1, 0)
        assert PLACE.encode() not in kept(row)


def test_what_is_wrong_is_found_by_the_program_and_leaves_nothing(django_capture_on_commit_callbacks):
    whole = clip()
    for data, fault in [
        (clip(62, size=(16, 16), sound=False, frames=620), "too_long"),
        (clip(size=(4200, 2400), sound=False, frames=1), "too_large"),
        (whole[: len(whole) // 2], "broken"),
        (b"\x1aE\xdf\xa3" + PLAYLIST * 40, "broken"),  # the first bytes lie
        (b"ID3" + PLAYLIST * 40, "broken"),
    ]:
        row = prepared(data, django_capture_on_commit_callbacks)
        assert (row.state, row.fault) == ("failed", fault)
        assert not default_storage.exists(row.path)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "recording_empty"),
        (encoded(drawing(40, 30), "JPEG"), "recording_is_photo"),
        (PLAYLIST, "not_a_recording"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "not_a_recording"),
        (b"<?xml version='1.0'?><MPD/>", "not_a_recording"),
        (b"%PDF-1.7", "not_a_recording"),
        (b"MZ\x90\x00", "not_a_recording"),
        (b"\x00\x00\x00\x18ftypmp42" + b"x" * 1024 * 1024, "recording_too_big"),
    ],
)
def test_what_is_no_recording_is_refused_at_once(settings, data, code):
    settings.RECORDING_MB = 1
    with pytest.raises(DomainError) as refused:
        receive(data)
    assert (refused.value.code, refused.value.field) == (code, "recording")
    assert not Recording.objects.exists()
    assert default_storage.listdir("")[0] == []


def test_the_program_has_no_environment_and_limits_of_its_own(tmp_path, monkeypatch):
    """It reads a stranger's file: what it could give away or use up is nothing."""
    seen = {}

    def run(command, **options):
        seen.update(options, command=command)
        return subprocess.CompletedProcess(command, -9, b"", b"")

    row = receive(clip(size=None))
    monkeypatch.setattr(preparing.subprocess, "run", run)
    assert recording_prepare(recording_id=row.pk, clock=lambda: NOW).fault == "broken"
    assert (seen["env"], seen["timeout"], seen["command"][:2]) == ({}, 300, [sys.executable, "-I"])
    assert str(row.pk) not in " ".join(seen["command"])
    monkeypatch.undo()
    probe = tmp_path / "probe.py"
    shown = "print(json.dumps([resource.getrlimit(one)[1] for one in (0, 1, 9)]))"  # processor, size of a file, memory
    probe.write_text(
        f"import json, resource, runpy, sys\nsys.argv = ['x', 'no', 'out', 'mov', '60']\n"
        f"runpy.run_path({transcoding.__file__!r}, run_name='__main__')\nprint()\n{shown}\n"
    )
    done = subprocess.run([sys.executable, "-I", str(probe)], cwd=tmp_path, env={}, capture_output=True, check=True)
    told, limits = done.stdout.splitlines()
    assert json.loads(told) == {"fault": "broken"}
    assert json.loads(limits) == [transcoding.CPU_SECONDS, transcoding.OUT_BYTES, transcoding.MEMORY]
    assert not (tmp_path / "out").exists()


def test_of_two_workers_one_has_it_and_a_lost_one_is_done_again(monkeypatch):
    row = receive(clip(size=None))
    monkeypatch.setattr(preparing, "_encoded", lambda row, folder: (_ for _ in ()).throw(RuntimeError))
    for attempt in range(4):
        at = NOW + attempt * timedelta(minutes=11)
        assert recordings_waiting(at=at) == [row.pk]
        if attempt < 3:
            with pytest.raises(RuntimeError):
                recording_prepare(recording_id=row.pk, clock=lambda at=at: at)
            assert recordings_waiting(at=at + timedelta(minutes=9)) == []
            assert recording_prepare(recording_id=row.pk, clock=lambda at=at: at + timedelta(minutes=9)) is None
        else:
            assert recording_prepare(recording_id=row.pk, clock=lambda at=at: at).fault == "broken"
    assert recordings_waiting(at=NOW + timedelta(days=1)) == []


def test_it_plays_in_parts_to_whoever_may_see_its_owner(client, monkeypatch, django_capture_on_commit_callbacks):
    names: set[str] = set()
    kind = RefKind("auth.group", str, str, lambda viewer: Group.objects.filter(name__in=names))
    monkeypatch.setattr(refs, "_kinds", {"auth.group": kind})
    row = receive(clip(size=None))
    url = recording_url(row)
    owner = ref_of(Group.objects.create(name="a"))
    recording_adopt(recording_id=row.pk, owner_ref=owner, actor=ANONYMOUS, at=NOW)
    names.add("a")
    assert client.get(url).status_code == 404  # not prepared yet
    with django_capture_on_commit_callbacks(execute=True):
        recording_prepare(recording_id=row.pk, clock=lambda: NOW)
    row.refresh_from_db()
    data = kept(row)
    response = client.get(url)
    assert (response.status_code, response["Content-Type"], response["Accept-Ranges"]) == (200, "audio/mp4", "bytes")
    assert b"".join(response.streaming_content) == data
    size = len(data)
    for wanted, status, part, told in [
        ("bytes=0-1", 206, data[:2], f"bytes 0-1/{size}"),
        ("bytes=10-", 206, data[10:], f"bytes 10-{size - 1}/{size}"),
        ("bytes=-7", 206, data[-7:], f"bytes {size - 7}-{size - 1}/{size}"),
        (f"bytes=5-{size * 9}", 206, data[5:], f"bytes 5-{size - 1}/{size}"),
        (f"bytes={size}-", 416, None, f"bytes */{size}"),
        ("bytes=9-3", 416, None, f"bytes */{size}"),
    ]:
        answer = client.get(url, headers={"Range": wanted})
        assert (answer.status_code, answer["Content-Range"]) == (status, told), wanted
        if part is not None:
            assert b"".join(answer.streaming_content) == part
            assert int(answer["Content-Length"]) == len(part)
    for odd in ("bytes=0-1,4-5", "lines=1-2", "bytes=a-"):
        assert client.get(url, headers={"Range": odd}).status_code == 200
    assert client.get(url, headers={"Range": "bytes=0-1", "If-Range": '"another"'}).status_code == 200
    names.clear()
    assert client.get(url, headers={"Range": "bytes=0-1"}).status_code == 404
    assert client.get(recording_url(row, key=file_key(row, 60))).status_code == 200
    assert client.get(reverse("files:show", args=[row.pk, "full"])).status_code == 404


def test_drafts_recordings_die_and_what_nobody_names_goes(django_capture_on_commit_callbacks):
    row = receive(b"ID3" + bytes(100))
    other = receive(b"OggS" + bytes(100))
    default_storage.save(f"recordings/aa/{'a' * 32}-raw.bin", upload(b"x"))
    later = NOW + timedelta(days=7)
    recordings_keep(recordings=[other.pk], at=NOW + timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert recordings_expire(later) == 1
    assert not default_storage.exists(row.raw_path)
    with pytest.raises(DomainError):
        recording_adopt(recording_id=row.pk, owner_ref="auth.group:1", actor=ANONYMOUS, at=NOW)
    assert orphans_remove(timezone.now() + timedelta(days=2)) == 1
    assert default_storage.exists(other.raw_path)


def test_what_telephones_write_is_known_by_its_first_bytes():
    heads = {
        b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ": "mov",
        b"\x00\x00\x00\x18ftyp3gp4\x00\x00\x00\x00isom3gp4": "mov",
        b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A mp42": "mov",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic": "",
        b"#!AMR\n": "amr",
        b"RIFF\x00\x00\x00\x00WAVEfmt ": "wav",
        b"RIFF\x00\x00\x00\x00AVI LIST": "",
        b"\xff\xf1\x50\x80": "aac",
        b"\xff\xfb\x90\x00": "mp3",
        b"\xff\xd8\xff\xe0": "",
    }
    assert {head: recording_demuxer(head) for head in heads} == heads
