"""A chair, a desk lamp and a bookshelf."""

from __future__ import annotations

from itertools import product

import numpy as np

from ingest.samples import pictures as draw
from ingest.samples.assemble import Piece, SampleObject, assemble, piece
from ingest.samples.curves import fillet, rectangle, spline
from ingest.samples.finish import Finish, brass, linear, oak, walnut
from ingest.samples.shape import Float64, Shape
from ingest.samples.solids import FRONT, TOP, box, cylinder, lathe, sphere
from ingest.samples.sweeps import extrude, tube


def slab(outline: Float64, thickness: float, *, bevel: float) -> Shape:
    """A board of any outline, lying flat about y = 0; the outline is seen from above, z down."""
    return extrude(outline, thickness, bevel=bevel, steps=3).turned("x", -90)


def leg(top: tuple[float, float, float], foot: tuple[float, float, float]) -> Shape:
    """A turned leg, thickest a third of the way down."""
    t = np.linspace(0, 1, 9)
    path = np.asarray(top) * (1 - t[:, None]) + np.asarray(foot) * t[:, None]
    radius = np.interp(t, [0, 0.3, 1], [0.017, 0.024, 0.013])
    return tube(path, radius, sides=14).tiled(1, 2)


def chair() -> SampleObject:
    """A dining chair with a cushion and curved slats."""
    thread = [(24, 66, 78), (58, 132, 140), (150, 196, 190)]
    cloth = Finish(name="cloth", picture=draw.weave(np.random.default_rng(3), thread), roughness=1)
    corners = [(-0.23, -0.22), (0.23, -0.22), (0.2, 0.2), (-0.2, 0.2)]
    seat = fillet(corners, 0.07, steps=4, closed=True)
    pieces = [
        piece("seat", oak(), slab(seat, 0.035, bevel=0.012).moved(y=0.44).tiled(3, 3)),
        piece("cushion", cloth, slab(seat * 0.93, 0.05, bevel=0.024).moved(y=0.48).tiled(4, 4)),
    ]
    rows, columns = (("front", 1), ("back", -1)), (("left", -1), ("right", 1))
    for (depth, z), (side, x) in product(rows, columns):
        shape = leg((0.165 * x, 0.435, 0.16 * z), (0.225 * x, 0.0, 0.215 * z))
        pieces.append(piece(f"{depth} {side} leg", oak(), shape))
    rails = [tube([(-0.197, 0.2, z), (0.197, 0.2, z)], 0.011, sides=10) for z in (0.19, -0.19)]
    pieces.append(piece("stretchers", oak(), *rails))
    return assemble("chair", [*pieces, *_backrest()])


def _backrest() -> list[Piece]:
    pieces = []
    for side, x in (("left", -1.0), ("right", 1.0)):
        path = spline([(0.16 * x, 0.43, -0.17), (0.18 * x, 0.65, -0.2), (0.19 * x, 0.97, -0.27)])
        post = tube(path, np.linspace(0.019, 0.014, len(path)), sides=14)
        pieces.append(piece(f"{side} post", oak(), post.tiled(1, 2)))
    band = fillet(rectangle(0.075, 0.016), 0.006, steps=2, closed=True)
    for y, z in ((0.63, -0.197), (0.75, -0.22), (0.87, -0.246)):
        bow = [(x, y, z - 0.05 * (1 - (x / 0.18) ** 2)) for x in np.linspace(-0.182, 0.182, 13)]
        pieces.append(piece("slats", oak(), tube(bow, 1.0, section=band)))
    return pieces


def lamp() -> SampleObject:
    """A gooseneck desk lamp with an enamelled shade and a glowing bulb."""
    enamel = draw.speckle(np.random.default_rng(4), [(18, 74, 62), (34, 110, 90)], grain=0.03)
    green = Finish(name="green enamel", picture=enamel, roughness=0.22)
    white = Finish(name="white enamel", color=(240, 236, 224), roughness=0.4)
    bulb = Finish(name="bulb", color=(255, 244, 214), glow=(255, 214, 140), roughness=0.3)
    foot = fillet([(0, 0), (1.0, 0), (1.0, 0.16), (0.3, 0.26), (0.16, 0.5), (0, 0.5)], 0.1)
    neck = spline(
        [(0, 0.4, 0), (0, 1.9, 0), (0.15, 2.7, 0), (0.75, 3.1, 0), (1.3, 2.75, 0)], steps=6
    )
    outer = [(0.16, 0.5), (0.3, 0.34), (0.5, 0.1), (0.92, -0.42)]
    inner = [(0.88, -0.42), (0.45, 0.08), (0.25, 0.28), (0.16, 0.4)]
    bell = lathe(fillet([*reversed(outer), *reversed(inner)], 0.05, closed=True), closed=True)
    tilt = ("z", 28.0)
    at = (1.42, 2.45, 0.0)
    cap = lathe(fillet([(0, 0.3), (0.2, 0.3), (0.2, 0.66), (0.08, 0.76), (0, 0.76)], 0.05))
    globe = sphere(0.27).scaled(1, 1.15, 1).moved(y=-0.02)
    button = cylinder(0.11, 0.1, bevel=0.03, segments=20).moved(0.58, 0.185, 0.4)
    pieces = [
        piece("base", green, lathe(foot, segments=36)),
        piece("switch", brass(), button),
        piece("neck", brass(), tube(neck, 0.075, sides=16)),
        piece("shade", green, bell.turned(*tilt).moved(*at)),
        piece("socket", brass(), cap.turned(*tilt).moved(*at)),
        piece("bulb", bulb, globe.turned(*tilt).moved(*at)),
        piece("base", white, cylinder(1.03, 0.06, bevel=0.02, segments=36).moved(y=-0.03)),
    ]
    return assemble("lamp", pieces, unit=14.0)


BOOKS = [
    (172, 52, 44), (38, 70, 110), (222, 178, 84), (72, 104, 74), (236, 226, 204),
    (104, 52, 84), (60, 130, 140), (204, 112, 60), (48, 46, 58),
]  # fmt: skip


def bookshelf() -> SampleObject:
    """A walnut case with three rows of books, a globe and a plant pot."""
    width, height, depth, board = 1.0, 1.5, 0.3, 0.03
    generator = np.random.default_rng(5)
    pieces = []
    for side, x in (("left", -0.5), ("right", 0.5)):
        panel = box(board, height, depth, bevel=0.004, steps=1).tiled(2, 0.8)
        pieces.append(
            piece(f"{side} panel", walnut(), panel.moved(x * (width - board), height / 2))
        )
    inner = width - 2 * board
    levels = {"bottom": 0.08, "lower shelf": 0.54, "upper shelf": 1.0, "top": height - board / 2}
    for name, y in levels.items():
        shelf = box(inner + 0.004, board, depth - 0.01, bevel=0.003, steps=1).upright()
        pieces.append(piece(name, walnut(), shelf.tiled(2, 0.8).moved(y=y)))
    back = box(inner + 0.01, height - 0.05, 0.012).tiled(1.6, 0.8)
    pieces.append(piece("back panel", oak(), back.moved(0, height / 2, -depth / 2 + 0.012)))
    spine = Finish(name="books", picture=_spines(), roughness=0.7)
    rows = (("bottom books", "bottom", 0.88), ("middle books", "lower shelf", 0.6),
            ("top books", "upper shelf", 0.5))  # fmt: skip
    for part, level, length in rows:
        books = _books(generator, length)
        start = -inner / 2 + 0.01
        placed = [book.moved(start, levels[level] + board / 2, 0.02) for book in books]
        pieces.append(piece(part, spine, *placed))
    pieces += _globe(0.24, levels["lower shelf"] + board / 2)
    pieces += _pot(0.24, levels["upper shelf"] + board / 2)
    return assemble("bookshelf", pieces, offset=(12.0, 0.0, -7.5))


def _spines() -> draw.Picture:
    picture = draw.plain((255, 255, 255), 64)
    picture[[6, 7, 14, 15, 52, 53]] = (236, 200, 120)
    picture[22:34, 20:44] = (236, 226, 196)
    picture[25:27, 24:40] = picture[29:31, 28:36] = (90, 80, 70)
    return picture


def _books(generator: np.random.Generator, length: float) -> list[Shape]:
    """Upright books from x = 0 on, spines to the front, paper on top."""
    books: list[Shape] = []
    x = 0.0
    while x < length:
        width, height, depth = generator.uniform((0.034, 0.24, 0.17), (0.07, 0.36, 0.22))
        book = box(width, height, depth, bevel=0.004, steps=1).fitted(FRONT)
        side = np.zeros(len(book.vertices), np.int64)
        side[book.faces.ravel()] = np.repeat(book.groups, 3)
        book.uv[side != FRONT] = 0.01
        cover = linear(BOOKS[generator.integers(len(BOOKS))])
        colors = np.where((side == TOP)[:, None], linear((232, 222, 198)), cover)
        books.append(book.tinted(colors).moved(x + width / 2, height / 2))
        x += width + 0.002
    return books


def _globe(x: float, y: float) -> list[Piece]:
    generator = np.random.default_rng(6)
    height = draw.noise(generator, across=0.09)
    land = draw.ramp(height, [(38, 92, 140), (58, 124, 168), (98, 148, 84), (196, 178, 116)])
    earth = Finish(name="globe", picture=land, roughness=0.4)
    ball = sphere(0.115, segments=24, rings=12).turned("z", 23).moved(x, y + 0.19)
    angle = np.radians(np.linspace(-70, 116, 15))
    bow = np.stack([0.13 * np.cos(angle), 0.13 * np.sin(angle), 0 * angle], axis=1)
    foot = lathe(
        fillet([(0, 0), (0.08, 0), (0.08, 0.015), (0.012, 0.03), (0.012, 0.08), (0, 0.08)], 0.006)
    )
    arm = tube(np.add(bow, (x, y + 0.19, 0)), 0.007, sides=8)
    return [
        piece("globe", earth, ball),
        piece("globe stand", brass(), foot.moved(x, y), arm),
    ]


def _pot(x: float, y: float) -> list[Piece]:
    generator = np.random.default_rng(8)
    clay = Finish(name="terracotta", color=(190, 102, 70), roughness=0.9)
    green = [(24, 52, 28), (52, 116, 58), (92, 152, 70)]
    leaf = Finish(name="leaves", picture=draw.speckle(generator, green), roughness=0.7)
    rim = [
        (0, 0),
        (0.07, 0),
        (0.088, 0.11),
        (0.1, 0.11),
        (0.1, 0.14),
        (0.085, 0.14),
        (0.08, 0.12),
        (0, 0.12),
    ]
    blades = []
    for index in range(16):
        turn, lean = index * 137.5, 0.25 + 0.5 * (index / 16)
        path = spline(
            [(0, 0.1, 0), (0.04 * lean, 0.24, 0), (0.2 * lean, 0.34 - 0.12 * lean, 0)], steps=4
        )
        blade = tube(path, [0.012, 0.016, 0.019, 0.02, 0.019, 0.017, 0.014, 0.01, 0.002], sides=4)
        blades.append(blade.turned("y", turn).moved(x, y))
    return [
        piece("pot", clay, lathe(fillet(rim, 0.008, steps=1), segments=24).moved(x, y)),
        piece("plant", leaf, *blades),
    ]
