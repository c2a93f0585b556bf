"""Drawn photos of streets, each in two states: as reported and as put right."""

import math
import random

from PIL import Image, ImageFilter

from demo.drawing import HEIGHT, WIDTH, Canvas, Point, mix, oval, rgb, shade
from demo.scenery import (
    AMBER,
    ASPHALT,
    CINNABAR,
    CONCRETE,
    DUSK,
    GRASS,
    INK,
    LAMPLIGHT,
    NIGHT,
    PAPER,
    PAVING,
    STEEL,
    STONE,
    WALLS,
    Hour,
    block,
    car,
    cone,
    dim,
    ground,
    hedge,
    kerb,
    shadow,
    shrub,
    sky,
    slabs,
    street,
    tree,
)


def lamp(c: Canvas, hour: Hour, *, solved: bool) -> bytes:
    """Show a park path at dusk, its lamp dark or lit."""
    c.horizon = 520
    sky(c, DUSK)
    block(c, (-26, -6.5), (24, 40), 17, WALLS[3], DUSK)
    block(c, (5.5, 26), (19, 34), 20, WALLS[0], DUSK)
    ground(c, rgb("2B3632"), rgb("49534E"))
    c.wall([(-1.5, 0, 2), (0.9, 0, 2), (0.5, 0, 24), (-0.6, 0, 24)], rgb("8A8C8A"), rgb("6E716F"))
    for x, z, size in ((-5.2, 15, 5.6), (4.6, 15, 4.2), (-3.4, 10, 1.7), (2.7, 12, 1.6), (-7, 11, 6.5)):
        if size > 3:
            tree(c, x, z, size, DUSK, rgb("3F5F45"))
        else:
            shrub(c, x, z, size, DUSK)
    iron = rgb("141B23")
    for y in (0.44, 0.62, 0.8):
        c.line([c.at(1.45, y, 5.6), c.at(2.9, y, 5.6)], iron, 7)
    for x in (1.6, 2.75):
        c.line([c.at(x, 0.8, 5.6), c.at(x, 0, 5.6)], iron, 7)
    post = 1.15
    arm = [c.at(post - 0.25 + 0.25 * math.cos(t / 10), 3.6 + 0.25 * math.sin(t / 10), 6.6) for t in range(0, 17, 2)]
    c.line([c.at(post, 0, 6.6), *arm, c.at(post - 0.7, 3.84, 6.6)], iron, 10)
    head = [c.at(x, y, 6.6) for x, y in ((post - 1, 3.88), (post - 0.4, 3.88), (post - 0.4, 3.76), (post - 1, 3.76))]
    c.poly(head, rgb("FFF6D8") if solved else rgb("2A333E"))
    c.settle()
    if solved:
        lit = c.at(post - 0.7, 3.8, 6.6)
        c.glow([c.at(px, 0, pz) for px, pz in oval(post - 0.8, 6.2, 2.2, 2.0)], LAMPLIGHT, 0.62, 44)
        c.glow([lit, c.at(post + 1.2, 0, 6.4), c.at(post - 2.4, 0, 6.4)], LAMPLIGHT, 0.26, 36)
        c.glow(oval(*lit, 190, 180), LAMPLIGHT, 0.42, 78)
        c.glow(oval(*lit, 46, 34), LAMPLIGHT, 0.95, 22)
    return c.jpeg(DUSK.tint, DUSK.lift)


def _lane(c: Canvas, hour: Hour, horizon: float = 300) -> None:
    """A lane with flats behind, a hedge on the left and a pavement with trees on the right."""
    c.horizon = horizon
    street(c, hour)
    for x, z, size in ((-7.5, 21, 7), (7.5, 23, 8), (-5.4, 30, 6), (5.2, 34, 6)):
        tree(c, x, z, size, hour)
    ground(c, ASPHALT, shade(ASPHALT, 1.22))
    c.floor(-60, -3.4, 2, 40, GRASS)
    hedge(c, (-4.6, -3.5), (5, 26), 1.0, hour)
    kerb(c, -3.2, (2, 40))
    c.floor(3.3, 60, 2, 40, shade(PAVING, 0.98))
    c.floor(3.1, 3.3, 1.5, 40, STONE)
    for z in range(4, 34, 5):
        c.floor(-0.07, 0.07, z, z + 2.4, rgb("DCDCD2"))
    c.speckle((-3.1, 3.2), (1.7, 12), (shade(ASPHALT, 0.84), shade(ASPHALT, 1.16)), 420)
    for z in (7, 15, 24):
        c.veil([c.at(px, 0, pz) for px, pz in oval(1.4, z, 2.6, 1.3, 18)], rgb("20272F"), 0.26, 20)


def _jagged(rng: random.Random, x: float, z: float, rx: float, rz: float, rough: float = 0.13) -> list[Point]:
    count = 26
    points = []
    for i in range(count):
        reach = 1 + rng.uniform(-rough, rough)
        turn = 2 * math.pi * i / count
        points.append((x + rx * reach * math.cos(turn), z + rz * reach * math.sin(turn)))
    return points


def road(c: Canvas, hour: Hour, *, solved: bool) -> bytes:
    """Show a hole in the carriageway, or the square of fresh asphalt over it."""
    _lane(c, hour)
    car(c, -2.9, 13, rgb("C9CED2"))
    rng = random.Random(7)
    if solved:
        fresh = rgb("45494E")
        c.floor(-1.35, 1.2, 2.65, 4.5, shade(fresh, 0.7))
        c.floor(-1.3, 1.15, 2.7, 4.45, fresh)
        c.speckle((-1.25, 1.1), (2.72, 4.4), (shade(fresh, 1.25), shade(fresh, 0.8)), 420)
        c.veil([c.at(x, 0, z) for x, z in oval(0, 3.5, 0.9, 0.5)], rgb("7B838A"), 0.22, 40)
        return c.jpeg(hour.tint, hour.lift)
    hole = _jagged(rng, -0.1, 3.35, 1.0, 0.6)
    c.veil([c.at(-0.1 + (x + 0.1) * 1.3, 0, 3.35 + (z - 3.35) * 1.3) for x, z in hole], rgb("4A4A48"), 0.55, 16)
    for _ in range(9):
        turn = rng.uniform(0, 2 * math.pi)
        crack = [(-0.1 + 0.9 * math.cos(turn), 3.35 + 0.55 * math.sin(turn))]
        for _ in range(4):
            turn += rng.uniform(-0.5, 0.5)
            crack.append((crack[-1][0] + 0.22 * math.cos(turn), crack[-1][1] + 0.2 * math.sin(turn)))
        c.line([c.at(x, 0, z) for x, z in crack], rgb("383C40"), 4)
    c.poly([c.at(x, 0, z) for x, z in hole], rgb("85817A"))
    c.poly([c.at(x, -0.05, z - 0.02) for x, z in hole], rgb("4B4540"))
    c.poly([c.at(-0.1 + (x + 0.1) * 0.8, -0.08, 3.33 + (z - 3.35) * 0.78) for x, z in hole], rgb("35322F"))
    water = [c.at(0.05 + (x + 0.1) * 0.56, -0.1, 3.26 + (z - 3.35) * 0.5) for x, z in hole]
    c.poly(water, mix(hour.low, rgb("4A4844"), 0.55))
    c.veil([(x - 20, y) for x, y in water[13:26]], hour.low, 0.4, 10)
    for _ in range(34):
        turn, reach = rng.uniform(0, 2 * math.pi), rng.uniform(1.0, 1.6)
        x, y = c.at(-0.1 + reach * math.cos(turn), 0, 3.35 + reach * 0.62 * math.sin(turn))
        size = rng.uniform(3, 11)
        c.poly(oval(x + size * 0.3, y + size * 0.4, size * 1.2, size * 0.6, 8), rgb("3B3E41"))
        c.poly(oval(x, y, size, size * 0.62, 7), shade(rgb("77756F"), rng.uniform(0.8, 1.2)))
    return c.jpeg(hour.tint, hour.lift)


def manhole(c: Canvas, hour: Hour, *, solved: bool) -> bytes:
    """Show a cover tipped in its frame with cones round it, or level in a ring of new concrete."""
    c.horizon = 170
    street(c, hour, far=20)
    ground(c, CONCRETE, shade(CONCRETE, 1.1))
    c.floor(-60, -3, 1.5, 30, GRASS)
    for x, z, size in ((-5, 12, 6), (5.4, 15, 7), (-4.4, 20, 6)):
        tree(c, x, z, size, hour)
    slabs(c, (-3, 3.6), (1.5, 9.9), 0.6, PAVING)
    hedge(c, (3.7, 4.6), (5, 20), 0.9, hour)
    x, z = 0.0, 2.75
    iron = rgb("5B5F62")
    if solved:
        c.poly(c.ring(x, z, 0.95), rgb("C9CBC8"))
        c.veil(c.ring(x, z, 0.7), rgb("8B8E8D"), 0.4, 20)
        _cover(c, (x, z), 0.0, iron)
        return c.jpeg(hour.tint, hour.lift)
    c.poly(_ground(c, _jagged(random.Random(3), x, z, 0.84, 0.82, 0.09)), rgb("8A867E"))
    c.poly(c.ring(x, z, 0.66), rgb("3E4245"))
    c.poly(c.ring(x, z, 0.6), rgb("14171A"))
    c.fade(c.ring(x + 0.04, z - 0.02, 0.55, -0.1), rgb("2D2A27"), rgb("0C0E10"))
    _cover(c, (x + 0.32, z + 0.1), 0.2, iron)
    for px, pz in ((-1.25, 3.3), (1.45, 3.5), (-1.0, 2.25)):
        cone(c, px, pz)
    for start, end in (((-1.25, 3.3), (1.45, 3.5)), ((-1.25, 3.3), (-1.0, 2.25))):
        tape = [c.at(start[0], 0.62, start[1]), c.at(end[0], 0.62, end[1])]
        c.line(tape, CINNABAR, 9)
        for share in (0.1, 0.3, 0.5, 0.7, 0.9):
            a, b = (
                (tape[0][0] + (tape[1][0] - tape[0][0]) * s, tape[0][1] + (tape[1][1] - tape[0][1]) * s)
                for s in (share - 0.04, share + 0.04)
            )
            c.line([a, b], PAPER, 9)
    return c.jpeg(hour.tint, hour.lift)


def _ground(c: Canvas, points: list[Point]) -> list[Point]:
    return [c.at(x, 0, z) for x, z in points]


def _cover(c: Canvas, centre: Point, tilt: float, iron: tuple[int, int, int]) -> None:
    """A cast cover with its pattern; `tilt` metres higher on the right than on the left."""
    x, z = centre

    def disc(radius: float, low: float = 0.0) -> list[Point]:
        return [c.at(px, tilt * (0.5 + (px - x) / 1.2) + low, pz) for px, pz in oval(x, z, radius, radius, 40)]

    if tilt:
        c.veil([(px + 16, py + 20) for px, py in disc(0.6, -0.1)], rgb("0D1013"), 0.7, 12)
        c.poly(disc(0.6, -0.04), shade(iron, 0.55))
    c.fade(disc(0.6), shade(iron, 1.22), shade(iron, 0.86))
    for radius, tone in ((0.56, 0.7), (0.53, 1.08)):
        c.fade(disc(radius), shade(iron, tone * 1.12), shade(iron, tone * 0.9))
    for row in range(-4, 5):
        for column in range(-4, 5):
            px, pz = x + column * 0.11, z + row * 0.11
            if math.hypot(column, row) < 4.5 and (row + column) % 2:
                y = tilt * (0.5 + (px - x) / 1.2)
                stud = [(px - 0.045, pz), (px, pz + 0.045), (px + 0.045, pz), (px, pz - 0.045)]
                c.poly([c.at(sx, y, sz) for sx, sz in stud], shade(iron, 0.66))


def flood(c: Canvas, hour: Hour, *, solved: bool) -> bytes:
    """Show a lane under water that mirrors the houses, or the same lane drained."""
    _lane(c, hour, 360)
    car(c, -2.8, 15, rgb("8C3B33"))
    if solved:
        for z in (2.5, 3.1, 3.7, 4.3, 4.9):
            c.floor(2.25, 2.95, z - 0.03, z + 0.42, rgb("3A3F43"))
            for bar in range(6):
                c.floor(2.29 + bar * 0.11, 2.35 + bar * 0.11, z, z + 0.38, rgb("7C8388"))
        for x, z in ((-1.5, 4), (0.8, 7)):
            c.veil([c.at(px, 0, pz) for px, pz in oval(x, z, 0.9, 0.5, 18)], rgb("474D53"), 0.4, 14)
        return c.jpeg(hour.tint, hour.lift)
    c.settle()
    line = int(c.at(0, 0, 17)[1])
    above = c.image.crop((0, max(0, line - (HEIGHT - line) // 2 - 60), WIDTH, line))
    mirror = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((WIDTH, HEIGHT - line))
    mirror = Image.blend(mirror.filter(ImageFilter.BoxBlur(5)), Image.new("RGB", mirror.size, rgb("6F6B5D")), 0.42)
    shore = [(-3.3, 2.0), (3.9, 2.0), (4.2, 5), (3.5, 9), (3.7, 13), (2.0, 17), (-3.2, 17)]
    mask, corner = c.mask(_ground(c, shore), 3, 0.94)
    top = corner[1] - line
    c.image.paste(mirror.crop((corner[0], top, corner[0] + mask.width, top + mask.height)), corner, mask)
    rng = random.Random(11)
    for _ in range(46):
        z = 2.6 + 12 * rng.random() ** 1.6
        x, y = c.at(rng.uniform(-3, 3.2), 0, z)
        wide, tone = rng.uniform(30, 150) * 4 / (z + 2), rng.choice((PAPER, rgb("595A50"), hour.low))
        c.veil(oval(x, y, wide, 4 * 4 / z, 16), tone, 0.4, 3)
    for _ in range(12):
        x, y = c.at(rng.uniform(-2.6, 3), 0, rng.uniform(2.7, 7))
        c.poly(oval(x, y, rng.uniform(5, 13), 4, 8), rng.choice((rgb("7C6A3A"), rgb("5E5130"), rgb("8E8158"))))
    return c.jpeg(hour.tint, hour.lift)


def walkway(c: Canvas, hour: Hour, *, solved: bool) -> bytes:
    """Show cars left on the pavement over the tactile strip, or the pavement free with bollards."""
    c.horizon = 330
    street(c, hour, far=34)
    for x, z in ((3.2, 11), (3.3, 19), (3.4, 28)):
        tree(c, x + 2.2, z + 6, 7, hour)
    ground(c, ASPHALT, shade(ASPHALT, 1.2))
    slabs(c, (-3.6, 2.4), (1.8, 9.6), 0.6, PAVING)
    slabs(c, (-3.6, 2.4), (9.6, 36), 2.4, PAVING)
    for z in range(2, 30):
        c.floor(-0.42, 0.18, z, z + 0.96, rgb("D8AE4A"))
        for bar in (-0.3, -0.12, 0.06) if z < 9 else ():
            c.floor(bar - 0.03, bar + 0.03, z + 0.06, z + 0.9, rgb("BF963A"))
    kerb(c, 2.6, (1.8, 36))
    shops = (rgb("B9514A"), rgb("3F7A66"), rgb("3D648F"), rgb("B58A3A"))
    for index, z in enumerate((26, 20, 14, 8)):
        wall = [(-3.6, 6.5, z), (-3.6, 6.5, z + 6), (-3.6, 0, z + 6), (-3.6, 0, z)]
        c.wall(wall, dim(WALLS[index % 3], hour), shade(WALLS[index % 3], 0.9))
        board = [(-3.55, 3.4, z + 0.3), (-3.55, 3.4, z + 5.7), (-3.55, 2.7, z + 5.7), (-3.55, 2.7, z + 0.3)]
        c.wall(board, shops[index])
        for low, high in ((0.5, 2.7), (3.2, 5.5)):
            glass = [(-3.58, 2.5, z + low), (-3.58, 2.5, z + high), (-3.58, 0.1, z + high), (-3.58, 0.1, z + low)]
            c.wall(glass, rgb("8497A2"), rgb("55636D"))
    c.wall([(-3.6, 6.5, 2), (-3.6, 6.5, 8), (-3.6, 0, 8), (-3.6, 0, 2)], WALLS[3], shade(WALLS[3], 0.88))
    if solved:
        for z in (22, 18, 14.5, 11.5, 9, 7, 5.4):
            shadow(c, 2.2, z, 0.22, 0.12)
            c.box((2.02, 2.2), (0, 0.85), (z, z + 0.16), rgb("4C555D"))
            c.box((2.01, 2.21), (0.6, 0.7), (z - 0.01, z + 0.1), AMBER)
    else:
        car(c, 0.3, 16, rgb("DADDDE"))
        car(c, -2.3, 9.6, rgb("39536F"))
        car(c, 0.3, 5.8, rgb("E6E2DA"))
    return c.jpeg(hour.tint, hour.lift)


def site(c: Canvas, hour: Hour, *, solved: bool) -> bytes:
    """Show a building site at night seen from a flat: floodlit and working, or dark under the moon."""
    c.horizon = 640
    c.eye = 14
    sky(c, NIGHT)
    for x, z, height, wall in (((-60, -26), 90, 34, 0), ((30, 66), 84, 44, 1), ((-20, 4), 120, 30, 3)):
        block(c, (x[0], x[1]), (z, z + 14), height, WALLS[wall], NIGHT)
    ground(c, rgb("1E2226"), rgb("30343A"))
    frame = rgb("8C8578") if not solved else rgb("3A3F47")
    left, right, front = -11.0, 13.0, 42.0
    c.wall([(left, 23, front), (right, 23, front), (right, 0, front), (left, 0, front)], shade(frame, 0.34))
    for storey in range(8):
        lit = shade(frame, 0.8 + 0.06 * (storey % 3))
        low, high = storey * 3.0, storey * 3 + 0.5
        c.wall([(left, low, front), (left, high, front), (right, high, front), (right, low, front)], lit)
    for column in range(7):
        x = left + (right - left) * column / 6
        c.line([c.at(x, 0, front), c.at(x, 23.6 + column % 2, front)], shade(frame, 1.05), 7)
    net = [(left, 12, front - 1), (left + 12, 12, front - 1), (left + 12, 0, front - 1), (left, 0, front - 1)]
    c.wall(net, rgb("3F6B52") if not solved else rgb("22342C"), rgb("2A4938") if not solved else rgb("1C2A25"))
    _crane(c, rgb("D8A437") if not solved else rgb("3D3A34"))
    for x in range(-30, 31, 3):
        panel = [(x, 2.6, 34), (x + 2.9, 2.6, 34), (x + 2.9, 0, 34), (x, 0, 34)]
        c.wall(panel, rgb("3B6EA0") if not solved else rgb("263646"), rgb("274B70") if not solved else rgb("1D2833"))
    c.settle()
    if solved:
        c.poly(oval(*c.at(-15, 33, 60), 25, 25), rgb("E9E6D8"))
        c.glow(oval(*c.at(-15, 33, 60), 60, 60), rgb("8795AD"), 0.4, 40)
    else:
        for x, y in ((-8, 24.5), (9.5, 25), (2, 9.5)):
            light = c.at(x, y, front - 1)
            c.glow([light, (light[0] - 210, light[1] + 330), (light[0] + 190, light[1] + 330)], LAMPLIGHT, 0.34, 40)
            c.glow(oval(*light, 110, 90), rgb("FFF1CC"), 0.5, 52)
            c.glow(oval(*light, 20, 13), rgb("FFFFFF"), 1, 8)
        sparks = random.Random(5)
        weld = c.at(5, 15.4, front - 1)
        c.glow(oval(*weld, 46, 46), rgb("A9CCFF"), 0.8, 26)
        for _ in range(26):
            drop = (weld[0] + sparks.uniform(-60, 60), weld[1] + sparks.uniform(0, 130))
            c.poly(oval(*drop, 2.2, 3.2, 6), rgb("FFD88A"))
    _window(c)
    return c.jpeg(NIGHT.tint, NIGHT.lift)


def _crane(c: Canvas, colour: tuple[int, int, int]) -> None:
    z = 46.0
    for x in (6.0, 7.2):
        c.line([c.at(x, 0, z), c.at(x, 35, z)], colour, 5)
    for y in range(20, 35):
        c.line([c.at(6.0, y, z), c.at(7.2, y + 1, z)], colour, 2.5)
    for y in (34.0, 35.2):
        c.line([c.at(-15, 34.6, z), c.at(13, y, z)], colour, 4)
    c.line([c.at(-12, 34.6, z), c.at(6.6, 38, z), c.at(13, 34.8, z)], colour, 2.5)
    c.line([c.at(6, 35, z), c.at(6.6, 38, z), c.at(7.2, 35, z)], colour, 4)
    c.wall([(11, 34.4, z), (13, 34.4, z), (13, 32.6, z), (11, 32.6, z)], shade(STEEL, 0.5))
    c.line([c.at(-9, 34.6, z), c.at(-9, 26, z)], colour, 2)


def _window(c: Canvas) -> None:
    """The dark frame and sill we look past."""
    for x in (-40, 930, WIDTH - 20):
        c.poly([(x, -90), (x + 46, -90), (x + 46, HEIGHT + 90), (x, HEIGHT + 90)], rgb("14181D"))
        c.poly([(x + 46, -90), (x + 52, -90), (x + 52, HEIGHT + 90), (x + 46, HEIGHT + 90)], INK)
    c.poly([(-90, 842), (WIDTH + 90, 842), (WIDTH + 90, HEIGHT + 90), (-90, HEIGHT + 90)], rgb("171B20"))
    c.poly([(-90, 836), (WIDTH + 90, 836), (WIDTH + 90, 844), (-90, 844)], rgb("323A43"))
