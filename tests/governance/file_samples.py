"""Pictures for the tests of stored files, all drawn here."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image, PngImagePlugin

pillow_heif.register_heif_opener()

RED, BLUE, GREEN = (220, 30, 30), (30, 30, 220), (30, 160, 30)
SECRET = "secret-place"


def drawing(width: int = 80, height: int = 60, mode: str = "RGB") -> Image.Image:
    """Return a picture whose top-left quarter is red, top-right blue, and bottom half green."""
    image = Image.new("RGB", (width, height), GREEN)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(BLUE, (width // 2, 0, width, height // 2))
    return image.quantize(8) if mode == "P" else image.convert(mode)


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """Return the bytes of a picture."""
    out = BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def exif(orientation: int = 1) -> bytes:
    """Return EXIF data of a telephone: how it was held, who owns it, where it was, when."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = f"maker {SECRET}"
    data[0x013B] = f"artist {SECRET}"
    data[0x9286] = f"comment {SECRET}"
    gps = data.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (22.0, 42.0, 30.0), "E", (114.0, 20.0, 45.0)
    gps[29] = "2026:11:12"
    return data.tobytes()


XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()


def telephone_jpeg(orientation: int = 1, **options: Any) -> bytes:
    """Return a JPEG with everything that must not survive."""
    return encoded(
        drawing(),
        "JPEG",
        quality=95,
        subsampling=0,
        exif=exif(orientation),
        xmp=XMP,
        comment=SECRET.encode(),
        **options,
    )


def png_with_text() -> bytes:
    """Return a PNG with text, XMP and EXIF chunks."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", SECRET)
    info.add_text("Author2", SECRET, zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return encoded(drawing(), "PNG", pnginfo=info, exif=exif())


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG file."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_claiming(width: int, height: int) -> bytes:
    """Return a tiny PNG whose header claims a huge picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


def png_with_text_bomb() -> bytes:
    """Return a small PNG with a text chunk that unpacks to 200 MB."""
    small = encoded(drawing(8, 8), "PNG")
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    bomb = png_chunk(b"zTXt", b"Comment\0\0" + packed)
    return small[:33] + bomb + small[33:]


def wide_gamut_profile() -> bytes:
    """Return a colour profile like those of recent telephones (Display P3), written out by hand."""

    def fixed(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def xyz(x: float, y: float, z: float) -> bytes:
        return b"XYZ \0\0\0\0" + fixed(x) + fixed(y) + fixed(z)

    name = b"wide gamut\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.51512, 0.24120, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.15710, 0.06657, 0.78407),
    } | {curve: b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) for curve in (b"rTRC", b"gTRC", b"bTRC")}
    table, body, offset = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        content += bytes(-len(content) % 4)
        table += tag + struct.pack(">II", offset + len(body), len(content))
        body += content
    rest = struct.pack(">I", len(tags)) + table + body
    header = struct.pack(">I4sI4s4s4s", 128 + len(rest), b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    header += bytes(12) + b"acsp" + bytes(28) + fixed(0.9642) + fixed(1.0) + fixed(0.8249)
    return header.ljust(128, b"\0") + rest
