"""What a file is by its first bytes. Names and declared types are whatever the sender likes."""

# Formats we keep pictures from, by the name under which Pillow knows them.
IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "GIF")

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}


def format_of(head: bytes) -> str:
    """Return one of `IMAGE_FORMATS`, or "PDF", "VIDEO", "ZIP", or "" for anything else. 64 bytes are enough."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if b"%PDF-" in head:  # readers accept it a little way in
        return "PDF"
    if head.startswith((b"\x1aE\xdf\xa3", b"RIFF")):
        return "VIDEO"
    if head.startswith(b"PK\x03\x04"):  # Excel's files are such
        return "ZIP"
    return ""


def _iso_media(head: bytes) -> str:
    """Tell pictures from films in the family of MP4; the main brand may be general and the others say more."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[i : i + 4] for i in range(16, length - 3, 4))}
    if brands & _AVIF_BRANDS:
        return ""
    return "HEIF" if brands & _HEIF_BRANDS else "VIDEO"


_BY_START = (
    (b"\x1aE\xdf\xa3", "matroska"),  # WebM, too
    (b"OggS", "ogg"),
    (b"ID3", "mp3"),
    (b"#!AMR", "amr"),
)


def recording_demuxer(head: bytes) -> str:
    """Return the name of the one reader for a film or voice note, "" for anything else.

    Only containers that telephones write, and only those that cannot name another file to be read in their place.
    """
    if head[4:8] == b"ftyp":
        return "mov" if _iso_media(head[:1024]) == "VIDEO" else ""
    if head[4:8] in (b"moov", b"mdat", b"wide"):  # old QuickTime begins without a mark
        return "mov"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "wav"
    for start, demuxer in _BY_START:
        if head.startswith(start):
            return demuxer
    if head[:1] == b"\xff" and len(head) > 1:  # a frame without a header: MPEG audio or AAC
        if head[1] & 0xF6 == 0xF0:
            return "aac"
        if head[1] & 0xE0 == 0xE0 and head[1] & 0x06 and head[:3] != b"\xff\xd8\xff":
            return "mp3"
    return ""
