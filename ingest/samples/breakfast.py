"""A mini scene: a round table laid with a doughnut, a cup of tea, an apple and a candle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ingest.samples import pictures as draw
from ingest.samples.assemble import Piece, SampleObject, assemble, piece
from ingest.samples.curves import arc, fillet, rectangle, spline
from ingest.samples.finish import Finish, brass, oak, walnut
from ingest.samples.shape import Shape, around
from ingest.samples.solids import cylinder, lathe, torus
from ingest.samples.sweeps import tube

TOP = 1.06
"""Height of the table."""
CLOTH = 0.018


def breakfast_table() -> SampleObject:
    """The table with everything on it."""
    column = fillet(
        [(0, 0.1), (0.16, 0.1), (0.1, 0.3), (0.07, 0.55), (0.11, 0.72), (0.22, 1.0), (0, 1.0)], 0.08
    )
    slope = spline([(0.05, 0.2, 0), (0.35, 0.17, 0), (0.6, 0.03, 0)], steps=5)
    foot = tube(slope, np.linspace(0.075, 0.05, len(slope)), sides=10)
    plate = fillet([(0, TOP - 0.06), (0.98, TOP - 0.06), (1.02, TOP), (0, TOP)], 0.03)
    on_cloth, on_wood = TOP + CLOTH, TOP
    pieces = [
        piece("tabletop", oak(), lathe(plate, segments=40).projected("y", 1.0)),
        piece("column", walnut(), lathe(column, segments=24).tiled(2, 1)),
        piece("feet", walnut(), *around(foot, 4, first=45)),
        piece("tablecloth", _gingham(), _runner()),
        *_placed(_doughnut(), -0.42, on_cloth, 0.08),
        *_placed(_teacup(), 0.34, on_cloth, 0.12),
        *_placed(_candle(), 0.02, on_wood, -0.62),
        *_placed(_apple(), -0.04, on_wood, 0.7),
    ]
    return assemble("breakfast_table", pieces, unit=0.72)


def _placed(pieces: list[Piece], x: float, y: float, z: float) -> list[Piece]:
    return [replace(entry, shape=entry.shape.moved(x, y, z)) for entry in pieces]


def _gingham() -> Finish:
    u, v = draw.coordinates()
    shade = 0.5 * ((u * 12).astype(int) % 2) + 0.5 * ((v * 12).astype(int) % 2)
    thread = 0.12 * draw.noise(np.random.default_rng(71), across=0.01)
    picture = draw.ramp(shade * 0.88 + thread, [(240, 234, 222), (186, 48, 48)])
    return Finish(name="gingham", picture=picture, roughness=0.95)


def _runner() -> Shape:
    fall = [(-1.05, TOP - 0.34), (-1.045, TOP - 0.1), (-1.03, TOP + 0.005), (-0.9, TOP + 0.008)]
    half = [(x, y, 0.0) for x, y in fall]
    path = fillet([*half, *[(-x, y, z) for x, y, z in reversed(half)]], 0.06)
    ribbon = tube(path, 1.0, section=rectangle(0.84, CLOTH))
    return ribbon.tiled(4, 3.4)


def _china(name: str, color: draw.Color) -> Finish:
    return Finish(name=name, color=color, roughness=0.2)


def _doughnut() -> list[Piece]:
    generator = np.random.default_rng(72)
    crumb = draw.speckle(generator, [(176, 110, 52), (218, 160, 92)])
    dough = Finish(name="dough", picture=crumb, roughness=0.8)
    icing = Finish(name="icing", picture=_sprinkles(generator), roughness=0.35)
    white, blue = _china("china", (242, 240, 234)), _china("blue china", (58, 96, 150))
    dish = fillet(
        [(0, 0), (0.2, 0), (0.34, 0.045), (0.34, 0.06), (0.19, 0.022), (0, 0.022)], 0.01, steps=1
    )
    coat = np.concatenate([
        arc(0.098, -25, 205, count=9, center=(0.145, 0)),
        arc(0.06, 205, -25, count=6, center=(0.145, 0)),
    ])  # fmt: skip
    return [
        piece("plate", white, lathe(dish, segments=32)),
        piece("plate", blue, torus(0.34, 0.012, segments=32, sides=6).moved(y=0.053)),
        piece(
            "doughnut", dough, torus(0.145, 0.09, segments=28, sides=10).moved(y=0.11).tiled(4, 2)
        ),
        piece("icing", icing, lathe(coat, segments=28, closed=True).moved(y=0.112).tiled(3, 1)),
    ]


def _sprinkles(generator: np.random.Generator) -> draw.Picture:
    size = 128
    picture = draw.plain((226, 112, 152), size)
    colors = [(250, 240, 220), (250, 214, 80), (90, 180, 210), (140, 200, 100), (255, 255, 255)]
    y, x = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    for index in range(46):  # one sprinkle over another
        row, column = generator.integers(0, size, 2)
        angle = generator.uniform(0, np.pi)
        dx, dy = ((axis + size // 2) % size - size // 2 for axis in (x - column, y - row))
        along = dx * np.cos(angle) + dy * np.sin(angle)
        across = dy * np.cos(angle) - dx * np.sin(angle)
        picture[(np.abs(along) < 6) & (np.abs(across) < 2)] = colors[index % len(colors)]
    return picture


def _teacup() -> list[Piece]:
    white, blue = _china("china", (242, 240, 234)), _china("blue china", (58, 96, 150))
    tea = Finish(name="tea", color=(150, 74, 24), roughness=0.1)
    saucer = fillet(
        [(0, 0), (0.12, 0), (0.25, 0.035), (0.25, 0.047), (0.1, 0.018), (0, 0.018)], 0.01, steps=1
    )
    outside = spline([(0.07, 0.03), (0.13, 0.06), (0.17, 0.14), (0.19, 0.24)], steps=2)
    inside = spline([(0.178, 0.24), (0.158, 0.14), (0.12, 0.07), (0.0, 0.05)], steps=2)
    inside[-1, 0] = 0.0
    bow = spline([(0.16, 0.2, 0), (0.25, 0.22, 0), (0.27, 0.14, 0), (0.15, 0.09, 0)], steps=5)
    cup = lathe(np.concatenate([[(0.0, 0.015), (0.075, 0.015)], outside, inside]), segments=28)
    return [
        piece("saucer", blue, lathe(saucer, segments=28)),
        piece("cup", white, cup),
        piece("cup handle", white, tube(bow, 0.018, sides=10).turned("y", -30)),
        piece("tea", tea, cylinder(0.176, 0.02, segments=28).moved(y=0.19)),
    ]


def _candle() -> list[Piece]:
    wax = Finish(name="wax", color=(238, 226, 196), roughness=0.5)
    fire = Finish(name="flame", color=(255, 200, 90), glow=(255, 170, 50), roughness=0.5)
    holder = fillet(
        [(0, 0), (0.13, 0), (0.13, 0.015), (0.03, 0.04), (0.025, 0.14), (0.06, 0.2), (0, 0.2)],
        0.015, steps=1,
    )  # fmt: skip
    drop = [(0.0, 0.47), (0.016, 0.48), (0.026, 0.5), (0.022, 0.53), (0.01, 0.57), (0.0, 0.6)]
    return [
        piece("candlestick", brass(), lathe(holder, segments=20)),
        piece("candle", wax, cylinder(0.04, 0.27, bevel=0.01, segments=20).moved(y=0.18)),
        piece("flame", fire, lathe(drop, segments=16)),
    ]


def _apple() -> list[Piece]:
    peel = draw.speckle(np.random.default_rng(73), [(160, 24, 22), (208, 50, 36), (224, 164, 72)])
    skin = Finish(name="apple", picture=peel, roughness=0.3)
    green = Finish(name="leaf", color=(82, 130, 52), roughness=0.7)
    core = [(0.0, 0.02), (0.05, 0.0), (0.1, 0.03), (0.14, 0.11), (0.135, 0.19), (0.09, 0.24),
            (0.04, 0.235), (0.0, 0.2)]  # fmt: skip
    profile = spline(core, steps=2)
    profile[[0, -1], 0] = 0.0
    stem = tube(spline([(0, 0.19, 0), (0.01, 0.25, 0), (0.03, 0.29, 0)], steps=3), 0.009, sides=8)
    blade = spline([(0.02, 0.27, 0), (0.07, 0.3, 0.01), (0.14, 0.28, 0.02)], steps=3)
    leaf = tube(
        blade,
        [0.004, 0.02, 0.032, 0.036, 0.028, 0.014, 0.003],
        section=[(1, 0), (0, 0.16), (-1, 0), (0, -0.16)],
    )
    return [
        piece("apple", skin, lathe(profile, segments=20)),
        piece("apple stem", walnut(), stem),
        piece("apple stem", green, leaf),
    ]
