"""A resident with a browser that runs no script: answers one question a page and presses the buttons."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve, reverse

from tests.factories.world import IN_EAST
from tests.governance.file_samples import drawing, encoded

WORDS = "槐安里 7 号楼北侧的路灯不亮了，晚上看不清。"


def jpeg(width: int = 80) -> SimpleUploadedFile:
    """A small photo; another width is another photo."""
    return SimpleUploadedFile("灯.jpg", encoded(drawing(width), "JPEG"), "image/jpeg")


def fields_of(response: HttpResponse) -> dict[str, str]:
    """What the form of a page would send if nothing were changed: inputs, chosen radios, text areas."""
    html = response.content.decode()
    found: dict[str, str] = {}
    for tag in re.findall(r"<input\b[^>]*>", html):
        attributes = {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        kind = attributes.get("type", "text")
        if kind in ("radio", "checkbox") and " checked" not in tag:
            continue
        if kind != "file" and "name" in attributes:
            found[attributes["name"]] = attributes.get("value", "")
    for name, text in re.findall(r'<textarea\b[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', html, re.DOTALL):
        found[name] = unescape(text).removeprefix("\r\n").removeprefix("\n")
    return found


@dataclass
class Resident:
    """Walks the pages. `clock` is the test's clock: people take some seconds to write."""

    clock: Any
    client: Client = field(default_factory=Client)
    address: str = ""

    def open(self, address: str) -> HttpResponse:
        """Open a page and read it for ten seconds."""
        response = self.client.get(address)
        self.address = address
        self.clock.shift(timedelta(seconds=10))
        return response

    def send(self, follow: bool = True, **answers: Any) -> HttpResponse:
        """Fill in the open page's form and send it; what is not named goes as the page shows it."""
        shown = fields_of(self.open(self.address))
        shown.pop("csrfmiddlewaretoken", None)
        response = self.client.post(self.address, shown | answers)
        if response.status_code == 302 and follow:
            self.address = response["Location"]
        return response

    @property
    def token(self) -> str:
        """Token of the draft or of the request whose page is open."""
        return str(resolve(self.address.partition("?")[0]).kwargs["token"])

    @property
    def step(self) -> str:
        """Key of the open step."""
        return str(resolve(self.address.partition("?")[0]).kwargs["step"])

    def go(self, step: str) -> HttpResponse:
        """Open another step of the same draft."""
        return self.open(reverse("intake:step", args=[self.token, step]))

    def begin(self, kind: str = "help") -> "Resident":
        """Choose the kind of matter."""
        self.open(reverse("intake:start"))
        assert self.send(kind=kind).status_code == 302
        return self

    def answer_all(self, category: int | str, photos: int = 0, **changes: Any) -> "Resident":
        """Answer every question from where the draft stands, up to the preview."""
        answers: dict[str, dict[str, Any]] = {
            "where": {"lng": str(IN_EAST[0]), "lat": str(IN_EAST[1])},
            "what": {"body": WORDS},
            "category": {"category": str(category)},
            "photos": {"photos": [jpeg(80 + 8 * number) for number in range(photos)]} if photos else {},
            "contact": {"name": "周梅", "phone": "13912342046", "email": "", "may_be_public": "no"},
        }
        while self.step != "preview":
            step = self.step
            response = self.send(**answers[step] | changes.get(step, {}))
            assert response.status_code == 302, (step, response.status_code, response.content.decode()[-3000:])
        return self
