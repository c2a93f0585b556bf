"""Uploaded files in an S3-compatible store: the setting, and what the portal asks of a storage. No network."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages

from governance.files import orphans
from governance.settings.storages import file_storage

URL = "s3://AK%2FID:se%3Acr%2Fet@store.example:9000/liren-files?region=cn-east-1"


def _storage(url: str = URL) -> Any:
    return storages.create_storage(file_storage(url, Path("/nowhere")))


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Stubber]]:
    """The store, with its answers told beforehand; whatever else is asked fails the test."""
    storage = _storage()
    with Stubber(storage.connection.meta.client) as stubber:
        yield storage, stubber
        stubber.assert_no_pending_responses()


def test_no_url_is_a_folder(tmp_path: Path):
    storage = storages.create_storage(file_storage("", tmp_path))
    assert Path(storage.path("images/ab/x.jpg")) == tmp_path / "images" / "ab" / "x.jpg"


def test_a_url_names_store_bucket_and_keys():
    storage = _storage()
    client = storage.connection.meta.client
    assert client.meta.endpoint_url == "https://store.example:9000"
    assert client.meta.region_name == "cn-east-1"
    assert storage.bucket_name == "liren-files"
    assert (storage.access_key, storage.secret_key) == ("AK/ID", "se:cr/et")
    assert _storage("s3+http://a:b@minio/files").connection.meta.client.meta.endpoint_url == "http://minio"


def test_files_are_private():
    """Nobody gets a file past the view that asks who may see it: no public access list."""
    assert _storage().default_acl is None
    assert "ACL" not in _storage().get_object_parameters("images/ab/x.jpg")


@pytest.mark.parametrize("url", ["s3://host/bucket", "s3://a:b@host/", "s3://a@host/bucket", "https://a:b@host/bucket"])
def test_half_a_url_is_explained(url: str):
    with pytest.raises(ImproperlyConfigured, match="FILES_URL must look like"):
        file_storage(url, Path("/nowhere"))


def test_a_file_that_is_gone_is_not_found(stub: tuple[Any, Stubber]):
    """The view answers 404 on FileNotFoundError: the store's own error must become one."""
    storage, stubber = stub
    stubber.add_client_error("head_object", "404", http_status_code=404)
    with pytest.raises(FileNotFoundError):
        storage.open("images/ab/gone.jpg")


def test_a_file_comes_back(stub: tuple[Any, Stubber]):
    storage, stubber = stub
    for _ in range(2):  # by the storage, then by the transfer manager
        stubber.add_response("head_object", {"ContentLength": 5})
    stubber.add_response("get_object", {"ContentLength": 5, "Body": StreamingBody(io.BytesIO(b"bytes"), 5)})
    with storage.open("images/ab/x.jpg") as file:
        assert file.read() == b"bytes"


@pytest.mark.django_db
def test_orphans_are_found_without_folders(stub: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch):
    """A store has no folders: asking whether one exists would answer no, and nothing would ever be cleaned."""
    storage, stubber = stub
    monkeypatch.setattr(orphans, "default_storage", storage)
    name = f"images/ab/{uuid4().hex}-full.jpg"
    bucket = {"Bucket": "liren-files", "Delimiter": "/"}
    now = datetime(2026, 11, 27, tzinfo=UTC)
    stubber.add_response("list_objects", {"CommonPrefixes": [{"Prefix": "images/ab/"}]}, bucket | {"Prefix": "images/"})
    stubber.add_response("list_objects", {"Contents": [{"Key": name}]}, bucket | {"Prefix": "images/ab/"})
    stubber.add_response(
        "head_object", {"LastModified": now - timedelta(days=9)}, {"Bucket": "liren-files", "Key": name}
    )
    stubber.add_response("delete_object", {}, {"Bucket": "liren-files", "Key": name})
    for folder in ("pdfs/", "xlsxs/", "recordings/"):
        stubber.add_response("list_objects", {}, bucket | {"Prefix": folder})
    assert orphans.orphans_remove(now) == 1
