"""The second step of signing in (TOTP and backup codes), for those who want it."""

import base64
import io
from typing import Any

import segno
from allauth.mfa.adapter import DefaultMFAAdapter

from governance.accounts import words
from governance.accounts.selectors import phone_of
from governance.privacy.keys import decrypt, encrypt
from governance.privacy.masks import mask_phone
from governance.web.portal import portal

PLACE = "mfa_authenticator.data"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets encrypted, the picture drawn by segno, our words."""

    error_messages = words.SECOND_FACTOR_ERRORS

    def encrypt(self, text: str) -> str:
        """Encrypt a secret for a JSON column."""
        return base64.urlsafe_b64encode(encrypt(text.encode(), place=PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Undo `encrypt`."""
        return decrypt(base64.urlsafe_b64decode(encrypted_text), place=PLACE).decode()

    def get_totp_issuer(self) -> str:
        """Name of the portal, as the app on the telephone shows it."""
        return f"Liren {portal().place_en}"

    def get_totp_label(self, user: Any) -> str:
        """The address, or the masked number."""
        return user.email or mask_phone(phone_of(user))

    def build_totp_svg(self, url: str) -> str:
        """Draw the code."""
        drawing = io.BytesIO()
        segno.make(url, error="m").save(drawing, kind="svg", border=2, scale=4, xmldecl=False)
        return drawing.getvalue().decode()


def picture_of(secret: str, user: Any) -> str:
    """Return the code that an app on a telephone scans, as the address of a picture."""
    adapter = SecondFactorAdapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(user, secret))
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
