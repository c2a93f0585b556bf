"""Turns an uploaded photo into the two pictures that are kept: upright, small, sRGB, without a word of metadata."""

import struct
import zlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from math import ceil

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms

from governance.errors import DomainError
from governance.files.sniffing import IMAGE_FORMATS, format_of

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000  # telephones take 48 million
FULL_SIDE = 2048
THUMB_SIDE = 400
QUALITY = 85

# A progressive JPEG is decoded once per scan; real ones have about ten, a hostile one as many as fit in.
_MAX_SCANS = 100
_MAX_PROFILE = 1024 * 1024
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What decoders raise on files that are cut short, damaged or made to harm.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class Picture:
    """The two JPEG files to keep, and the size in pixels of the full one."""

    full: bytes
    thumb: bytes
    width: int
    height: int


def picture_from(data: bytes) -> Picture:
    """Decode, turn upright and shrink a photo, and encode it anew as progressive JPEG.

    Takes JPEG, PNG, WebP, HEIC and GIF (of moving ones the first frame) by content, up to 20 MB and 50 million pixels;
    pixels are counted from the header, before anything is decoded. Raises `DomainError` with a sentence that says what
    is wrong: `file_empty`, `file_too_big`, `file_is_pdf`, `file_is_video`, `not_an_image`, `too_many_pixels`,
    `image_broken`. All metadata is gone: EXIF with its position and time, XMP, comments; colours are converted to sRGB.
    """
    file_format = _checked_format(data)
    try:
        with _opened(data, file_format) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _too_many_pixels()
            full = _upright(image)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except _BROKEN as error:
        raise DomainError("image_broken", _("这张照片不完整或已损坏，打不开。请换一张，或重新拍一张。")) from error
    thumb = full.copy()
    thumb.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return Picture(_jpeg(full), _jpeg(thumb), full.width, full.height)


def _checked_format(data: bytes) -> str:
    if not data:
        raise DomainError("file_empty", _("这个文件是空的，请重新选一张照片。"))
    if len(data) > MAX_BYTES:
        raise DomainError("file_too_big", _("照片太大：一张最多 20 MB。请换一张，或用手机发送较小的尺寸。"))
    file_format = format_of(data[:1024])
    if file_format == "PDF":
        raise DomainError("file_is_pdf", _("这是 PDF 文件，不是照片。请拍照，或选一张 JPG、PNG、WebP、HEIC 图片。"))
    if file_format == "VIDEO":
        raise DomainError("file_is_video", _("这是视频，这一栏只收照片。请放到视频那一栏，或截一张图。"))
    if file_format not in IMAGE_FORMATS:
        raise DomainError("not_an_image", _("这个文件不是照片。请选一张 JPG、PNG、WebP 或 HEIC 图片。"))
    if file_format == "JPEG" and data.count(b"\xff\xda") > _MAX_SCANS:
        raise DomainError("image_broken", _("这张照片不完整或已损坏，打不开。请换一张，或重新拍一张。"))
    return file_format


def _too_many_pixels() -> DomainError:
    return DomainError("too_many_pixels", _("照片的像素太多：最多 5000 万像素。请用较小的尺寸重拍，或截一张图。"))


def _opened(data: bytes, file_format: str) -> Image.Image:
    """Read the header with the one decoder that fits."""
    if file_format == "HEIF":
        _know_heif()
    return Image.open(BytesIO(data), formats=[file_format])


@cache
def _know_heif() -> None:
    """Load libheif when the first such photo comes: most processes never see one."""
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def _upright(image: Image.Image) -> Image.Image:
    """Return the decoded, shrunk and turned picture in plain sRGB or grey, with no information attached."""
    turn = _TURNS.get(_orientation(image))
    profile = image.info.get("icc_profile") or b""
    scale = FULL_SIDE / max(image.size)
    if scale < 1:
        # JPEG can be decoded at 1/2, 1/4, 1/8 for a fraction of the work; a side of 1,920 is as good as 2,048.
        image.draft("RGB", (ceil(image.width * scale * 15 / 16), ceil(image.height * scale * 15 / 16)))
    image.load()
    image = _resizable(image)
    image.thumbnail((FULL_SIDE, FULL_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    image = _plain(image, profile)
    if turn is not None:
        image = image.transpose(turn)
    image.info = {}
    return image


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; a photo with damaged EXIF is still a photo. HEIC is turned by its decoder."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _BROKEN:
        return 1


def _resizable(image: Image.Image) -> Image.Image:
    """Return the image in a mode whose pixels can be averaged."""
    if image.mode.startswith("I"):  # 16-bit grey
        return image.point(lambda value: value / 256).convert("L")
    if image.mode in ("L", "RGB", "RGBA", "CMYK"):
        return image
    see_through = image.mode in ("LA", "La", "PA", "RGBa") or "transparency" in image.info
    return image.convert("RGBA" if see_through else "RGB" if image.mode != "1" else "L")


def _plain(image: Image.Image, profile: bytes) -> Image.Image:
    """Put see-through parts on white and convert the colours to sRGB."""
    if image.mode == "RGBA":
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        image = white
    converted = _to_srgb(image, profile)
    if converted is not None:
        return converted
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Return the image converted from its own profile, or None if it has none, a broken one, or sRGB already."""
    if not profile or len(profile) > _MAX_PROFILE:
        return None
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return None
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, progressive=True)
    return out.getvalue()
