"""docs/api.md: each curl line is called as it stands there, in its order."""

import json
import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

from django.test import Client

from requests_intake.models import ServiceRequest
from tests.requests_intake.programs import issue

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def calls():
    """(method, address, headers, body) of each curl command in the guide."""
    blocks = re.findall(r"```\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    for line in lines:
        if not line.startswith("curl "):
            continue
        words = shlex.split(line)[1:]
        method, headers, body, address = "GET", {}, "", ""
        while words:
            word = words.pop(0)
            if word == "-X":
                method = words.pop(0)
            elif word == "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            elif word == "-d":
                body = words.pop(0)
            else:
                address = word
        yield method, address, headers, body


def test_every_call_of_the_guide_works(world):
    secret, number, statuses = issue(world, "dispatcher").secret, "", []
    for method, address, headers, body in calls():
        parts = urlsplit(address.replace("$NUMBER", number))
        headers["Authorization"] = headers["Authorization"].replace("$TOKEN", secret)
        answer = Client().generic(
            method,
            parts.path,
            body,
            content_type=headers.pop("Content-Type", ""),
            headers=headers,
            QUERY_STRING=parts.query,
        )
        statuses.append(answer.status_code)
        number = json.loads(answer.content).get("number", number) if answer.content[:1] == b"{" else number
    assert statuses == [200, 201, 200, 200, 200, 200, 200]
    assert ServiceRequest.objects.get().state == "accepted"
