"""A resident with a browser without script, and what the gateway would have sent them."""

from dataclasses import dataclass, field
from html import unescape
from re import findall
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from governance.access.models import User
from governance.notifications.models import Message
from tests.requests_intake.resident import fields_of

PHONE, OTHER_PHONE = "13812345678", "13912342046"
MAIL = "zhou@example.com"


def dynamic_code(secret: str) -> str:
    """What the app on the telephone shows now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def last_code(address: str = "") -> str:
    """The code that waits to be sent, as its reader would read it."""
    messages = [row for row in Message.objects.filter(kind="accounts.code").order_by("-id") if row.secret]
    if address:
        messages = [row for row in messages if str(row.address) == address]
    return str(messages[0].secret["code"]) if messages else ""


def said(response: HttpResponse) -> list[str]:
    """What a page complains of, beside its fields or above them."""
    html = response.content.decode()
    found = findall(r'class="lr-error"[^>]*>.*?错误：</span>(.*?)</span>', html)
    found += findall(r'role="alert"[^>]*><p>(.*?)</p>', html)
    return [unescape(text) for text in found]


@dataclass
class Visitor:
    """Walks the account pages."""

    client: Client = field(default_factory=Client)
    page: HttpResponse | None = None

    def get(self, name: str, query: str = "") -> HttpResponse:
        """Open a page."""
        self.page = self.client.get(reverse(name) + query)
        return self.page

    def post(self, page: str, query: str = "", /, **data: Any) -> HttpResponse:
        """Send a form without looking at it."""
        self.page = self.client.post(reverse(page) + query, data)
        return self.page

    def follow(self) -> HttpResponse:
        """Go where the last answer leads."""
        assert self.page is not None
        assert self.page.status_code == 302, (self.page.status_code, said(self.page))
        self.page = self.client.get(self.page["Location"])
        return self.page

    def sign_up(self, **data: Any) -> "Visitor":
        """Make an account and prove it."""
        self.post("account_signup", **(data or {"phone": PHONE}))
        name = (
            "account_email_verification_sent" if data.get("email") and not data.get("phone") else "account_verify_phone"
        )
        self.follow()
        self.post(name, code=last_code())
        assert self.page is not None
        assert self.page.status_code == 302, said(self.page)
        return self

    def prove(self) -> None:
        """Answer the question that comes before something that matters, if it comes."""
        assert self.page is not None
        while self.page.status_code == 302 and "/again/" in self.page["Location"]:
            location = self.page["Location"]
            self.page = self.client.get(location)
            shown = fields_of(self.page)
            code = last_code() if "/code/" in location else ""
            self.page = self.client.post(location, shown | ({"code": code} if code else {}))

    @property
    def user(self) -> User | None:
        """Who is signed in."""
        key = self.client.session.get("_auth_user_id")
        return User.objects.get(pk=key) if key else None
