"""Photos as they come in, and what is kept of them."""

import hashlib
from io import BytesIO

import pytest
from django.utils.translation import override
from PIL import Image, ImageFile

from governance.errors import DomainError
from governance.files import pictures
from governance.files.pictures import Picture, picture_from
from governance.files.sniffing import format_of
from tests.governance.file_samples import (
    BLUE,
    GREEN,
    RED,
    SECRET,
    XMP,
    drawing,
    encoded,
    exif,
    png_claiming,
    png_with_text,
    png_with_text_bomb,
    telephone_jpeg,
    wide_gamut_profile,
)


def _decoded(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data), formats=["JPEG"])
    image.load()
    return image


def _refusal(data: bytes) -> str:
    with pytest.raises(DomainError) as refused:
        picture_from(data)
    return refused.value.code


def _near(pixel, colour, distance: int = 24) -> bool:
    return all(abs(a - b) <= distance for a, b in zip(pixel, colour, strict=True))


def _shows_drawing(picture: Picture) -> bool:
    """Whether red is at the top left, blue at the top right, green at the bottom, in both sizes."""
    shown = []
    for image in (_decoded(picture.full), _decoded(picture.thumb)):
        width, height = image.size
        where = {
            (width // 4, height // 4): RED,
            (3 * width // 4, height // 4): BLUE,
            (width // 4, 3 * height // 4): GREEN,
            (3 * width // 4, 3 * height // 4): GREEN,
        }
        shown.append(all(_near(image.getpixel(place), colour) for place, colour in where.items()))
    return all(shown)


def _moving(first: Image.Image, file_format: str) -> bytes:
    second = Image.new("RGB", first.size, "black")
    return encoded(first, file_format, save_all=True, append_images=[second], duration=100)


class TestFormats:
    @pytest.mark.parametrize(
        "data",
        [
            encoded(drawing(), "JPEG", quality=95, subsampling=0),
            encoded(drawing(), "JPEG", quality=95, subsampling=0, progressive=True),
            encoded(drawing(), "PNG"),
            encoded(drawing(mode="P"), "PNG"),
            encoded(drawing(mode="RGBA"), "PNG"),
            encoded(drawing(), "WEBP", lossless=True),
            encoded(drawing(), "HEIF", quality=95),
            encoded(drawing(mode="P"), "GIF"),
            _moving(drawing(), "GIF"),
            _moving(drawing(), "WEBP"),
            _moving(drawing(), "PNG"),
            encoded(drawing(mode="CMYK"), "JPEG", quality=95, subsampling=0),
        ],
        ids=["jpeg", "progressive", "png", "palette", "alpha", "webp", "heic", "gif", "gif2", "webp2", "apng", "cmyk"],
    )
    def test_are_kept_as_progressive_jpeg(self, data):
        picture = picture_from(data)
        assert _shows_drawing(picture)
        assert (picture.width, picture.height) == _decoded(picture.full).size == (80, 60)
        for kept in (picture.full, picture.thumb):
            image = _decoded(kept)
            assert (image.format, image.mode) == ("JPEG", "RGB")
            assert image.info.get("progressive")

    @pytest.mark.parametrize(
        ("mode", "level"), [("L", 120), ("I;16", 120 * 257), ("LA", (120, 255)), ("1", 1)], ids=str
    )
    def test_grey_ones(self, mode, level):
        data = encoded(Image.new(mode, (20, 10), level), "PNG")
        kept = _decoded(picture_from(data).full).convert("L").getpixel((5, 5))
        assert abs(kept - (255 if mode == "1" else 120)) <= 3

    def test_what_is_see_through_becomes_white(self):
        data = encoded(Image.new("RGBA", (20, 10), (0, 0, 0, 0)), "PNG")
        assert _decoded(picture_from(data).full).getpixel((5, 5)) == (255, 255, 255)

    def test_content_counts_not_the_order_of_brands(self):
        assert format_of(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic") == "HEIF"
        assert format_of(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif") == ""
        assert format_of(b"\0\0\0\x14ftypqt  \0\0\0\0qt  ") == "VIDEO"


class TestSizes:
    @pytest.mark.parametrize(
        ("size", "full", "thumb"),
        [
            ((4000, 3000), (2000, 1500), (400, 300)),  # half of it is near enough to 2,048 and costs a third
            ((3000, 4000), (1500, 2000), (300, 400)),
            ((3200, 2400), (2048, 1536), (400, 300)),
            ((2048, 100), (2048, 100), (400, 20)),
            ((300, 200), (300, 200), (300, 200)),
            ((1, 1), (1, 1), (1, 1)),
            ((9000, 3), (2048, 1), (400, 1)),
        ],
    )
    def test_longest_side(self, size, full, thumb):
        picture = picture_from(encoded(Image.new("RGB", size, RED), "JPEG"))
        assert (picture.width, picture.height) == _decoded(picture.full).size == full
        assert _decoded(picture.thumb).size == thumb

    def test_big_jpeg_is_decoded_small(self, monkeypatch):
        decoded = []
        original = ImageFile.ImageFile.load

        def load(self):
            decoded.append(self.size)
            return original(self)

        data = encoded(drawing(8000, 6000), "JPEG")
        monkeypatch.setattr(ImageFile.ImageFile, "load", load)
        picture = picture_from(data)
        assert set(decoded) == {(2000, 1500)}
        assert _shows_drawing(picture)


class TestOrientation:
    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
    def test_is_applied(self, orientation, file_format):
        turned = drawing()
        back = {
            2: Image.Transpose.FLIP_LEFT_RIGHT,
            3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE,
            6: Image.Transpose.ROTATE_90,
            7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270,
        }
        if orientation in back:
            turned = turned.transpose(back[orientation])
        options = {"quality": 95, "subsampling": 0} if file_format == "JPEG" else {}
        picture = picture_from(encoded(turned, file_format, exif=exif(orientation), **options))
        assert (picture.width, picture.height) == (80, 60)
        assert _shows_drawing(picture)

    def test_of_heic_is_applied_once(self):
        sideways = drawing().transpose(Image.Transpose.ROTATE_90)
        picture = picture_from(encoded(sideways, "HEIF", quality=95, exif=exif(6)))
        assert (picture.width, picture.height) == (80, 60)
        assert _shows_drawing(picture)

    @pytest.mark.parametrize(
        "data", [telephone_jpeg(6), encoded(drawing(), "WEBP", lossless=True, exif=exif(6))], ids=["jpeg", "webp"]
    )
    def test_damaged_exif_is_no_reason_to_refuse(self, data):
        byte_order = data.index(b"MM\0*")
        picture = picture_from(data[:byte_order] + b"\xee" * 8 + data[byte_order + 8 :])
        assert _shows_drawing(picture)


class TestMetadata:
    @pytest.mark.parametrize(
        "data",
        [
            telephone_jpeg(),
            telephone_jpeg(6),
            png_with_text(),
            encoded(drawing(), "WEBP", exif=exif(), xmp=XMP),
            encoded(drawing(), "HEIF", exif=exif(), xmp=XMP),
            encoded(drawing(mode="P"), "GIF", comment=SECRET.encode()),
        ],
        ids=["jpeg", "turned", "png", "webp", "heic", "gif"],
    )
    def test_is_gone_from_the_bytes(self, data):
        picture = picture_from(data)
        for kept in (picture.full, picture.thumb):
            for trace in (SECRET.encode(), b"Exif", b"xmp", b"ns.adobe.com", b"ICC_PROFILE", b"Photoshop"):
                assert trace not in kept
            image = _decoded(kept)
            assert not image.getexif()
            assert set(image.info) <= {
                "jfif",
                "jfif_version",
                "jfif_unit",
                "jfif_density",
                "progressive",
                "progression",
            }
            assert _segments(kept) <= {0xE0, 0xDB, 0xC2, 0xC4, 0xDA}

    def test_was_there_before(self):
        """The samples hold what the test above looks for."""
        assert SECRET.encode() in telephone_jpeg()
        assert {0xE1, 0xFE} <= _segments(telephone_jpeg())
        assert SECRET.encode() in png_with_text()
        assert Image.open(BytesIO(telephone_jpeg())).getexif().get_ifd(0x8825)[2] == (22.0, 42.0, 30.0)

    def test_what_follows_the_picture_is_gone(self):
        data = telephone_jpeg() + b"<script>alert(1)</script>" + SECRET.encode()
        picture = picture_from(data)
        assert b"script" not in picture.full
        assert _shows_drawing(picture)

    def test_colours_are_converted_to_srgb(self):
        image = Image.new("RGB", (20, 20), (200, 100, 100))
        plain = _decoded(picture_from(encoded(image, "PNG")).full).getpixel((5, 5))
        wide = _decoded(picture_from(encoded(image, "PNG", icc_profile=wide_gamut_profile())).full).getpixel((5, 5))
        assert _near(plain, (200, 100, 100), 3)
        # By hand: linear light by 2.2, the Display P3 primaries to those of sRGB, back by sRGB's curve.
        assert _near(wide, (216, 93, 97), 3)

    def test_a_damaged_profile_is_left_out(self):
        picture = picture_from(encoded(drawing(), "PNG", icc_profile=b"not a profile"))
        assert _shows_drawing(picture)


def _segments(jpeg: bytes) -> set[int]:
    """Return the marker codes of a JPEG's segments."""
    found, at = set(), 2
    while at < len(jpeg) - 2:
        if jpeg[at] != 0xFF or jpeg[at + 1] in (0, *range(0xD0, 0xD8)):
            at += 1
            continue
        if jpeg[at + 1] == 0xD9:
            break
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "file_empty"),
            (b"%PDF-1.7\n1 0 obj\n" + b"x" * 1000, "file_is_pdf"),
            (b"\n%PDF-1.4 " + b"x" * 1000, "file_is_pdf"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not_an_image"),
            (b"<?xml version='1.0'?><svg/>", "not_an_image"),
            (b"<!doctype html><script>alert(1)</script>", "not_an_image"),
            (b"MZ\x90\0" * 100, "not_an_image"),
            (b"PK\x03\x04" * 100, "not_an_image"),
            ("路灯坏了".encode(), "not_an_image"),
            (encoded(drawing(), "TIFF"), "not_an_image"),
            (encoded(drawing(), "BMP"), "not_an_image"),
            (encoded(drawing(), "AVIF"), "not_an_image"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + b"x" * 1000, "file_is_video"),
            (b"\xff\xd8\xff" + b"x" * 1000, "image_broken"),
            (b"\x89PNG\r\n\x1a\n" + b"x" * 1000, "image_broken"),
            (b"GIF89a" + b"x" * 1000, "image_broken"),
            (b"RIFF\x10\0\0\0WEBP" + b"x" * 1000, "image_broken"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"x" * 1000, "image_broken"),
        ],
    )
    def test_what_is_no_photo(self, data, code):
        assert _refusal(data) == code

    @pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "HEIF"])
    @pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
    def test_what_is_cut_short(self, file_format, share):
        noise = Image.effect_noise((300, 200), 90).convert("RGB")
        data = encoded(noise, file_format)
        assert picture_from(data).width == 300
        assert _refusal(data[: int(len(data) * share)]) == "image_broken"

    def test_bytes_are_counted(self, monkeypatch):
        data = encoded(drawing(), "PNG")
        monkeypatch.setattr(pictures, "MAX_BYTES", len(data))
        picture_from(data)
        assert _refusal(data + b"x") == "file_too_big"

    def test_the_limits_are_those_announced(self):
        assert pictures.MAX_BYTES == 20 * 1024 * 1024
        assert pictures.MAX_PIXELS == 50_000_000

    @pytest.mark.parametrize("size", [(10_000, 6_000), (60_000, 60_000), (2**31 - 1, 1), (7_072, 7_071)])
    def test_pixels_are_counted_before_anything_is_decoded(self, size, monkeypatch):
        def load(self):
            raise AssertionError("decoded")

        monkeypatch.setattr(ImageFile.ImageFile, "load", load)
        assert _refusal(png_claiming(*size)) == "too_many_pixels"
        with pytest.raises(AssertionError, match="decoded"):
            picture_from(png_claiming(7_071, 7_071))

    def test_sixty_million_real_pixels(self):
        data = encoded(Image.new("L", (10_000, 6_000), 128), "PNG", compress_level=1)
        assert len(data) < pictures.MAX_BYTES
        assert _refusal(data) == "too_many_pixels"

    def test_forty_eight_million_are_what_telephones_take(self):
        picture = picture_from(encoded(Image.new("RGB", (8_064, 6_000), RED), "JPEG"))
        assert (picture.width, picture.height) == (2016, 1500)

    def test_a_small_file_that_claims_much_is_broken(self):
        assert _refusal(png_claiming(5_000, 5_000)) == "image_broken"

    def test_a_text_that_unpacks_to_two_hundred_megabytes(self):
        data = png_with_text_bomb()
        assert len(data) < 300_000
        assert _refusal(data) == "image_broken"

    def test_a_jpeg_of_very_many_scans(self, monkeypatch):
        data = encoded(drawing(), "JPEG", progressive=True)
        scans = data.count(b"\xff\xda")
        monkeypatch.setattr(pictures, "_MAX_SCANS", scans)
        picture_from(data)
        monkeypatch.setattr(pictures, "_MAX_SCANS", scans - 1)
        assert _refusal(data) == "image_broken"

    def test_every_refusal_is_a_sentence_for_the_sender(self):
        for data in (b"", b"%PDF-1.7", b"MZ", b"\xff\xd8\xff", png_claiming(60_000, 60_000)):
            with pytest.raises(DomainError) as refused, override("zh-hans"):
                picture_from(data)
            assert str(refused.value).endswith("。")


def test_the_same_photo_gives_the_same_bytes():
    first, second = picture_from(telephone_jpeg()), picture_from(telephone_jpeg())
    assert hashlib.sha256(first.full).digest() == hashlib.sha256(second.full).digest()
