"""Painting over parts of a picture for good: faces, plates, house numbers that the public shall not see."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw

from governance.files.pictures import QUALITY, THUMB_SIDE, Picture

# Left, top, width, height in hundredths of the picture's size.
Rectangle = tuple[float, float, float, float]
_COVER = (31, 41, 51)


def picture_covered(data: bytes, areas: Sequence[Rectangle]) -> Picture:
    """Return both sizes of a kept JPEG with the areas filled; nothing of what lay under them is in the new file.

    `data` is a file that `pictures.picture_from` made. Areas are widened to whole pixels, outside parts cut off.
    """
    with Image.open(BytesIO(data), formats=["JPEG"]) as image:
        image.load()
        full = image.convert("RGB")
    draw = ImageDraw.Draw(full)
    for left, top, width, height in areas:
        right, bottom = left + width, top + height
        draw.rectangle(
            (
                int(left * full.width / 100),
                int(top * full.height / 100),
                -int(-right * full.width // 100),
                -int(-bottom * full.height // 100),
            ),
            fill=_COVER,
        )
    thumb = full.copy()
    thumb.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return Picture(_jpeg(full), _jpeg(thumb), full.width, full.height)


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, progressive=True)
    return out.getvalue()
