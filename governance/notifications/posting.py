"""One POST of JSON to another machine: short time-out, no redirects, a small answer."""

import json
from collections.abc import Mapping
from email.message import Message as Headers
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

ANSWER_MAX = 65_536  # bytes of an answer that are read


class PostError(OSError):
    """The other side did not take it: what it said, without addresses or texts."""


class _NoRedirects(HTTPRedirectHandler):
    """A redirect would carry the text and its signature to an address that nobody configured."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Headers, newurl: str
    ) -> Request | None:
        raise HTTPError(req.full_url, code, "redirects are not followed", headers, fp)


_opener = build_opener(_NoRedirects)


def encoded(payload: Mapping[str, Any]) -> bytes:
    """Return the bytes that go out, for those who sign them."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def post(url: str, body: bytes, *, headers: Mapping[str, str], timeout: float) -> Any:
    """Send `body` (JSON) and return the answer's JSON, None for an answer that is none.

    Raises `PostError` for a status other than 2xx, `OSError` (time-out, refused, unknown host) for no answer.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise PostError("only http and https")
    request = Request(  # noqa: S310 - the scheme is checked above
        url, data=body, method="POST", headers={"Content-Type": "application/json; charset=utf-8", **headers}
    )
    try:
        with _opener.open(request, timeout=timeout) as answer:
            text = answer.read(ANSWER_MAX)
    except HTTPError as error:
        raise PostError(f"HTTP {error.code}") from error
    try:
        return json.loads(text)
    except ValueError:
        return None
