"""Stored files: kept, given to an owner, deleted with their bytes, never left behind."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from io import BytesIO
from threading import Barrier, Event, get_ident
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image

from governance.access.models import User
from governance.access.viewer import ANONYMOUS, Viewer
from governance.errors import DomainError
from governance.files.models import StoredFile
from governance.files.orphans import orphans_remove
from governance.files.selectors import files_of
from governance.files.services import file_delete, files_adopt, files_expire, image_store
from governance.files.services import stored as services
from tests.governance.file_samples import drawing, encoded, telephone_jpeg
from tests.governance.outbox_tools import run_in_threads
from tests.sql import assert_sql

AT = datetime(2026, 11, 12, 12, 41, tzinfo=UTC)
DAY = timedelta(days=1)
OWNER = "auth.group:1"


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


def _photo(shade: int = 0) -> SimpleUploadedFile:
    data = encoded(Image.new("RGB", (40, 30), (shade, 0, 0)), "JPEG")
    return SimpleUploadedFile("张三的家.jpg", data, content_type="text/html")


def _store(shade: int = 0, owner_ref: str = "", actor: Viewer = ANONYMOUS) -> StoredFile:
    return image_store(upload=_photo(shade), owner_ref=owner_ref, actor=actor, at=AT)


def _stored_names() -> set[str]:
    return (
        {
            name
            for folder in default_storage.listdir("images")[0]
            for name in default_storage.listdir(f"images/{folder}")[1]
        }
        if default_storage.exists("images")
        else set()
    )


def _staff(email: str = "a@example.org") -> Viewer:
    return Viewer(kind="staff", user=User.objects.create_user(email=email, display_name="甲"))


def _refusal(**arguments) -> str:
    with pytest.raises(DomainError) as refused:
        files_adopt(**{"owner_ref": OWNER, "actor": ANONYMOUS, "at": AT, **arguments})
    return refused.value.code


@pytest.mark.django_db
class TestStore:
    def test_keeps_two_sizes_under_a_name_that_says_nothing(self):
        stored = image_store(
            upload=SimpleUploadedFile("../../张三.jpg", telephone_jpeg(6)), owner_ref=OWNER, actor=ANONYMOUS, at=AT
        )
        kept = StoredFile.objects.get()
        assert _stored_names() == {f"{stored.uuid.hex}-full.jpg", f"{stored.uuid.hex}-thumb.jpg"}
        assert kept.path("full") == f"images/{stored.uuid.hex[:2]}/{stored.uuid.hex}-full.jpg"
        with default_storage.open(kept.path("full")) as file:
            data = file.read()
        assert (kept.sha256, kept.size) == (hashlib.sha256(data).hexdigest(), len(data))
        assert (kept.width, kept.height, kept.kind) == (60, 80, "image")
        assert (kept.owner_ref, kept.created_at, kept.expires_at, kept.created_by_id) == (OWNER, AT, None, None)

    def test_a_draft_lasts_seven_days(self):
        assert _store().expires_at == AT + 7 * DAY

    def test_who_sent_it(self):
        actor = _staff()
        assert _store(actor=actor).created_by_id == actor.user_id

    def test_the_same_photo_for_the_same_owner_is_kept_once(self):
        first = _store(1, OWNER)
        assert _store(1, OWNER) == first
        assert _store(1, "auth.group:2") != first
        assert _store(2, OWNER) != first
        assert StoredFile.objects.count() == 3
        assert len(_stored_names()) == 6

    def test_equal_photos_of_two_drafts_stay_apart(self):
        assert _store(1) != _store(1)

    def test_statements(self):
        with assert_sql(1):
            _store(1)
        with assert_sql(2):
            _store(1, OWNER)

    def test_a_refused_photo_leaves_nothing(self):
        with pytest.raises(DomainError):
            image_store(upload=SimpleUploadedFile("a.jpg", b"%PDF-1.7"), owner_ref="", actor=ANONYMOUS, at=AT)
        assert not StoredFile.objects.exists()
        assert _stored_names() == set()

    def test_when_the_row_cannot_be_written_no_bytes_stay(self, monkeypatch):
        def fail(*args, **kwargs):
            raise IntegrityError

        with monkeypatch.context() as patched:
            patched.setattr(StoredFile, "save", fail)
            with pytest.raises(IntegrityError):
                _store()
        assert _stored_names() == set()
        _store()
        assert len(_stored_names()) == 2

    def test_reads_any_open_file_from_its_beginning(self):
        file = BytesIO(encoded(drawing(), "PNG"))
        file.read()
        assert image_store(upload=file, owner_ref="", actor=ANONYMOUS, at=AT).width == 80


@pytest.mark.django_db
class TestAdopt:
    def test_gives_drafts_to_their_owner_in_order(self):
        files = [_store(shade) for shade in (1, 2, 3)]
        with assert_sql(2):
            adopted = files_adopt(files=[files[2], files[0].uuid], owner_ref=OWNER, actor=ANONYMOUS, at=AT)
        assert adopted == [files[2], files[0]]
        assert {f.owner_ref for f in adopted} == {OWNER}
        rows = dict(StoredFile.objects.values_list("uuid", "owner_ref"))
        assert rows == {files[0].uuid: OWNER, files[1].uuid: "", files[2].uuid: OWNER}
        assert set(StoredFile.objects.filter(owner_ref=OWNER).values_list("expires_at", flat=True)) == {None}

    def test_nothing_to_adopt_is_no_statement(self):
        with assert_sql(0):
            assert files_adopt(files=[], owner_ref=OWNER, actor=ANONYMOUS, at=AT) == []

    def test_again_changes_nothing(self):
        stored = _store()
        for _ in range(2):
            assert files_adopt(files=[stored.uuid], owner_ref=OWNER, actor=ANONYMOUS, at=AT) == [stored]
        assert StoredFile.objects.get().owner_ref == OWNER

    def test_of_equal_photos_one_stays(self, django_capture_on_commit_callbacks):
        first, again, other, owned = _store(1), _store(1), _store(2), _store(3, OWNER)
        third = _store(3)
        with django_capture_on_commit_callbacks(execute=True):
            adopted = files_adopt(files=[first, again, other, third], owner_ref=OWNER, actor=ANONYMOUS, at=AT)
        assert adopted == [first, other, owned]
        assert set(StoredFile.objects.all()) == {first, other, owned}
        assert len(_stored_names()) == 6

    def test_refuses_what_is_gone_and_then_takes_none(self):
        stored = _store()
        assert _refusal(files=[stored.uuid, uuid4()]) == "file_gone"
        assert StoredFile.objects.get().owner_ref == ""
        files_adopt(files=[stored.uuid], owner_ref=OWNER, actor=ANONYMOUS, at=AT)

    def test_refuses_what_is_over(self):
        stored = _store()
        assert _refusal(files=[stored.uuid], at=AT + 7 * DAY) == "file_gone"
        files_adopt(files=[stored.uuid], owner_ref=OWNER, actor=ANONYMOUS, at=AT + 7 * DAY - timedelta(seconds=1))

    def test_refuses_what_belongs_to_something_else(self):
        stored = _store(owner_ref="auth.group:2")
        assert _refusal(files=[stored.uuid]) == "file_gone"
        files_adopt(files=[stored.uuid], owner_ref="auth.group:2", actor=ANONYMOUS, at=AT)

    def test_refuses_the_draft_of_another_person(self):
        one, other = _staff(), _staff("b@example.org")
        stored = _store(actor=one)
        assert _refusal(files=[stored.uuid], actor=other) == "file_gone"
        assert _refusal(files=[stored.uuid]) == "file_gone"
        files_adopt(files=[stored.uuid], owner_ref=OWNER, actor=one, at=AT)


@pytest.mark.django_db(transaction=True)
class TestDeletion:
    def test_bytes_go_when_the_transaction_commits(self):
        stored = _store()
        with transaction.atomic():
            file_delete(stored_file=stored, actor=ANONYMOUS)
            assert len(_stored_names()) == 2
        assert _stored_names() == set()
        assert not StoredFile.objects.exists()

    def test_nothing_goes_when_it_is_undone(self):
        stored = _store()
        with transaction.atomic():
            file_delete(stored_file=stored, actor=ANONYMOUS)
            transaction.set_rollback(True)
        assert StoredFile.objects.get() == stored
        assert len(_stored_names()) == 2

    def test_drafts_die_and_what_has_an_owner_stays(self, monkeypatch):
        monkeypatch.setattr("governance.files.services.stored._EXPIRED_PER_RUN", 2)
        drafts = [_store(shade) for shade in (1, 2, 3)]
        owned = _store(4, OWNER)
        adopted = files_adopt(files=drafts[:1], owner_ref=OWNER, actor=ANONYMOUS, at=AT)
        late = image_store(upload=_photo(5), owner_ref="", actor=ANONYMOUS, at=AT + DAY)
        assert files_expire(AT + 7 * DAY - timedelta(seconds=1)) == 0
        assert files_expire(AT + 7 * DAY) == 2
        assert set(StoredFile.objects.all()) == {owned, late, *adopted}
        assert len(_stored_names()) == 6

    def test_a_draft_being_adopted_is_not_swept_away(self):
        stored = _store()
        adopting, swept = Event(), Event()

        def adopt():
            with transaction.atomic():
                files_adopt(files=[stored.uuid], owner_ref=OWNER, actor=ANONYMOUS, at=AT)
                adopting.set()
                assert swept.wait(20)

        def sweep():
            assert adopting.wait(20)
            removed = files_expire(AT + 30 * DAY)
            swept.set()
            return removed

        assert run_in_threads(adopt, sweep)[1] == 0
        assert files_expire(AT + 30 * DAY) == 0
        assert StoredFile.objects.get().owner_ref == OWNER

    def test_pictures_without_a_row_are_found(self):
        kept = _store(1)
        with transaction.atomic():
            _store(2)
            transaction.set_rollback(True)
        assert len(_stored_names()) == 4
        now = datetime.now(UTC)
        assert orphans_remove(now) == 0  # may belong to a transaction that still runs
        default_storage.save("images/ab/notes.txt", BytesIO(b"not ours"))
        assert orphans_remove(now + 2 * DAY) == 2
        assert _stored_names() == {f"{kept.uuid.hex}-full.jpg", f"{kept.uuid.hex}-thumb.jpg", "notes.txt"}

    def test_of_two_at_once_one_is_kept_and_the_other_is_told(self, monkeypatch):
        both_looked = Barrier(2, timeout=20)

        def write(data):
            if get_ident() not in met:
                met.add(get_ident())
                both_looked.wait()  # both have looked for a twin and found none
            return ContentFile(data)

        met: set[int] = set()
        monkeypatch.setattr(services, "ContentFile", write)
        results = run_in_threads(_attempt_store, _attempt_store)
        kept = StoredFile.objects.get()
        assert sorted(results, key=str) == sorted([kept.uuid, "files_once_per_owner"], key=str)
        assert len(_stored_names()) == 2


def _attempt_store():
    try:
        return _store(1, OWNER).uuid
    except DomainError as error:
        return error.code


@pytest.mark.django_db
def test_files_of_many_owners_in_one_statement():
    one, two, other = _store(1, OWNER), _store(2, OWNER), _store(3, "auth.group:2")
    _store(4)
    with assert_sql(1):
        found = files_of([OWNER, "auth.group:2", "auth.group:3", ""])
    assert {ref: set(files) for ref, files in found.items()} == {OWNER: {one, two}, "auth.group:2": {other}}


def test_storage_of_the_tests_is_not_the_portals_own(settings, tmp_path):
    assert os.path.samefile(default_storage.location, tmp_path)
