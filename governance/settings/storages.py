"""Where uploaded files lie: a folder, or an S3-compatible store that several machines share."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_SCHEMES = {"s3": "https", "s3+http": "http"}


def file_storage(url: str, folder: Path) -> dict[str, Any]:
    """Turn `s3://key:secret@host[:port]/bucket?region=…` into Django's form; without it, files go to `folder`.

    `s3+http://` for a store inside one's own network. Files are private: the portal reads them and sends them itself,
    to those who may see what they belong to. Key and secret are percent-encoded where they hold /, : or @.
    """
    if not url:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}
    parts = urlsplit(url)
    bucket = parts.path.strip("/")
    if parts.scheme not in _SCHEMES or not (parts.hostname and parts.username and parts.password and bucket):
        raise ImproperlyConfigured(
            "FILES_URL must look like s3://key:secret@host/bucket?region=name (s3+http:// without TLS). It names the "
            "S3-compatible store that holds uploaded photos; leave it out to keep them in a folder."
        )
    port = f":{parts.port}" if parts.port else ""
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "endpoint_url": f"{_SCHEMES[parts.scheme]}://{parts.hostname}{port}",
            "access_key": unquote(parts.username),
            "secret_key": unquote(parts.password),
            "bucket_name": bucket,
            "region_name": dict(parse_qsl(parts.query)).get("region"),
            "addressing_style": "path",  # stores of one's own rarely answer at bucket.host
            "signature_version": "s3v4",
            "file_overwrite": True,  # names are random; asking whether one is taken costs a call
        },
    }
