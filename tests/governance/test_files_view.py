"""Who gets to see a stored file, and how it is sent."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from governance import refs
from governance.access.viewer import ANONYMOUS
from governance.files.keys import file_key, file_url, key_opens
from governance.files.models import StoredFile
from governance.files.services import image_store
from governance.refs import RefKind, ref_of
from tests.governance.file_samples import drawing, encoded

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


@pytest.fixture
def visible(monkeypatch) -> set[str]:
    """Groups stand for any object with files; the names in this set are those that everybody may see."""
    names: set[str] = set()
    kind = RefKind("auth.group", str, str, lambda viewer: Group.objects.filter(name__in=names))
    monkeypatch.setattr(refs, "_kinds", {"auth.group": kind})
    return names


def _store(owner_ref: str = "") -> StoredFile:
    upload = BytesIO(encoded(drawing(800, 600), "JPEG"))
    return image_store(upload=upload, owner_ref=owner_ref, actor=ANONYMOUS, at=NOW)


def _of_group(name: str) -> StoredFile:
    return _store(ref_of(Group.objects.create(name=name)))


def test_whoever_may_see_the_owner_sees_the_file(client, visible):
    stored = _of_group("a")
    assert client.get(file_url(stored)).status_code == 404
    visible.add("a")
    response = client.get(file_url(stored))
    assert response.status_code == 200
    data = b"".join(response.streaming_content)
    with default_storage.open(stored.path("full")) as file:
        assert data == file.read()


def test_the_viewer_of_the_request_is_asked(client, monkeypatch):
    asked = []
    kind = RefKind("auth.group", str, str, lambda viewer: asked.append(viewer) or Group.objects.all())
    monkeypatch.setattr(refs, "_kinds", {"auth.group": kind})
    assert client.get(file_url(_of_group("a"))).status_code == 200
    assert [viewer.kind for viewer in asked] == ["anonymous"]


def test_both_sizes(client, visible):
    stored = _of_group("a")
    visible.add("a")
    for variant, size in (("full", (800, 600)), ("thumb", (400, 300))):
        response = client.get(file_url(stored, variant))
        assert Image.open(BytesIO(b"".join(response.streaming_content))).size == size
    assert client.get(reverse("files:show", args=[stored.uuid, "original"])).status_code == 404


def test_nothing_of_it_can_run_or_be_shared(client, visible):
    stored = _of_group("a")
    visible.add("a")
    headers = client.get(file_url(stored)).headers
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, max-age=600"
    assert headers["Content-Disposition"] == "inline"


def test_an_unchanged_file_is_not_sent_again_and_only_to_who_may_see_it(client, visible):
    stored = _of_group("a")
    visible.add("a")
    etag = client.get(file_url(stored)).headers["ETag"]
    again = client.get(file_url(stored), headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "private, max-age=600"
    assert client.get(file_url(stored, "thumb"), headers={"if-none-match": etag}).status_code == 200
    visible.clear()
    assert client.get(file_url(stored), headers={"if-none-match": etag}).status_code == 404


def test_only_reading(client, visible):
    stored = _of_group("a")
    visible.add("a")
    assert client.head(file_url(stored)).status_code == 200
    for method in (client.post, client.put, client.delete):
        assert method(file_url(stored)).status_code == 405


def test_a_draft_opens_by_its_key_only(client, visible):
    stored = _store()
    assert client.get(file_url(stored)).status_code == 404
    assert client.get(file_url(stored, key=file_key(stored, 60))).status_code == 200
    assert client.get(file_url(stored, "thumb", key=file_key(stored, 60))).status_code == 200


def test_a_key_opens_what_the_viewer_may_not_see(client, visible):
    stored = _of_group("a")
    assert client.get(file_url(stored)).status_code == 404
    assert client.get(file_url(stored, key=file_key(stored, 60))).status_code == 200


def test_a_key_opens_no_other_file(client, visible):
    one, other = _store(), _store()
    key = file_key(one, 3600)
    assert client.get(file_url(one, key=key)).status_code == 200
    assert client.get(file_url(other, key=key)).status_code == 404


@pytest.mark.parametrize("damage", ["", "x", "1.x", "99999999999.abc", "\u8def", "."])
def test_a_forged_key_opens_nothing(client, visible, damage):
    stored = _store()
    assert client.get(file_url(stored), {"k": damage}).status_code == 404


def test_a_key_with_a_later_end_is_forged(client, visible):
    stored = _store()
    ends, _, signature = file_key(stored, 60).partition(".")
    assert client.get(file_url(stored, key=f"{ends}.{signature}")).status_code == 200
    assert client.get(file_url(stored, key=f"{int(ends) + 600}.{signature}")).status_code == 404


def test_a_key_has_an_end(visible):
    stored = _store()
    key = file_key(stored, 3600, at=NOW)
    assert key_opens(key, stored, NOW + timedelta(seconds=3599))
    assert not key_opens(key, stored, NOW + timedelta(seconds=3600 + 600))


def test_a_page_opened_again_names_the_same_address(visible):
    stored = _store()
    full_ten_minutes = NOW.replace(minute=10, second=1)
    assert file_key(stored, 3600, at=full_ten_minutes) == file_key(
        stored, 3600, at=full_ten_minutes + timedelta(minutes=9)
    )
    assert file_key(stored, 3600, at=full_ten_minutes) != file_key(
        stored, 3600, at=full_ten_minutes + timedelta(minutes=10)
    )


def test_what_is_not_there(client, visible):
    stored = _of_group("a")
    visible.add("a")
    assert client.get(reverse("files:show", args=[uuid4(), "full"])).status_code == 404
    default_storage.delete(stored.path("full"))
    assert client.get(file_url(stored)).status_code == 404
    assert client.get(file_url(stored, "thumb")).status_code == 200
