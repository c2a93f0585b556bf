"""Drawn photos of yards, parks and stairwells, each in two states: as reported and as put right."""

import math
import random

from demo.drawing import HEIGHT, Canvas, Colour, Point, mix, oval, rgb, shade
from demo.scenery import (
    AMBER,
    BAMBOO,
    BARK,
    CINNABAR,
    CONCRETE,
    GRASS,
    INDIGO,
    PAPER,
    PAVING,
    RUBBER,
    STEEL,
    STONE,
    WOOD,
    Hour,
    bag,
    carton,
    foliage,
    ground,
    hedge,
    shadow,
    shrub,
    slabs,
    street,
    tree,
    wheelie_bin,
)


def bins(c: Canvas, hour: Hour, *, solved: bool) -> bytes:
    """Show a drop-off point with bags heaped round the bins, or swept and hosed."""
    c.horizon = 300
    street(c, hour, far=20)
    for x, z, size in ((-6, 12, 7), (6.5, 13, 8)):
        tree(c, x, z, size, hour)
    ground(c, CONCRETE, shade(CONCRETE, 1.12))
    c.wall([(-3.6, 2.0, 6.6), (3.6, 2.0, 6.6), (3.6, 0, 6.6), (-3.6, 0, 6.6)], rgb("D8D5CB"), rgb("BDB9AD"))
    for y in (0.5, 1.0, 1.5):
        c.line([c.at(-3.6, y, 6.6), c.at(3.6, y, 6.6)], rgb("B3AFA3"), 2)
    c.wall([(-1.6, 1.72, 6.58), (1.6, 1.72, 6.58), (1.6, 1.3, 6.58), (-1.6, 1.3, 6.58)], BAMBOO, shade(BAMBOO, 0.9))
    for x in (-3.4, 3.3):
        c.box((x, x + 0.1), (0, 2.5), (6.3, 6.4), STEEL)
    c.wall([(-3.9, 2.5, 5.2), (3.9, 2.5, 5.2), (3.7, 2.7, 6.9), (-3.7, 2.7, 6.9)], rgb("5E6E78"))
    c.wall([(-3.9, 2.5, 5.2), (3.9, 2.5, 5.2), (3.9, 2.36, 5.2), (-3.9, 2.36, 5.2)], rgb("47555F"))
    slabs(c, (-4, 4), (1.9, 6.6), 0.9, rgb("B4B1AA"))
    c.veil([c.at(x, 0, z) for x, z in ((-3.7, 5), (3.7, 5), (3.7, 6.7), (-3.7, 6.7))], rgb("2A3038"), 0.35, 26)
    colours = (rgb("3E7D58"), rgb("2F6398"), rgb("4B5359"), rgb("4B5359"), rgb("A8423A"))
    for index, colour in enumerate(colours):
        wheelie_bin(c, -2.35 + index * 1.0, 5.2, colour)
    if solved:
        for x, z, size in ((-1.2, 3.6, 1.1), (1.5, 4.0, 0.9)):
            c.veil([c.at(px, 0, pz) for px, pz in oval(x, z, size, size * 0.4, 20)], rgb("6C7076"), 0.4, 20)
        return c.jpeg(hour.tint, hour.lift)
    rng = random.Random(21)
    stain = [c.at(px, 0, pz) for px, pz in oval(-0.2, 3.4, 1.5, 0.5, 24)]
    c.veil(stain, rgb("4A4136"), 0.5, 18)
    for x, y in ((-1.9, 1.08), (0.1, 1.08), (1.1, 1.06)):
        bag(c, x, 5.4, 0.27, rng, y)
    for x, z, size in ((-2.7, 4.9, 0.3), (2.6, 4.9, 0.34), (1.9, 4.8, 0.3), (-0.9, 4.75, 0.33), (0.4, 4.7, 0.3)):
        bag(c, x, z, size, rng)
    carton(c, -2.5, 4.1, (0.7, 0.5, 0.5))
    carton(c, 1.2, 4.0, (0.85, 0.36, 0.5))
    for x, z, size in ((-1.3, 4.0, 0.34), (-0.5, 3.8, 0.28), (0.5, 3.9, 0.33), (-1.0, 3.3, 0.26), (0.0, 3.2, 0.3)):
        bag(c, x, z, size, rng)
    for _ in range(26):
        x, y = c.at(rng.uniform(-2, 1.8), 0, rng.uniform(2.7, 3.8))
        litter = oval(x, y, rng.uniform(6, 20), rng.uniform(3, 8), rng.choice((4, 5, 7)))
        c.poly(litter, rng.choice((PAPER, STONE, rgb("B7C9B0"), rgb("C88C6A"), rgb("7E8C97"))))
    return c.jpeg(hour.tint, hour.lift)


def pipe(c: Canvas, hour: Hour, *, solved: bool) -> bytes:
    """Show a drain stack in a bathroom corner dripping into a bucket, or dry with a new length of pipe."""
    c.horizon = 330
    paint = rgb("E4DFD3")
    c.fade([(-90, -90), (760, -90), (760, 720), (-90, 780)], paint, shade(paint, 0.88), across=True)
    c.fade([(760, -90), (1290, -90), (1290, 830), (760, 720)], shade(paint, 0.72), shade(paint, 0.82), across=True)
    c.poly([(-90, 780), (760, 720), (1290, 830), (1290, 990), (-90, 990)], rgb("8E8B86"))
    _tiles(c)
    c.veil([(740, -90), (780, -90), (780, 730), (740, 730)], rgb("3A3833"), 0.4, 26)
    rng = random.Random(2)
    if solved:
        c.veil(oval(560, 300, 190, 230), PAPER, 0.5, 40)
    else:
        damp = ((540, 290, 200, 170, "8C7648"), (570, 450, 140, 220, "6E6248"), (430, 240, 140, 70, "94814F"))
        for x, y, rx, ry, tone in damp:
            c.veil(oval(x, y, rx, ry), rgb(tone), 0.5, 30)
        for _ in range(60):
            x, y = rng.gauss(560, 90), rng.gauss(330, 120)
            c.poly(
                oval(x, y, rng.uniform(2, 8), rng.uniform(2, 6), 7), mix(rgb("56523F"), paint, rng.uniform(0.1, 0.6))
            )
    c.veil([(690, -60), (730, -60), (730, 730), (690, 730)], rgb("35332E"), 0.5, 16)
    old, new = rgb("B9B6A6"), rgb("F1F1EC")
    _tube(c, (640, -90), (640, 742), 44, old)
    _tube(c, (-90, 190), (640, 168), 30, old)
    for y in (60, 560):
        _tube(c, (640, y), (640, y + 34), 54, shade(old, 0.9))
    if solved:
        _tube(c, (640, 236), (640, 486), 45, new)
        for y in (216, 470):
            _tube(c, (640, y), (640, y + 46), 56, shade(new, 0.94))
        c.veil(oval(300, 850, 240, 30), PAPER, 0.16, 20)
        return c.jpeg(hour.tint, hour.lift)
    _tube(c, (640, 330), (640, 376), 55, rgb("9A6B45"))
    c.line([(622, 378), (636, 400), (628, 424), (644, 452)], rgb("2B2620"), 6)
    for x, length in ((606, 300), (628, 350), (664, 280), (650, 330)):
        c.veil([(x - 4, 390), (x + 4, 390), (x + 5, 390 + length), (x - 5, 390 + length)], rgb("EAF2F5"), 0.75, 4)
    for _ in range(11):
        x, y = rng.uniform(580, 690), rng.uniform(430, 720)
        c.poly(oval(x, y, 4, 9, 10), rgb("DCE9EF"))
        c.poly(oval(x - 1, y - 3, 1.5, 3, 6), rgb("FFFFFF"))
    puddle = [(250, 850), (420, 800), (700, 776), (960, 806), (1010, 860), (760, 910), (400, 916)]
    c.veil(puddle, rgb("5F6A70"), 0.75, 8)
    c.veil(oval(520, 850, 180, 22), rgb("DDE6EA"), 0.5, 12)
    _bucket(c, 650, 762)
    return c.jpeg(hour.tint, hour.lift)


def _tiles(c: Canvas) -> None:
    line = rgb("77746E")
    for step in range(-5, 14):
        x = 342 + step * 71.5
        c.line([(x, 720 + abs(760 - x) * (0.07 if x < 760 else 0.21)), (step * 190 - 700, HEIGHT + 90)], line, 2)
    for y0, y1 in ((800, 900), (870, 980)):
        c.line([(-90, y0 + 30), (760, y0 - 10), (1290, y1)], line, 2)


def _tube(c: Canvas, start: Point, end: Point, half: float, colour: Colour) -> None:
    """A round pipe seen from the side, lit from the left or from above."""
    upright = start[0] == end[0]
    for share in range(12):
        place = (share + 0.5) / 12
        light = 0.62 + 0.46 * math.sin(math.pi * min(1.0, place * 0.86 + 0.16))
        low, high = -half + 2 * half * share / 12, -half + 2 * half * (share + 1.1) / 12
        dx0, dx1, dy0, dy1 = (low, high, 0, 0) if upright else (0, 0, low, high)
        strip = [(start[0] + dx0, start[1] + dy0), (end[0] + dx0, end[1] + dy0)]
        c.poly([*strip, (end[0] + dx1, end[1] + dy1), (start[0] + dx1, start[1] + dy1)], shade(colour, light))


def _bucket(c: Canvas, x: float, y: float) -> None:
    c.veil(oval(x + 12, y + 96, 128, 30), rgb("23282D"), 0.6, 12)
    blue = rgb("3B78B0")
    for share in range(14):
        a, b = -1 + 2 * share / 14, -1 + 2 * (share + 1.1) / 14
        tone = shade(blue, 0.7 + 0.4 * math.sin(math.pi * (share + 1) / 16))
        c.poly([(x + a * 112, y - 40), (x + b * 112, y - 40), (x + b * 84, y + 88), (x + a * 84, y + 88)], tone)
    c.poly(oval(x, y + 88, 84, 17), shade(blue, 0.78))
    c.poly(oval(x, y - 40, 114, 27), shade(blue, 1.25))
    c.poly(oval(x, y - 38, 104, 21), shade(blue, 0.5))
    c.poly(oval(x, y - 32, 98, 15), rgb("9CB2BC"))
    c.poly(oval(x - 12, y - 32, 40, 6), rgb("DFEAEF"))


def _park(c: Canvas, hour: Hour, horizon: float) -> None:
    c.horizon = horizon
    street(c, hour, far=40)
    ground(c, shade(GRASS, 0.94), shade(GRASS, 1.15))
    for x, z, size in ((-9, 22, 8), (9, 20, 9), (-4, 27, 7), (3.4, 30, 7), (-12, 15, 8), (12, 16, 8)):
        tree(c, x, z, size, hour)
    for x in (-7, -4.6, -2.2, 0.4, 2.6, 5.2, 7.5):
        shrub(c, x, 13, 2.4, hour)
    c.speckle((-6, 6), (2.2, 9), (shade(GRASS, 0.76), shade(GRASS, 1.25), rgb("A58F4E")), 300)


def bench(c: Canvas, hour: Hour, *, solved: bool) -> bytes:
    """Show a park bench with broken slats, or with new ones."""
    _park(c, hour, 330)
    slabs(c, (-4.5, 4.5), (2.3, 4.9), 0.5, PAVING)
    shadow(c, 0.1, 4.0, 1.25, 0.4, 0.55)
    iron = rgb("343B41")
    wood = rgb("B5824D") if solved else rgb("8A765E")
    for x in (-1.0, 0.92):
        c.box((x, x + 0.08), (0.42, 0.95), (4.36, 4.44), iron)
        c.box((x, x + 0.08), (0, 0.42), (4.3, 4.38), iron)
        c.box((x, x + 0.08), (0.38, 0.43), (3.8, 4.36), iron)
        c.box((x, x + 0.08), (0, 0.42), (3.8, 3.88), iron)
    for index, y in enumerate((0.55, 0.7, 0.85)):
        if solved or index != 1:
            c.box((-1.16, 1.16), (y, y + 0.1), (4.3, 4.34), shade(wood, 1.0 - index * 0.03))
        else:
            c.box((-1.16, -0.35), (y, y + 0.1), (4.3, 4.34), wood)
    for index, z in enumerate((4.2, 4.06, 3.92, 3.78)):
        if solved or index in {0, 3}:
            c.box((-1.16, 1.16), (0.43, 0.47), (z, z + 0.11), shade(wood, 1.05 - index * 0.02))
        elif index == 1:
            c.box((0.3, 1.16), (0.43, 0.47), (z, z + 0.11), wood)
            c.poly([c.at(*spot) for spot in ((0.3, 0.47, z), (0.3, 0.43, z), (0.16, 0.45, z))], rgb("C9AF84"))
    if solved:
        return c.jpeg(hour.tint, hour.lift)
    plank = [(-0.95, 0.44, 3.95), (-0.95, 0.5, 4.05), (0.25, 0.05, 3.65), (0.2, 0.0, 3.55)]
    c.wall(plank, shade(wood, 0.92))
    c.wall([(0.2, 0.0, 3.55), (0.25, 0.05, 3.65), (0.42, 0.03, 3.58), (0.3, 0.01, 3.56)], rgb("C9AF84"))
    shadow(c, 0.9, 3.2, 0.5, 0.06)
    c.wall([(0.5, 0.03, 3.1), (0.52, 0.03, 3.2), (1.5, 0.03, 3.42), (1.5, 0.03, 3.3)], shade(wood, 1.05))
    rng = random.Random(4)
    for _ in range(16):
        x, y = c.at(rng.uniform(-0.6, 1.5), 0, rng.uniform(2.9, 3.8))
        c.poly(oval(x, y, rng.uniform(5, 16), 3, 5), rgb("C4A97E"))
    return c.jpeg(hour.tint, hour.lift)


def stairs(c: Canvas, hour: Hour, *, solved: bool) -> bytes:
    """Show a stair landing crowded with boxes and a bicycle, or free."""
    c.horizon = 360
    wall = rgb("E2E0D6")
    c.fade([(-90, -90), (1290, -90), (1290, 990), (-90, 990)], wall, shade(wall, 0.8))
    c.wall([(-1.9, 3.2, 5.6), (1.9, 3.2, 5.6), (1.9, 0, 5.6), (-1.9, 0, 5.6)], shade(wall, 1.04), shade(wall, 0.92))
    c.wall([(-1.9, 3.2, 1), (-1.9, 3.2, 5.6), (-1.9, 0, 5.6), (-1.9, 0, 1)], shade(wall, 0.82), shade(wall, 0.74))
    c.wall([(1.9, 3.2, 1), (1.9, 3.2, 5.6), (1.9, 0, 5.6), (1.9, 0, 1)], shade(wall, 0.9), shade(wall, 0.8))
    c.floor(-1.9, 1.9, 1, 5.6, rgb("9B9992"))
    slabs(c, (-1.9, 1.9), (1.6, 5.6), 0.6, rgb("A5A29A"))
    green = rgb("8FA893")
    c.wall([(-1.9, 1.1, 1), (-1.9, 1.1, 5.6), (-1.9, 0, 5.6), (-1.9, 0, 1)], shade(green, 0.82), shade(green, 0.72))
    c.wall([(1.9, 1.1, 1), (1.9, 1.1, 5.6), (1.9, 0, 5.6), (1.9, 0, 1)], shade(green, 0.92), shade(green, 0.8))
    c.wall([(-1.9, 1.1, 5.6), (1.9, 1.1, 5.6), (1.9, 0, 5.6), (-1.9, 0, 5.6)], green, shade(green, 0.9))
    _door(c)
    for step in range(9):
        y, z = step * 0.17, 3.3 + step * 0.26
        c.box((0.35, 1.9), (0, y + 0.17), (z, z + 0.3), shade(rgb("B3B0A8"), 1 - step * 0.02))
        c.line([c.at(0.35, y + 0.17, z), c.at(1.9, y + 0.17, z)], rgb("7E7B74"), 3)
    rail = [c.at(0.38, 0.95, 3.3), c.at(0.38, 0.95 + 9 * 0.17, 3.3 + 9 * 0.26)]
    for step in range(0, 9, 1):
        z = 3.36 + step * 0.26
        c.line([c.at(0.38, step * 0.17 + 0.17, z), c.at(0.38, 0.95 + step * 0.17, z)], rgb("5E6A66"), 4)
    c.line(rail, rgb("7B3F2D"), 13)
    c.veil([(470, -60), (760, -60), (900, 330), (380, 330)], PAPER, 0.4, 60)
    if solved:
        c.veil([c.at(x, 0, z) for x, z in oval(-0.6, 2.9, 0.9, 0.5)], PAPER, 0.3, 30)
        return c.jpeg(hour.tint, hour.lift)
    rng = random.Random(8)
    carton(c, -1.85, 4.6, (0.8, 0.6, 0.6))
    carton(c, -1.8, 4.65, (0.7, 0.5, 0.5), 0.6)
    carton(c, -1.0, 4.5, (0.6, 0.45, 0.5))
    _bicycle(c)
    carton(c, 0.5, 2.95, (0.75, 0.5, 0.4))
    carton(c, 0.55, 3.0, (0.6, 0.4, 0.35), 0.5)
    carton(c, 1.25, 2.9, (0.55, 0.66, 0.4))
    bag(c, -1.5, 3.2, 0.26, rng)
    bag(c, 0.2, 2.75, 0.22, rng)
    bag(c, 1.5, 3.0, 0.24, rng, 0.66)
    return c.jpeg(hour.tint, hour.lift)


def _door(c: Canvas) -> None:
    c.wall([(-1.35, 2.15, 5.59), (-0.35, 2.15, 5.59), (-0.35, 0, 5.59), (-1.35, 0, 5.59)], rgb("5F5147"))
    c.wall([(-1.28, 2.08, 5.58), (-0.42, 2.08, 5.58), (-0.42, 0, 5.58), (-1.28, 0, 5.58)], rgb("7C4A38"), rgb("693D2F"))
    for low, high in ((0.25, 0.9), (1.05, 1.9)):
        panel = [(-1.16, high, 5.57), (-0.54, high, 5.57), (-0.54, low, 5.57), (-1.16, low, 5.57)]
        c.wall(panel, rgb("8A5643"), rgb("73432F"))
    c.poly(oval(*c.at(-0.5, 1.0, 5.5), 6, 6, 12), AMBER)
    for x in (-1.5, -0.24):
        c.wall([(x, 1.95, 5.58), (x + 0.08, 1.95, 5.58), (x + 0.08, 0.7, 5.58), (x, 0.7, 5.58)], CINNABAR)


def _bicycle(c: Canvas) -> None:
    z = 3.7
    shadow(c, -0.7, z, 0.9, 0.1, 0.5)
    wheels = [(-1.3, 0.34), (-0.2, 0.34)]
    for x, y in wheels:
        rim = oval(*c.at(x, y, z), c.size(0.33, z), c.size(0.33, z), 30)
        c.line([*rim, rim[0]], RUBBER, 9)
        for spoke in range(0, 15):
            c.line([c.at(x, y, z), rim[spoke * 2]], rgb("8D949A"), 1.2)
    paint = INDIGO
    seat, crank, head = (-0.95, 0.82), (-0.78, 0.36), (-0.38, 0.85)
    for one, other in ((wheels[0], crank), (crank, seat), (seat, wheels[0]), (crank, head), (seat, head)):
        c.line([c.at(*one, z), c.at(*other, z)], paint, 8)
    c.line([c.at(*wheels[1], z), c.at(-0.4, 1.0, z), c.at(-0.55, 1.04, z)], STEEL, 7)
    c.line([c.at(-1.08, 0.88, z), c.at(-0.84, 0.88, z)], RUBBER, 14)
    c.wall([(-0.36, 0.98, z), (-0.02, 0.98, z), (-0.06, 0.74, z), (-0.32, 0.74, z)], rgb("6B7075"), rgb("4B5055"))


def branch(c: Canvas, hour: Hour, *, solved: bool) -> bytes:
    """Show a path with a torn-off branch across it, or sawn up and swept."""
    _park(c, hour, 310)
    c.wall([(-1.7, 0, 2), (1.9, 0, 2), (1.0, 0, 30), (-0.8, 0, 30)], rgb("C3BDB0"), rgb("AAA498"))
    hedge(c, (3.6, 4.4), (6, 22), 0.8, hour)
    trunk = [c.at(-2.75, 0, 5), c.at(-2.2, 0, 5), c.at(-2.3, 4.4, 5), c.at(-2.62, 4.4, 5)]
    shadow(c, -2.3, 5, 0.6, 0.3)
    c.fade(trunk, rgb("7A6755"), rgb("43372C"), across=True)
    scar = c.at(-2.3, 2.35, 5)
    tone = rgb("C79A63") if solved else rgb("D9B27C")
    c.poly(oval(*scar, 26, 34), shade(BARK, 0.7))
    c.poly(oval(*scar, 20, 27), tone)
    rng = random.Random(31)
    leaves = (rgb("5C7F47"), rgb("4C6E40"), rgb("7B9350"), rgb("A59145"), rgb("3F5C38"))
    if solved:
        for _ in range(30):
            x, y = c.at(rng.uniform(-2, 2), 0, rng.uniform(2.8, 8))
            c.poly(oval(x, y, rng.uniform(4, 9), 3, 6), rng.choice(leaves))
        for row, count in ((0, 4), (1, 3), (2, 2)):
            for log in range(count):
                px, py = c.at(1.95 + log * 0.3 + row * 0.15, 0.14 + row * 0.25, 5.6)
                c.poly(oval(px, py, c.size(0.145, 5.6), c.size(0.14, 5.6), 20), BARK)
                c.poly(oval(px, py, c.size(0.115, 5.6), c.size(0.11, 5.6), 20), rgb("D2AC78"))
                c.poly(oval(px, py, c.size(0.05, 5.6), c.size(0.05, 5.6), 14), rgb("BD935F"))
        return c.jpeg(hour.tint, hour.lift)
    c.poly([(scar[0] - 8, scar[1] + 4), (scar[0] + 50, scar[1] + 60), (scar[0] + 12, scar[1] + 26)], tone)
    shadow(c, 0.4, 4.1, 2.2, 0.55, 0.55)
    limb = [(-1.9, 0.25, 4.5), (-0.8, 0.3, 4.2), (0.5, 0.34, 4.0), (1.9, 0.5, 3.8)]
    for spot in ((0.6, 0.3, 4.5), (1.6, 0.5, 4.3), (2.4, 0.5, 4.0)):
        foliage(c, rng, spot, leaves, 130)
    for thick, one, other in zip((44, 36, 26), limb, limb[1:], strict=False):
        a, b = c.at(*one), c.at(*other)
        c.line([(a[0], a[1] + 5), (b[0], b[1] + 5)], rgb("41352B"), thick)
        c.line([(a[0], a[1] - 5), (b[0], b[1] - 5)], rgb("77644F"), thick * 0.6)
    c.poly(oval(*c.at(*limb[0]), 15, 22), rgb("DDB985"))
    forks = (
        ((0.2, 0.3, 4.0), (0.9, 0.9, 3.9)),
        ((-0.3, 0.3, 4.1), (0.2, 0.1, 3.5)),
        ((0.9, 0.4, 3.9), (1.6, 0.1, 3.3)),
    )
    for spot, end in forks:
        c.line([c.at(*spot), c.at(*end)], BARK, 12)
    for spot in ((1.0, 0.8, 3.8), (0.3, 0.12, 3.4), (1.5, 0.3, 3.4), (2.0, 0.6, 3.7)):
        foliage(c, rng, spot, leaves, 95)
    for _ in range(50):
        x, y = c.at(rng.uniform(-1.8, 2.6), 0, rng.uniform(2.7, 5.5))
        c.poly(oval(x, y, rng.uniform(5, 11), 4, 6), rng.choice(leaves))
    return c.jpeg(hour.tint, hour.lift)


def fitness(c: Canvas, hour: Hour, *, solved: bool) -> bytes:
    """Show an air walker with one swing off its hinge and taped off, or both hanging right."""
    _park(c, hour, 340)
    c.floor(-4.2, 4.2, 2.2, 8, rgb("9C5A4A"))
    c.floor(-4.2, 4.2, 2.2, 2.4, STONE)
    c.speckle((-4, 4), (2.5, 7.6), (rgb("864B3E"), rgb("AE6C5B")), 260)
    z, blue, yellow = 4.6, rgb("2C6AA3"), rgb("E0AE3C")
    wheel = c.at(3.0, 1.25, 6.6)
    c.line([c.at(3.0, 0, 6.6), c.at(3.0, 1.7, 6.6)], blue, 15)
    ring = oval(*wheel, c.size(0.42, 6.6), c.size(0.42, 6.6), 30)
    c.line([*ring, ring[0]], yellow, 9)
    for index in (0, 5, 10):
        c.line([ring[index], ring[index + 15]], yellow, 6)
    shadow(c, 0, z, 1.8, 0.4, 0.5)
    for x in (-1.5, 1.5):
        c.line([c.at(x, 0, z), c.at(x, 1.75, z)], shade(blue, 0.62), 26)
        c.line([c.at(x - 0.015, 0, z), c.at(x - 0.015, 1.75, z)], blue, 18)
        c.line([c.at(x - 0.03, 0.1, z), c.at(x - 0.03, 1.7, z)], shade(blue, 1.35), 4)
        c.poly(c.ring(x, z, 0.2, 0.01, 20), rgb("6F7478"))
    c.line([c.at(-1.5, 1.3, z), c.at(1.5, 1.3, z)], shade(blue, 0.7), 20)
    c.line([c.at(-1.5, 1.31, z), c.at(1.5, 1.31, z)], shade(blue, 1.1), 12)
    for x in (-0.75, 0.75):
        grip = [c.at(x - 0.28, 1.3, z), c.at(x - 0.28, 1.78, z), c.at(x + 0.28, 1.78, z), c.at(x + 0.28, 1.3, z)]
        c.line(grip, yellow, 12)
    _swing(c, -1.05, 0.0, z, yellow)
    _swing(c, -0.45, 0.12, z, yellow)
    _swing(c, 0.45, -0.1, z, yellow)
    if solved:
        _swing(c, 1.05, 0.0, z, yellow)
        return c.jpeg(hour.tint, hour.lift)
    c.line([c.at(1.05, 1.3, z), c.at(1.05, 1.05, z)], rgb("8A5B36"), 11)
    shadow(c, 1.0, 3.7, 0.6, 0.1)
    c.line([c.at(0.62, 0.04, 3.95), c.at(1.5, 0.05, 3.6)], shade(yellow, 0.8), 14)
    c.line([c.at(0.62, 0.05, 3.95), c.at(1.5, 0.06, 3.6)], yellow, 8)
    c.wall([(1.4, 0.06, 3.7), (1.75, 0.06, 3.6), (1.7, 0.06, 3.42), (1.36, 0.06, 3.5)], RUBBER)
    for a, b in (((-1.5, 0.95), (1.5, 0.7)), ((-1.5, 0.6), (1.5, 1.05))):
        for part in range(16):
            one, other = (
                c.at(a[0] + (b[0] - a[0]) * s, a[1] + (b[1] - a[1]) * s - 0.12 * math.sin(math.pi * s), z - 0.08)
                for s in (part / 16, (part + 1) / 16)
            )
            c.line([one, other], CINNABAR if part % 2 else PAPER, 11)
    return c.jpeg(hour.tint, hour.lift)


def _swing(c: Canvas, x: float, lean: float, z: float, colour: Colour) -> None:
    """One leg of the walker with its tread."""
    c.line([c.at(x, 1.3, z), c.at(x + lean * 0.4, 0.24, z - lean)], shade(colour, 0.72), 15)
    c.line([c.at(x - 0.01, 1.3, z), c.at(x - 0.01 + lean * 0.4, 0.24, z - lean)], colour, 9)
    tread = x + lean * 0.4
    c.box((tread - 0.13, tread + 0.13), (0.18, 0.24), (z - lean - 0.2, z - lean + 0.15), RUBBER)
    c.poly(oval(*c.at(x, 1.3, z), 13, 13, 14), STEEL)
    c.line(
        [c.at(tread - 0.13, 0.24, z - lean - 0.2), c.at(tread + 0.13, 0.24, z - lean - 0.2)], mix(WOOD, STEEL, 0.7), 3
    )
