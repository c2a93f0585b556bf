"""The one set of line icons (icons.svg): `{% icon "clock" %}` draws one inline, so it takes the text's colour."""

import re
from pathlib import Path

_SYMBOL = re.compile(r'^<symbol id="([^"]+)">(.*)</symbol>$', re.MULTILINE)

ICONS: dict[str, str] = dict(_SYMBOL.findall(Path(__file__).with_name("icons.svg").read_text(encoding="utf-8")))


def svg(name: str, extra_class: str = "") -> str:
    """Return the inline SVG of an icon, silent for screen readers: the word beside it speaks.

    Raises `KeyError` for an icon that is not in the set.
    """
    classes = f"lr-icon {extra_class}".rstrip()
    return f'<svg class="{classes}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{ICONS[name]}</svg>'
