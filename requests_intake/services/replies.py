"""What an answer to a resident has to be."""

from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError
from governance.text import clean_text

REPLY_MAX = 2000
REPLY_PHOTOS_MAX = 6


def checked_reply(text: str) -> str:
    """Return the cleaned words; raises `DomainError` on "text" above 2,000 characters. Empty ones pass: see `check`."""
    words = clean_text(text)
    if len(words) > REPLY_MAX:
        raise DomainError("text_too_long", _("答复最多 2000 字，请写短一些"), field="text")
    return words
