"""Tiny films and voice notes, made when a test asks for them."""

from fractions import Fraction
from io import BytesIO
from typing import Any

import av
import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile

# As telephones write it: ISO 6709 in the metadata of the file.
PLACE = "+31.2304+121.4737"
PHONE = "Liren Test Phone"
RATE, SAMPLES = 10, 44_100


def clip(
    seconds: float = 1,
    *,
    size: tuple[int, int] | None = (64, 48),
    sound: bool = True,
    frames: int | None = None,
) -> bytes:
    """Return a film whose left half is white; `size` None: a voice note. `frames`: how many there are at all."""
    out = BytesIO()
    with av.open(out, "w", format="mp4", options={"movflags": "use_metadata_tags"}) as made:
        made.metadata.update({"location": f"{PLACE}/", "com.apple.quicktime.location.ISO6709": PLACE, "make": PHONE})
        film = _film(made, size) if size else None
        voice: Any = made.add_stream("aac", rate=SAMPLES, layout="mono") if sound else None
        for number in range(frames or int(seconds * RATE)) if size and film is not None else ():
            pixels = np.zeros((size[1], size[0], 3), dtype=np.uint8)
            pixels[:, : size[0] // 2] = 255
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            made.mux(film.encode(frame))
        for number in range(int(SAMPLES * seconds) // 1024) if voice is not None else ():
            block = av.AudioFrame.from_ndarray(np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono")
            block.sample_rate, block.pts = SAMPLES, number * 1024
            made.mux(voice.encode(block))
        for stream in filter(None, (film, voice)):
            made.mux(stream.encode(None))
    return out.getvalue()


def _film(made: Any, size: tuple[int, int]) -> Any:
    film = made.add_stream("libx264", rate=RATE)
    film.width, film.height, film.pix_fmt = *size, "yuv420p"
    film.options = {"preset": "ultrafast"}
    return film


def opus_note() -> bytes:
    """Return a second of silence as browsers record it."""
    out = BytesIO()
    with av.open(out, "w", format="ogg") as made:
        voice = made.add_stream("libopus", rate=48_000, layout="mono")
        made.metadata["location"] = PLACE
        for number in range(50):
            frame = av.AudioFrame(format="flt", layout="mono", samples=960)
            frame.planes[0].update(bytes(3840))
            frame.sample_rate, frame.pts = 48_000, number * 960
            made.mux(voice.encode(frame))
        made.mux(voice.encode(None))
    return out.getvalue()


def held_upright(data: bytes) -> bytes:
    """The same film as if the telephone had been turned: shown a quarter clockwise (ISO 14496-12, 8.3.2)."""
    start = data.index(b"tkhd") + 4 + 40
    matrix = [0, 0x10000, 0, 0xFFFF0000, 0, 0, 0, 0, 0x40000000]
    return data[:start] + b"".join(one.to_bytes(4, "big") for one in matrix) + data[start + 36 :]


def upload(data: bytes, name: str = "a.bin") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="application/octet-stream")
