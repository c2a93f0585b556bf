"""A small canvas for drawn "phone photos": metres in, a softly lit JPEG out. Pillow only, nothing random unseeded."""

import io
import math
import random
from collections.abc import Iterable, Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]
Spot = tuple[float, float, float]

WIDTH, HEIGHT = 1200, 900
QUALITY = 80
_OVER = 2  # drawn twice as large, then halved: smooth edges
_FOCAL = 900.0
_NEAR = 0.6
_SOFT = 8  # blurred masks are made this much smaller


def rgb(code: str) -> Colour:
    """Return the colour of six hex digits."""
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


def shade(colour: Colour, factor: float) -> Colour:
    """Return the colour made darker (below 1) or lighter (above 1)."""
    red, green, blue = (max(0, min(255, round(part * factor))) for part in colour)
    return red, green, blue


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour between two; share 0 is the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def oval(x: float, y: float, rx: float, ry: float, count: int = 36) -> list[Point]:
    """Return the outline of an ellipse."""
    turn = 2 * math.pi / count
    return [(x + rx * math.cos(i * turn), y + ry * math.sin(i * turn)) for i in range(count)]


@lru_cache(maxsize=1)
def _grain() -> Image.Image:
    """Sensor noise around the middle grey, the same in every process."""
    noise = Image.frombytes("L", (WIDTH, HEIGHT), random.Random(20261121).randbytes(WIDTH * HEIGHT))
    quiet = noise.point([128 + round((value - 128) * 0.085) for value in range(256)])
    return Image.merge("RGB", (quiet, ImageChops.offset(quiet, 211, 97), quiet))


@lru_cache(maxsize=1)
def _vignette() -> Image.Image:
    """Corners a little darker than the middle, as in a small lens."""
    lens = Image.radial_gradient("L").point([255 - round(40 * (value / 255) ** 2.2) for value in range(256)])
    full = lens.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    return Image.merge("RGB", (full, full, full))


class Canvas:
    """One picture. `rng` is for the place, so that before and after show the same one.

    Screen points are pixels of a 1200 by 900 picture; spots are metres from a camera held at `eye`
    metres: x to the right, y up, z away. `shot` decides how the phone was held.
    """

    def __init__(self, place: str, shot: str, *, mirrored: bool = False) -> None:
        self.rng = random.Random(place)
        self.horizon = 340.0
        self.eye = 1.55
        self.scale = float(_OVER)
        self.image = Image.new("RGB", (WIDTH * _OVER, HEIGHT * _OVER))
        self.draw = ImageDraw.Draw(self.image)
        hand = random.Random(shot)
        angle = math.radians(hand.uniform(-1.3, 1.3))
        zoom = hand.uniform(1.05, 1.1)
        self._turn = (math.cos(angle) * zoom, math.sin(angle) * zoom)
        self._shift = (hand.uniform(-16, 16), hand.uniform(-12, 12))
        self._side = -1 if mirrored else 1

    def at(self, x: float, y: float, z: float) -> Point:
        """Return where a spot is seen."""
        depth = max(z, _NEAR)
        return WIDTH / 2 + _FOCAL * x / depth, self.horizon + _FOCAL * (self.eye - y) / depth

    def size(self, metres: float, z: float) -> float:
        """Return how many pixels a length takes at a distance."""
        return _FOCAL * metres / max(z, _NEAR)

    def held(self, points: Iterable[Point]) -> list[Point]:
        """Return screen points as the hand-held phone has them, in pixels of the image drawn on."""
        (cos, sin), scale = self._turn, self.scale
        cos, sin, side = cos * scale, sin * scale, self._side
        middle_x, middle_y = WIDTH / 2, HEIGHT / 2
        left, top = (self._shift[0] + middle_x) * scale, (self._shift[1] + middle_y) * scale
        return [
            (
                ((x - middle_x) * cos - (y - middle_y) * sin) * side + left,
                (x - middle_x) * sin + (y - middle_y) * cos + top,
            )
            for x, y in points
        ]

    def poly(self, points: Iterable[Point], fill: Colour) -> None:
        """Fill an outline."""
        self.draw.polygon(self.held(points), fill=fill)

    def line(self, points: Iterable[Point], fill: Colour, width: float) -> None:
        """Draw a line with round ends."""
        held = self.held(points)
        thick = max(1, round(width * self.scale))
        self.draw.line(held, fill=fill, width=thick, joint="curve")
        if thick > 3:
            for x, y in (held[0], held[-1]):
                half = thick / 2 - 0.5
                self.draw.ellipse((x - half, y - half, x + half, y + half), fill=fill)

    def fade(self, points: Sequence[Point], start: Colour, end: Colour, *, across: bool = False) -> None:
        """Fill a convex outline from one colour to another, downwards or to the right."""
        axis = 0 if across else 1
        low, high = min(p[axis] for p in points), max(p[axis] for p in points)
        steps = max(2, min(40, max(abs(a - b) for a, b in zip(start, end, strict=True))))
        rest = list(points)
        for step in range(steps):
            level = low + (high - low) * (step + 1) / steps
            band = _beyond(rest, axis, level + 1.5, keep=-1)  # a little too far, so that no seam shows
            if len(band) > 2:
                self.poly(band, mix(start, end, step / (steps - 1)))
            rest = _beyond(rest, axis, level)
            if len(rest) < 3:
                return

    def wall(self, spots: Sequence[Spot], fill: Colour, end: Colour | None = None) -> None:
        """Fill a flat outline in space; with `end`, fading downwards."""
        seen = [self.at(*spot) for spot in spots]
        if end is None:
            self.poly(seen, fill)
        else:
            self.fade(seen, fill, end)

    def floor(self, x0: float, x1: float, z0: float, z1: float, fill: Colour, y: float = 0.0) -> None:
        """Fill a rectangle lying at height y."""
        self.wall([(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)], fill)

    def box(self, x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], fill: Colour) -> None:
        """Draw a box: its front, the side turned to us, and its top when we look down on it."""
        (x0, x1), (y0, y1), (z0, z1) = x, y, z
        if y1 < self.eye:
            self.floor(x0, x1, z0, z1, shade(fill, 1.12), y1)
        side = x0 if x0 > 0 else x1 if x1 < 0 else None
        if side is not None:
            self.wall([(side, y0, z0), (side, y1, z0), (side, y1, z1), (side, y0, z1)], shade(fill, 0.72))
        self.wall([(x0, y1, z0), (x1, y1, z0), (x1, y0, z0), (x0, y0, z0)], fill, shade(fill, 0.88))

    def ring(self, x: float, z: float, radius: float, y: float = 0.0, count: int = 40) -> list[Point]:
        """Return the outline of a circle lying at height y."""
        return [self.at(px, y, pz) for px, pz in oval(x, z, radius, radius, count)]

    def ball(self, centre: Point, rx: float, ry: float, dark: Colour, light: Colour, steps: int = 8) -> None:
        """Draw a rounded lump lit from the upper left."""
        for step in range(steps):
            share = step / max(1, steps - 1)
            left, up = centre[0] - rx * 0.28 * share, centre[1] - ry * 0.32 * share
            small = 1 - 0.72 * share
            self.poly(oval(left, up, rx * small, ry * small, 24), mix(dark, light, share))

    def mask(self, points: Sequence[Point], blur: float, strength: float) -> tuple[Image.Image, tuple[int, int]]:
        """Return a soft mask of an outline and the corner of the image where it belongs."""
        held = self.held(points)
        edge = blur * self.scale * 2.5
        left = max(0, int(min(p[0] for p in held) - edge))
        top = max(0, int(min(p[1] for p in held) - edge))
        right = min(self.image.width, int(max(p[0] for p in held) + edge) + 1)
        bottom = min(self.image.height, int(max(p[1] for p in held) + edge) + 1)
        if right <= left or bottom <= top:
            return Image.new("L", (1, 1)), (0, 0)
        soft = Image.new("L", ((right - left) // _SOFT + 2, (bottom - top) // _SOFT + 2))
        outline = [((x - left) / _SOFT, (y - top) / _SOFT) for x, y in held]
        ImageDraw.Draw(soft).polygon(outline, fill=round(255 * strength))
        soft = soft.filter(ImageFilter.GaussianBlur(blur * self.scale / _SOFT))
        return soft.resize((right - left, bottom - top), Image.Resampling.BILINEAR), (left, top)

    def veil(self, points: Sequence[Point], fill: Colour, strength: float, blur: float = 14) -> None:
        """Lay a soft colour over what is drawn: a shadow, a stain, damp."""
        mask, corner = self.mask(points, blur, strength)
        self.image.paste(fill, (*corner, corner[0] + mask.width, corner[1] + mask.height), mask)

    def glow(self, points: Sequence[Point], fill: Colour, strength: float, blur: float) -> None:
        """Add light to what is drawn."""
        mask, (left, top) = self.mask(points, blur, strength)
        box = (left, top, left + mask.width, top + mask.height)
        light = Image.new("RGB", mask.size)
        light.paste(fill, (0, 0), mask)
        self.image.paste(ImageChops.screen(self.image.crop(box), light), box)

    def speckle(self, x: tuple[float, float], z: tuple[float, float], fills: Sequence[Colour], count: int) -> None:
        """Strew grit or leaves over the ground, smaller with distance."""
        for _ in range(count):
            depth = z[0] + (z[1] - z[0]) * self.rng.random() ** 2
            across, down = self.at(self.rng.uniform(*x), 0, depth)
            size = self.size(self.rng.uniform(0.006, 0.016), depth)
            self.poly(oval(across, down, size * 1.5, size * 0.7, 6), self.rng.choice(fills))

    def settle(self) -> None:
        """Halve the image; what comes after is soft light, cheaper at this size."""
        self.image = self.image.reduce(_OVER)
        self.scale = 1.0
        self.draw = ImageDraw.Draw(self.image)

    def jpeg(self, tint: Colour = (255, 255, 255), lift: int = 0) -> bytes:
        """Return the finished picture; `tint` is the light of the hour, `lift` the haze in the darks."""
        if self.scale > 1:
            self.settle()
        curve = [
            min(255, round(lift + value * (255 - lift) / 255 * part / 255)) for part in tint for value in range(256)
        ]
        graded = ImageChops.multiply(self.image.point(curve), _vignette())
        buffer = io.BytesIO()
        ImageChops.add(graded, _grain(), 1, -128).save(buffer, "JPEG", quality=QUALITY)
        return buffer.getvalue()


def _beyond(points: Sequence[Point], axis: int, level: float, keep: int = 1) -> list[Point]:
    """The part of a convex outline past a level; with keep -1, the part before it."""
    kept: list[Point] = []
    for one, other in zip(points, [*points[1:], points[0]], strict=True):
        inside, other_inside = keep * (one[axis] - level) >= 0, keep * (other[axis] - level) >= 0
        if inside:
            kept.append(one)
        if inside != other_inside:
            share = (level - one[axis]) / (other[axis] - one[axis])
            kept.append((one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share))
    return kept
