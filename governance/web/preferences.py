"""How a person wants to see the portal: language, size of type, contrast. Kept in cookies, no account needed."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

YEAR = 365 * 24 * 3600
# name -> (cookie, values; the first is the default and needs no cookie)
CHOICES: dict[str, tuple[str, tuple[str, ...]]] = {
    "size": ("liren_size", ("standard", "large")),
    "contrast": ("liren_contrast", ("standard", "high")),
}


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the cookies say; unknown values read as the default."""

    language: str
    size: str = "standard"
    contrast: str = "standard"

    @property
    def html_lang(self) -> str:
        """Value of the lang attribute: zh-Hans or en."""
        return "zh-Hans" if self.language == "zh-hans" else self.language

    @property
    def is_large(self) -> bool:
        """大字版: one column, four entries, one task a page."""
        return self.size == "large"

    @property
    def is_plain(self) -> bool:
        """Neither large nor high contrast."""
        return self.size == "standard" and self.contrast == "standard"


def read_preferences(request: HttpRequest) -> Preferences:
    """Read the cookies; the language falls back to Accept-Language, then Chinese."""
    view = {
        name: value if (value := request.COOKIES.get(cookie, "")) in values else values[0]
        for name, (cookie, values) in CHOICES.items()
    }
    return Preferences(language=translation.get_language_from_request(request), **view)


def apply_preference(response: Any, value: str) -> bool:
    """Keep one choice on the response: `language:en`, `size:large`, `contrast:high` or `display:standard`.

    `display:standard` takes back both size and contrast. Returns whether the value was understood; anything else
    changes nothing, so a mistyped value never breaks a page.
    """
    name, _separator, choice = value.partition(":")
    if name == "language" and choice in dict(settings.LANGUAGES):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, choice)
        return True
    if (name, choice) == ("display", "standard"):
        for cookie, values in CHOICES.values():
            _keep(response, cookie, values[0])
        return True
    if name in CHOICES and choice in CHOICES[name][1]:
        _keep(response, CHOICES[name][0], choice)
        return True
    return False


def _keep(response: Any, cookie: str, value: str) -> None:
    response.set_cookie(
        cookie, value, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
    )
