"""A steam locomotive with a brass dome, coupling rods and a cowcatcher."""

from __future__ import annotations

from itertools import product

import numpy as np

from ingest.samples import pictures as draw
from ingest.samples.assemble import Piece, SampleObject, assemble, piece
from ingest.samples.curves import arc, fillet, rectangle
from ingest.samples.finish import Finish, brass, steel
from ingest.samples.shape import Shape, around
from ingest.samples.solids import box, cylinder, lathe, torus
from ingest.samples.sweeps import extrude, tube

SIDES = (("left", -1), ("right", 1))
AXLES = (("front", 1.25), ("middle", 0.3), ("rear", -0.65))
AHEAD = ("z", -90.0)
"""The turn that lets what stood upright point along +x."""


def locomotive() -> SampleObject:
    """A tank engine, facing +x."""
    rivets = draw.plates(np.random.default_rng(22), [(10, 30, 24), (32, 84, 62), (110, 150, 120)])
    green = Finish(name="green plate", picture=rivets, metallic=0.2, roughness=0.45)
    soot = draw.speckle(np.random.default_rng(23), [(20, 20, 22), (48, 48, 52)], grain=0.03)
    black = Finish(name="soot", picture=soot, metallic=0.3, roughness=0.6)
    red = Finish(name="red iron", color=(168, 34, 28), metallic=0.1, roughness=0.5)
    tank = fillet(rectangle(1.5, 0.52), 0.08, closed=True)
    pieces = [
        *_boiler(green, black),
        piece("frame", red, box(3.9, 0.16, 0.9, bevel=0.03, steps=1).moved(0.1, 0.6)),
        piece("cab", green, *[wall.tiled(0.8, 0.8) for wall in _cab()]),
        piece("cab roof", black, _cab_roof()),
        piece("cowcatcher", red, *_cowcatcher()),
        piece("buffer beam", red, box(0.14, 0.26, 1.3, bevel=0.03, steps=1).moved(2.1, 0.62)),
    ]
    for side, z in SIDES:
        shape = extrude(tank, 0.34, bevel=0.04).tiled(0.8, 0.8)
        pieces.append(piece(f"{side} tank", green, shape.moved(0.15, 0.98, 0.56 * z)))
    pieces += _running_gear(red)
    return assemble("locomotive", pieces, unit=1.8, offset=(-40.0, 2.0, 15.0))


def _boiler(green: Finish, black: Finish) -> list[Piece]:
    glow = Finish(name="lamp glass", color=(255, 244, 200), glow=(200, 170, 90), roughness=0.2)
    barrel = fillet([(0, 0), (0.52, 0), (0.52, 2.1), (0, 2.1)], 0.06)
    front = fillet([(0, 0), (0.56, 0), (0.56, 0.56), (0.2, 0.7), (0, 0.7)], 0.07)
    stack = fillet([(0, 0), (0.24, 0), (0.16, 0.16), (0.16, 0.56), (0.28, 0.8), (0.28, 0.88),
                    (0.2, 0.88), (0.12, 0.6), (0, 0.6)], 0.05, steps=2)  # fmt: skip
    bell = fillet(
        [(0, 0), (0.28, 0), (0.22, 0.12), (0.22, 0.3), (0.12, 0.44), (0, 0.46)], 0.1, steps=2
    )
    hoop = torus(0.52, 0.025, segments=28, sides=5).turned(*AHEAD)
    hoops = [hoop.moved(x, 1.22) for x in (-0.2, 0.4, 1.0)]
    boiler = lathe(barrel, segments=28).tiled(4, 2).turned(*AHEAD)
    lamp = cylinder(0.15, 0.2, bevel=0.03, segments=20, steps=1).turned(*AHEAD)
    lens = cylinder(0.12, 0.02, segments=20).turned(*AHEAD)
    return [
        piece("boiler", green, boiler.moved(-0.55, 1.22)),
        piece("boiler bands", brass(), *hoops),
        piece("smokebox", black, lathe(front, segments=28).turned(*AHEAD).moved(1.45, 1.22)),
        piece("chimney", black, lathe(stack, segments=20).moved(1.75, 1.7)),
        piece("dome", brass(), lathe(bell, segments=20).moved(0.55, 1.68)),
        piece("headlamp", brass(), lamp.moved(1.95, 1.86)),
        piece("headlamp", glow, lens.moved(2.14, 1.86)),
    ]


def _cab() -> list[Shape]:
    post = box(0.16, 0.95, 0.07)
    panel = box(1.1, 0.62, 0.08, bevel=0.015, steps=1)
    walls = [post.moved(x, 1.72, z) for x, z in product((-1.62, -0.68), (-0.6, 0.6))]
    walls += [panel.moved(-1.15, 0.98, z) for z in (-0.6, 0.6)]
    return [
        *walls,
        box(0.08, 1.3, 1.2, bevel=0.015, steps=1).moved(-0.64, 1.36),
        box(0.08, 0.8, 1.2, bevel=0.015, steps=1).moved(-1.66, 1.06),
        box(1.1, 0.08, 1.2).moved(-1.15, 0.7),
    ]


def _cab_roof() -> Shape:
    outer = arc(1.0, 55, 125, count=13, center=(0, -0.66))
    inner = arc(0.94, 125, 55, count=13, center=(0, -0.66))
    vault = extrude(np.concatenate([outer, inner]), 1.3, bevel=0.015, steps=1)
    return vault.turned("y", 90).moved(-1.15, 1.98)


def _cowcatcher() -> list[Shape]:
    bars = [
        tube([(2.14, 0.5, 0.5 * t), (2.62 - 0.42 * abs(t), 0.08, 0.56 * t)], 0.035, sides=6)
        for t in np.linspace(-1, 1, 9)
    ]
    rail = [(2.2, 0.09, -0.56), (2.62, 0.09, 0.0), (2.2, 0.09, 0.56)]
    return [*bars, tube(rail, 0.04, sides=8)]


def _running_gear(red: Finish) -> list[Piece]:
    band = [(0.33, -0.06), (0.42, -0.06), (0.4, 0.06), (0.33, 0.06)]
    rim = lathe(band, segments=24, closed=True)
    hub = cylinder(0.1, 0.18, bevel=0.02, segments=12, steps=1).moved(y=-0.07)
    spokes = around(tube([(0.05, 0, 0), (0.36, 0, 0)], 0.028, sides=4), 10)
    rod = box(2.1, 0.07, 0.04, bevel=0.015, steps=1)
    pin = cylinder(0.055, 0.1, bevel=0.015, segments=12, steps=1).turned("x", 90)
    pieces = []
    for (side, z), (axle, x) in product(SIDES, AXLES):
        part = f"{axle} {side} wheel"
        wheel = [shape.turned("x", 90 * z).moved(x, 0.42, 0.5 * z) for shape in (rim, hub, *spokes)]
        pieces.append(piece(part, steel(), wheel[0]))
        pieces.append(piece(part, red, *wheel[1:]))
    for side, z in SIDES:
        pins = [pin.moved(x, 0.28, 0.6 * z - 0.05) for _, x in AXLES]
        pieces.append(piece(f"{side} coupling rod", steel(), rod.moved(0.3, 0.28, 0.62 * z), *pins))
    return pieces
