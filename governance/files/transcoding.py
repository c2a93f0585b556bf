"""Encodes one film or voice note anew. A program of its own: it reads a stranger's file, so it runs alone, in bounds.

`python -I transcoding.py IN OUT DEMUXER SECONDS` writes OUT (MP4: H.264 of at most 720 lines and AAC, or AAC alone) and
prints one line of JSON: what came out, or `fault`. It knows nothing of Django, gets no environment, opens nothing but
its two files (one named demuxer, no protocol, a list of decoders), and limits its own time, memory and output before it
reads a byte. What is written is made of pixels and samples only: position, device, title and date stay behind.
"""

import json
import resource
import sys
from fractions import Fraction
from typing import Any

CPU_SECONDS = 240
MEMORY = 2 * 1024**3
OUT_BYTES = 64 * 1024**2
LONG_SIDE, SHORT_SIDE = 1280, 720
MAX_PIXELS = 4096 * 2304  # telephones film 3,840 x 2,160
FRAMES_A_SECOND = 30
SAMPLES_A_SECOND = 44_100
FILMS = {"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "h263", "mjpeg"}
SOUNDS = {"aac", "mp3", "mp3float", "opus", "vorbis", "amrnb", "amrwb", "amr_nb", "amr_wb", "alac", "flac", "pcm_s16le"}
SOUNDS |= {"pcm_u8", "pcm_s24le", "pcm_f32le", "pcm_s16be"}


class Refused(Exception):
    """What is wrong, as a word that the caller has a sentence for."""


def main(source: str, target: str, demuxer: str, seconds: int) -> dict[str, Any]:
    """Encode `source` anew into `target`; return what came out, or raise `Refused`."""
    import av

    found: Any
    try:
        with (
            open(source, "rb") as file,
            av.open(
                file,
                format=demuxer,
                metadata_errors="ignore",
                # what a file names elsewhere is not followed
                options={"protocol_whitelist": "none", "enable_drefs": "0", "use_absolute_path": "0"},
            ) as found,
        ):
            film, sound = _streams(found)
            known = float(found.duration or 0) / av.time_base
            if known > seconds + 1:
                raise Refused("too_long")
            with av.open(target, "w", format="mp4", options={"movflags": "+faststart"}) as made:
                return _encode(av, found, made, film, sound, seconds)
    except MemoryError as error:
        raise Refused("too_large") from error
    except (av.error.FFmpegError, ValueError, OSError, EOFError) as error:
        raise Refused("broken") from error


def _streams(found: Any) -> tuple[Any, Any]:
    """The first film that is no cover picture, and the first sound; at least one of them."""
    films = [one for one in found.streams.video if not int(one.disposition) & 0x400]
    film, sound = next(iter(films), None), next(iter(found.streams.audio), None)
    if film is None and sound is None:
        raise Refused("empty")
    for stream, known in ((film, FILMS), (sound, SOUNDS)):
        if stream is not None and (
            stream.codec_context is None or stream.codec_context.name.split("_at")[0] not in known
        ):
            raise Refused("codec")
    if film is not None:
        _check_size(film.codec_context.width, film.codec_context.height)
    for stream in filter(None, (film, sound)):
        stream.thread_count = 1
    return film, sound


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or not width or not height:
        raise Refused("too_large")


def _encode(av: Any, found: Any, made: Any, film: Any, sound: Any, seconds: int) -> dict[str, Any]:
    picture = _Picture(av, made) if film is not None else None
    voice = _Voice(av, made) if sound is not None else None
    for packet in found.demux([one for one in (film, sound) if one is not None]):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue  # a telephone that was switched off leaves a torn packet or two
        for frame in frames:
            at = frame.time if frame.time is not None else 0.0
            if at > seconds + 1:
                raise Refused("too_long")
            if packet.stream is film and picture is not None:
                _check_size(frame.width, frame.height)
                picture.take(frame, at)
            elif voice is not None:
                voice.take(frame)
    for one in (picture, voice):
        if one is not None:
            one.end()
    if not any(one is not None and one.count for one in (picture, voice)):
        raise Refused("broken")
    length = max(picture.seconds if picture else 0.0, voice.seconds if voice else 0.0)
    if length > seconds + 1:
        raise Refused("too_long")
    has_film = picture is not None and bool(picture.count)
    width, height = (picture.stream.width, picture.stream.height) if picture is not None and has_film else (0, 0)
    return {"kind": "video" if has_film else "audio", "seconds": length, "width": width, "height": height}


class _Picture:
    """Frames, upright, at most thirty a second, shrunk to 720 lines."""

    def __init__(self, av: Any, made: Any) -> None:
        self.av, self.made = av, made
        self.stream: Any = None
        self.last, self.count, self.seconds = -1, 0, 0.0
        self.first: float | None = None

    def take(self, frame: Any, at: float) -> None:
        self.first = at if self.first is None else self.first
        number = int((at - self.first) * FRAMES_A_SECOND + 0.001)
        if number <= self.last:
            return
        image = frame.reformat(*_fitted(frame.width, frame.height), format="yuv420p")
        turns = round((frame.rotation or 0) / 90) % 4
        image = _turned(self.av, image, turns)
        if self.stream is None:
            self.stream = self.made.add_stream("libx264", rate=FRAMES_A_SECOND)
            self.stream.width, self.stream.height, self.stream.pix_fmt = image.width, image.height, "yuv420p"
            self.stream.codec_context.thread_count = 1
            self.stream.options = {"preset": "veryfast", "crf": "27", "profile": "main"}
            self.stream.codec_context.time_base = Fraction(1, FRAMES_A_SECOND)
        if (image.width, image.height) != (self.stream.width, self.stream.height):
            image = image.reformat(self.stream.width, self.stream.height)
        image.pts, image.time_base = number, Fraction(1, FRAMES_A_SECOND)
        self.last, self.count = number, self.count + 1
        self.seconds = (number + 1) / FRAMES_A_SECOND
        self.made.mux(self.stream.encode(image))

    def end(self) -> None:
        if self.stream is not None:
            self.made.mux(self.stream.encode(None))


def _fitted(width: int, height: int) -> tuple[int, int]:
    """At most 1,280 by 720, or upright 720 by 1,280; even, as H.264 wants it."""
    scale = min(1.0, LONG_SIDE / max(width, height), SHORT_SIDE / min(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _turned(av: Any, image: Any, turns: int) -> Any:
    """The picture turned counter-clockwise by quarters, as the telephone was held."""
    if not turns:
        return image
    import numpy

    pixels = numpy.rot90(image.to_ndarray(format="rgb24"), turns)
    return av.VideoFrame.from_ndarray(numpy.ascontiguousarray(pixels), format="rgb24").reformat(format="yuv420p")


class _Voice:
    """Samples, at most two channels."""

    def __init__(self, av: Any, made: Any) -> None:
        self.made = made
        self.stream = made.add_stream("aac", rate=SAMPLES_A_SECOND, layout="mono")
        self.stream.bit_rate = 80_000
        self.resampler = av.AudioResampler(format="fltp", layout="mono", rate=SAMPLES_A_SECOND)
        self.count, self.samples = 0, 0

    @property
    def seconds(self) -> float:
        return self.samples / SAMPLES_A_SECOND

    def take(self, frame: Any) -> None:
        frame.pts = None
        self._write(self.resampler.resample(frame))

    def end(self) -> None:
        if self.count:
            self._write(self.resampler.resample(None))
            self.made.mux(self.stream.encode(None))

    def _write(self, frames: Any) -> None:
        for frame in frames:
            frame.pts = self.samples
            self.samples += frame.samples
            self.count += 1
            self.made.mux(self.stream.encode(frame))


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUT_BYTES, OUT_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    try:
        told = main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
    except Refused as refused:
        told = {"fault": str(refused)}
    sys.stdout.write(json.dumps(told))
