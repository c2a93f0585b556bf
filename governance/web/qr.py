"""QR codes of the portal's own links."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_of(link: str) -> SafeString:
    """Draw a link of our own as an inline picture, without size or style of its own."""
    drawn = segno.make(link, error="m").svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)
    return mark_safe(drawn)  # noqa: S308  drawn by segno from our own link
