"""What stands about in the drawn photos: skies, houses, trees, cars, bins, cones."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from demo.drawing import HEIGHT, WIDTH, Canvas, Colour, Point, Spot, mix, oval, rgb, shade

INDIGO, BAMBOO, CINNABAR, AMBER = rgb("0B4F8A"), rgb("2E7D4F"), rgb("B42318"), rgb("E0A93B")
INK, PAPER, STONE = rgb("1F2933"), rgb("FAF8F4"), rgb("D9D4CA")
ASPHALT, PAVING, CONCRETE = rgb("6A7077"), rgb("B9B3A7"), rgb("A7A9A6")
LEAF = rgb("4F7A4C")
GRASS, WOOD, BARK = rgb("6F8F5F"), rgb("9C7248"), rgb("5D4B3C")
STEEL, RUBBER, LAMPLIGHT = rgb("8C969F"), rgb("23282D"), rgb("FFC970")
WALLS = (rgb("DDD3C0"), rgb("C9CDCB"), rgb("D3BBA5"), rgb("C2CBD3"), rgb("E2DCCF"))


@dataclass(frozen=True)
class Hour:
    """The light of an hour: the sky's two ends, the tint of everything, haze, and how far windows glow."""

    top: Colour
    low: Colour
    tint: Colour = (255, 255, 255)
    lift: int = 6
    night: float = 0.0


CLEAR = Hour(rgb("7FAFD6"), rgb("E3ECEE"), (255, 252, 245), 6)
CLOUDY = Hour(rgb("B4BFC7"), rgb("E2E4E2"), (240, 246, 250), 14)
MORNING = Hour(rgb("9DBFD8"), rgb("F6E7CC"), (255, 246, 226), 8)
LATE = Hour(rgb("8FA6C0"), rgb("F2CFA2"), (255, 232, 205), 4)
DUSK = Hour(rgb("2C3D56"), rgb("8A8E9C"), (238, 242, 252), 4, 0.72)
NIGHT = Hour(rgb("131C2C"), rgb("3B4559"), (236, 240, 252), 3, 0.86)


def dim(colour: Colour, hour: Hour) -> Colour:
    """Return the colour as the hour shows it."""
    return mix(colour, mix(hour.top, INK, 0.35), hour.night)


def sky(c: Canvas, hour: Hour) -> None:
    """Fill everything above the horizon, with thin clouds by day."""
    c.fade([(-90, -90), (WIDTH + 90, -90), (WIDTH + 90, c.horizon + 6), (-90, c.horizon + 6)], hour.top, hour.low)
    for _ in range(0 if hour.night else 3):
        x, y = c.rng.uniform(0, WIDTH), c.rng.uniform(0, c.horizon * 0.55)
        c.veil(oval(x, y, c.rng.uniform(120, 320), c.rng.uniform(10, 26), 20), PAPER, 0.55, 22)


def ground(c: Canvas, near: Colour, far: Colour) -> None:
    """Fill everything below the horizon."""
    low = HEIGHT + 90
    c.fade([(-90, c.horizon), (WIDTH + 90, c.horizon), (WIDTH + 90, low), (-90, low)], far, near)


def block(c: Canvas, x: tuple[float, float], z: tuple[float, float], height: float, wall: Colour, hour: Hour) -> None:
    """Draw a block of flats: windows by storey, some with an air conditioner, some lit in the dark."""
    haze = min(0.6, z[0] / 150)
    face = mix(dim(wall, hour), hour.low, haze)
    c.wall([(x[0], height, z[0]), (x[1], height, z[0]), (x[1], 0, z[0]), (x[0], 0, z[0])], face, shade(face, 0.93))
    inner = x[0] if x[0] > 0 else x[1] if x[1] < 0 else None
    if inner is not None:
        side = shade(face, 0.8)
        c.wall([(inner, height, z[0]), (inner, height, z[1]), (inner, 0, z[1]), (inner, 0, z[0])], side)
    for storey in range(int(height // 3)):
        sill = storey * 3 + 1.0
        _row(c, [(px, z[0]) for px in _steps(*x)], sill, face, hour, along=False, far=haze)
        if inner is not None:
            _row(c, [(inner, pz) for pz in _steps(*z)], sill, shade(face, 0.8), hour, along=True, far=haze)


def _steps(low: float, high: float) -> list[float]:
    count = max(1, int((high - low) // 3.2))
    gap = (high - low) / count
    return [low + gap * (i + 0.5) for i in range(count)]


def _row(
    c: Canvas, middles: Sequence[Point], sill: float, face: Colour, hour: Hour, *, along: bool, far: float
) -> None:
    for x, z in middles:
        lit = c.rng.random() < 0.26
        glass = mix(rgb("5F7384"), hour.low, 0.2 + far * 0.5) if not hour.night else shade(face, 1.3)
        if hour.night and lit:
            glass = mix(rgb("F3CE86"), face, far * 0.5)
        half = (0, 0.75) if along else (0.75, 0)
        top = sill + 1.5
        corners = [
            (x - half[0], top, z - half[1]),
            (x + half[0], top, z + half[1]),
            (x + half[0], sill, z + half[1]),
            (x - half[0], sill, z - half[1]),
        ]
        c.wall(corners, glass)
        c.line([c.at(x, top, z), c.at(x, sill, z)], shade(face, 0.86), max(0.8, c.size(0.06, z)))
        if c.rng.random() < 0.3 and not along:
            c.box((x - 0.4, x + 0.4), (sill - 0.75, sill - 0.2), (z - 0.3, z), shade(face, 1.08))


def street(c: Canvas, hour: Hour, *, far: float = 26.0) -> None:
    """Sky and two rows of flats with trees between, the usual end of a lane."""
    sky(c, hour)
    walls = c.rng.sample(WALLS, 4)
    for x, z, height, wall in (
        ((-4, 9), (far + 40, far + 60), 18, walls[3]),
        ((-30, -9), (far + 14, far + 34), 21, walls[0]),
        ((9, 30), (far + 10, far + 30), 18, walls[1]),
    ):
        block(c, x, z, height, wall, hour)


def tree(c: Canvas, x: float, z: float, height: float, hour: Hour, hue: Colour = LEAF) -> None:
    """Draw a tree standing on the ground, crown of many lumps."""
    foot = c.at(x, 0, z)
    unit = c.size(height, z)
    trunk = dim(BARK, hour)
    crown = dim(hue, hour)
    c.line([foot, (foot[0], foot[1] - unit * 0.55)], trunk, max(2, unit * 0.045))
    c.line([(foot[0], foot[1] - unit * 0.35), (foot[0] + unit * 0.14, foot[1] - unit * 0.6)], trunk, unit * 0.025)
    for layer in range(3):
        tone = shade(crown, 0.78 + layer * 0.2)
        for _ in range(13):
            turn, reach = c.rng.uniform(0, 2 * math.pi), c.rng.random() ** 0.5
            px = foot[0] + math.cos(turn) * reach * unit * (0.29 - layer * 0.05) - layer * unit * 0.03
            py = foot[1] - unit * (0.68 + layer * 0.05) + math.sin(turn) * reach * unit * (0.24 - layer * 0.04)
            size = unit * c.rng.uniform(0.07, 0.12) * (1 - layer * 0.2)
            c.poly(oval(px, py, size, size * 0.82, 12), shade(tone, c.rng.uniform(0.92, 1.08)))


def foliage(c: Canvas, rng: random.Random, spot: Spot, leaves: tuple[Colour, ...], count: int) -> None:
    """Scatter a spray of leaves round a spot, darker ones underneath."""
    x, y = c.at(*spot)
    unit = c.size(1, spot[2])
    for index in range(count):
        px, py = x + rng.gauss(0, 0.28) * unit, y + rng.gauss(0, 0.16) * unit
        turn, size = rng.uniform(0, math.pi), unit * rng.uniform(0.05, 0.095)
        along, wide = (math.cos(turn) * size, math.sin(turn) * size * 0.7), 0.4
        leaf = [
            (px - along[0], py - along[1]),
            (px - along[1] * wide, py + along[0] * wide),
            (px + along[0], py + along[1]),
            (px + along[1] * wide, py - along[0] * wide),
        ]
        c.poly(leaf, shade(rng.choice(leaves), 0.7 + 0.5 * index / count))


def shrub(c: Canvas, x: float, z: float, width: float, hour: Hour) -> None:
    """Draw a rounded bush."""
    px, py = c.at(x, 0, z)
    unit = c.size(width, z)
    base = dim(rgb("5B7F52"), hour)
    for layer in range(3):
        for _ in range(7):
            dx, dy = c.rng.uniform(-0.4, 0.4), c.rng.uniform(0, 0.42)
            size = unit * c.rng.uniform(0.12, 0.2)
            lump = oval(px + unit * dx, py - unit * (0.2 + dy * 0.8), size, size * 0.8, 12)
            c.poly(lump, shade(base, 0.75 + layer * 0.16))


def hedge(c: Canvas, x: tuple[float, float], z: tuple[float, float], height: float, hour: Hour) -> None:
    """Draw a clipped hedge with a leafy face."""
    green = dim(rgb("577A50"), hour)
    c.box(x, (0, height), z, green)
    for _ in range(110):
        share = c.rng.random()
        depth = z[0] + (z[1] - z[0]) * share * share
        side = x[1] if x[1] < 0 else x[0]
        px, py = c.at(side, c.rng.uniform(0.05, height), depth)
        size = c.size(0.07, depth)
        c.poly(oval(px, py, size, size * 0.7, 8), shade(green, c.rng.uniform(0.62, 1.1)))


def slabs(c: Canvas, x: tuple[float, float], z: tuple[float, float], size: float, colour: Colour) -> None:
    """Lay paving slabs, each a little different."""
    columns, rows = max(1, round((x[1] - x[0]) / size)), max(1, round((z[1] - z[0]) / size))
    c.floor(*x, *z, shade(colour, 0.86))
    wide, deep = (x[1] - x[0]) / columns, (z[1] - z[0]) / rows
    for row in range(rows):
        for column in range(columns):
            left, near = x[0] + column * wide, z[0] + row * deep
            tone = shade(colour, c.rng.uniform(0.95, 1.05))
            c.floor(left + 0.012, left + wide - 0.012, near + 0.012, near + deep - 0.012, tone)


def kerb(c: Canvas, x: float, z: tuple[float, float], colour: Colour = STONE) -> None:
    """Draw a kerb running away from us, its face to the right."""
    c.floor(x - 0.16, x, *z, colour, 0.13)
    c.wall([(x, 0.13, z[0]), (x, 0.13, z[1]), (x, 0, z[1]), (x, 0, z[0])], shade(colour, 0.7))
    near = z[0]
    while near < min(z[1], 24):
        c.line([c.at(x - 0.16, 0.13, near), c.at(x, 0.13, near)], shade(colour, 0.75), max(1, c.size(0.01, near)))
        near += 1.0


def shadow(c: Canvas, x: float, z: float, wide: float, deep: float, strength: float = 0.45) -> None:
    """Lay the soft shadow of something standing on the ground."""
    outline = [c.at(px, 0, pz) for px, pz in oval(x, z, wide, deep, 20)]
    c.veil(outline, rgb("1B2129"), strength, max(4, c.size(0.07, z)))


def car(c: Canvas, x: float, z: float, colour: Colour) -> None:
    """Draw a small car seen from behind, its left lower corner at x and its back at z."""
    wide, length = 1.78, 4.1
    shadow(c, x + wide / 2, z + length * 0.4, wide * 0.66, length * 0.56, 0.6)
    for wheel in (x + 0.06, x + wide - 0.3):
        c.box((wheel, wheel + 0.24), (0, 0.5), (z + 0.25, z + 0.8), RUBBER)
    c.box((x, x + wide), (0.24, 0.92), (z, z + length), colour)
    side = x if x > 0 else x + wide
    for wheel in (z + 0.8, z + 3.2):
        arch = [c.at(side, 0.3 + 0.33 * math.sin(t / 8), wheel + 0.33 * math.cos(t / 8)) for t in range(0, 51, 3)]
        c.poly(arch, RUBBER)
    roof = [(x + 0.26, 1.46, z + 1.0), (x + wide - 0.26, 1.46, z + 1.0)]
    c.wall([*roof, (x + wide - 0.06, 0.9, z + 0.16), (x + 0.06, 0.9, z + 0.16)], rgb("2B3742"), rgb("566878"))
    c.wall([*roof, (x + wide - 0.26, 1.46, z + 2.6), (x + 0.26, 1.46, z + 2.6)], shade(colour, 1.1))
    edge = x + 0.26 if x > 0 else x + wide - 0.26
    lower = [(side, 0.92, z + 3.3), (side, 0.92, z + 0.3)]
    c.wall([(edge, 1.44, z + 1.0), (edge, 1.44, z + 2.6), *lower], rgb("3B4A57"))
    for lamp in (x + 0.06, x + wide - 0.36):
        c.wall([(lamp, 0.84, z), (lamp + 0.3, 0.84, z), (lamp + 0.3, 0.66, z), (lamp, 0.66, z)], CINNABAR)
    plate = (x + wide / 2 - 0.24, x + wide / 2 + 0.24)
    c.wall([(plate[0], 0.62, z), (plate[1], 0.62, z), (plate[1], 0.48, z), (plate[0], 0.48, z)], rgb("2F67A5"))
    c.wall([(x, 0.42, z), (x + wide, 0.42, z), (x + wide, 0.24, z), (x, 0.24, z)], shade(colour, 0.6))


def cone(c: Canvas, x: float, z: float) -> None:
    """Draw a traffic cone."""
    shadow(c, x + 0.1, z, 0.3, 0.16)
    c.poly(c.ring(x, z, 0.2, 0.02, 4), rgb("A63A1E"))

    def band(low: float, high: float, fill: Colour) -> None:
        thin, wide = 0.16 * (1 - high / 0.8), 0.16 * (1 - low / 0.8)
        outline = [c.at(x - thin, high, z), c.at(x + thin, high, z), c.at(x + wide, low, z), c.at(x - wide, low, z)]
        c.fade(outline, fill, shade(fill, 0.7), across=True)

    band(0.03, 0.7, rgb("D9572B"))
    band(0.24, 0.4, PAPER)
    band(0.5, 0.6, PAPER)


def wheelie_bin(c: Canvas, x: float, z: float, colour: Colour) -> None:
    """Draw a 240-litre bin with its lid."""
    shadow(c, x + 0.29, z + 0.3, 0.44, 0.4)
    front = [(x + 0.03, 0.95, z), (x + 0.55, 0.95, z), (x + 0.51, 0.06, z), (x + 0.07, 0.06, z)]
    side = x if x > 0 else x + 0.58
    c.wall([(side, 0.95, z), (side, 0.95, z + 0.6), (side, 0.06, z + 0.6), (side, 0.06, z)], shade(colour, 0.66))
    c.wall(front, colour, shade(colour, 0.82))
    for mark in (0.2, 0.29, 0.38):
        c.line([c.at(x + mark, 0.86, z), c.at(x + mark, 0.2, z)], shade(colour, 0.9), c.size(0.012, z))
    badge = oval(*c.at(x + 0.29, 0.62, z), c.size(0.1, z), c.size(0.1, z), 20)
    c.poly(badge, PAPER)
    c.box((x, x + 0.58), (0.95, 1.04), (z - 0.05, z + 0.62), shade(colour, 1.1))


def bag(c: Canvas, x: float, z: float, size: float, rng: random.Random, y: float = 0.0) -> None:
    """Draw a tied rubbish bag."""
    colour = rng.choice((rgb("2A2F36"), rgb("343B42"), rgb("5D6B5E"), rgb("A39C92")))
    if not y:
        shadow(c, x, z, size * 1.25, size * 0.55, 0.5)
    px, py = c.at(x, y + size * 0.8, z)
    unit = c.size(size, z)
    outline = []
    for i in range(22):
        across, down = math.cos(i * math.pi / 11), math.sin(i * math.pi / 11)
        lump = rng.uniform(0.9, 1.08) * (1 if down > 0 else 1 - 0.32 * down * down)
        outline.append((across * lump * 1.08, min(0.72, down * lump * (0.95 if down > 0 else 1.1))))
    for step in range(7):
        part = 1 - step * 0.12
        left, top = px - unit * 0.03 * step, py - unit * 0.035 * step
        tone = shade(colour, 0.8 + 0.055 * step)
        c.poly([(left + unit * dx * part, top + unit * dy * part) for dx, dy in outline], tone)
    for _ in range(9):
        dx, dy = rng.uniform(-0.7, 0.6), rng.uniform(-0.6, 0.4)
        fold = [(px + unit * dx, py + unit * dy), (px + unit * (dx + 0.14), py + unit * (dy + 0.22))]
        c.line(fold, shade(colour, rng.choice((0.7, 0.75, 1.5))), unit * 0.035)
    knot = [(px - unit * 0.18, py - unit * 0.98), (px + unit * 0.2, py - unit * 0.94), (px, py - unit * 0.6)]
    c.poly(knot, shade(colour, 1.25))


def carton(c: Canvas, x: float, z: float, size: tuple[float, float, float], y: float = 0.0) -> None:
    """Draw a cardboard box with tape."""
    wide, high, deep = size
    card = rgb("B98F60")
    if not y:
        shadow(c, x + wide / 2, z + deep / 2, wide * 0.7, deep * 0.8)
    c.box((x, x + wide), (y, y + high), (z, z + deep), card)
    middle = x + wide / 2
    tape = [(middle - 0.03, y + high, z), (middle + 0.03, y + high, z), (middle + 0.03, y + high * 0.6, z)]
    c.wall([*tape, (middle - 0.03, y + high * 0.6, z)], rgb("DCC59A"))
