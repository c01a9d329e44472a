"""A small car and a rocket."""

from __future__ import annotations

from itertools import product

import numpy as np

from ingest.samples import pictures as draw
from ingest.samples.assemble import Piece, SampleObject, assemble, piece
from ingest.samples.curves import arc, fillet, rectangle, spline
from ingest.samples.finish import Finish, brass, glass, rubber, steel
from ingest.samples.shape import Float64, Shape, around, join
from ingest.samples.solids import box, cylinder, lathe, sphere, torus
from ingest.samples.sweeps import extrude, tube

ENDS = (("front", 1), ("rear", -1))
SIDES = (("left", -1), ("right", 1))


def car() -> SampleObject:
    """A rally car with striped paint, and luggage on its roof."""
    paint = Finish(name="paint", picture=_racing_stripes(), metallic=0.15, roughness=0.28)
    chrome = Finish(name="chrome", color=(214, 218, 222), metallic=1.0, roughness=0.15)
    shell = extrude(_car_outline(), 1.5, bevel=0.08, steps=3).tiled(1, 1 / 1.5)
    side = fillet([(-0.92, 0.8), (0.62, 0.8), (0.2, 1.3), (-0.72, 1.3)], 0.1, closed=True)
    lid = fillet([(-0.76, 1.25), (0.26, 1.25), (0.16, 1.36), (-0.66, 1.36)], 0.06, closed=True)
    slants = product(((0.63, 0.2), (-0.2, -0.22), (-0.94, -0.72)), (1, -1))
    pillars = [
        tube([(low, 0.78, 0.6 * z), (high, 1.3, 0.57 * z)], 0.035, sides=8)
        for (low, high), z in slants
    ]
    pieces = [
        piece("body", paint, shell),
        piece("cabin", glass(), extrude(side, 1.26, bevel=0.035, steps=3)),
        piece("roof", paint, extrude(lid, 1.2, bevel=0.035, steps=3).tiled(1, 1 / 1.2)),
        piece("pillars", paint, *[pillar.pinned(0.5, 0.1) for pillar in pillars]),
        *_car_lights(),
    ]
    for (end, x), (flank, z) in product(ENDS, SIDES):
        pieces += _car_wheel(f"{end} {flank} wheel", 0.88 * x, 0.63 * z, z)
    for end, x in ENDS:
        row = [(1.28, -0.74), (1.47, -0.64), (1.47, 0.64), (1.28, 0.74)]
        path = fillet([(a * x, 0.36, b) for a, b in row], 0.16)
        pieces.append(piece(f"{end} bumper", chrome, tube(path, 0.055, sides=12)))
    for flank, z in SIDES:
        mirror = box(0.08, 0.12, 0.16, bevel=0.03).moved(0.42, 0.9, 0.8 * z)
        arm = tube([(0.4, 0.84, 0.62 * z), (0.42, 0.9, 0.8 * z)], 0.02, sides=8)
        pieces.append(piece(f"{flank} mirror", chrome, mirror, arm))
    return assemble("car", [*pieces, *_luggage()])


def _racing_stripes() -> draw.Picture:
    _, v = draw.coordinates(64)
    white = (np.abs(np.abs(v - 0.5) - 0.09) < 0.055)[..., None]
    return np.where(white, np.uint8(236), np.asarray((196, 40, 32), np.uint8))


def _car_outline() -> Float64:
    """The side of the body, wheel arches cut out."""
    hull = [(1.42, 0.3), (1.44, 0.66), (1.2, 0.8), (0.62, 0.86), (-0.9, 0.88), (-1.36, 0.84),
            (-1.44, 0.3)]  # fmt: skip
    rear, front = (arc(0.36, 180, 0, count=9, center=(x, 0.3)) for x in (-0.88, 0.88))
    sill = [(-0.46, 0.22), (0.46, 0.22)]
    return np.concatenate([fillet(hull, 0.12), rear, sill, front])


def _car_lights() -> list[Piece]:
    white = Finish(name="headlights", color=(255, 250, 230), glow=(120, 112, 90), roughness=0.1)
    red = Finish(name="tail lights", color=(190, 24, 20), glow=(90, 6, 4), roughness=0.2)
    lamp = sphere(0.13, segments=16, rings=8).scaled(0.5, 1, 1)
    tail = box(0.08, 0.16, 0.22, bevel=0.03, steps=1)
    return [
        piece("headlights", white, *[lamp.moved(1.36, 0.62, 0.48 * z) for z in (1, -1)]),
        piece("tail lights", red, *[tail.moved(-1.4, 0.64, 0.5 * z) for z in (1, -1)]),
    ]


def _car_wheel(part: str, x: float, z: float, side: int) -> list[Piece]:
    ring = [(0.17, -0.1), (0.27, -0.1), (0.27, 0.1), (0.17, 0.1)]
    tyre = lathe(fillet(ring, 0.05, steps=2, closed=True), segments=24, closed=True)
    dish = [(0, -0.07), (0.18, -0.07), (0.18, 0.07), (0.15, 0.07), (0.13, 0.03), (0.06, 0.03),
            (0.05, 0.08), (0, 0.08)]  # fmt: skip
    spokes = around(box(0.1, 0.05, 0.035).moved(0.09, 0.04), 6)
    rim = join([lathe(dish, segments=20), *spokes])
    return [
        piece(part, rubber(), tyre.tiled(3, 1).turned("x", 90 * side).moved(x, 0.28, z)),
        piece(part, steel(), rim.turned("x", 90 * side).moved(x, 0.28, z)),
    ]


def _luggage() -> list[Piece]:
    leather = draw.speckle(np.random.default_rng(21), [(104, 62, 34), (156, 98, 56)], grain=0.03)
    case = Finish(name="leather", picture=leather, roughness=0.7)
    bands = draw.stripes([(60, 104, 96), (60, 104, 96), (222, 208, 170)] * 3, upright=True)
    canvas = Finish(name="canvas", picture=bands, roughness=0.95)
    rails = [tube([(x, 1.4, -0.5), (x, 1.4, 0.5)], 0.022, sides=8) for x in (-0.62, -0.25, 0.12)]
    post = cylinder(0.02, 0.09, segments=10)
    posts = [post.moved(x, 1.33, z) for x, z in product((-0.62, 0.12), (-0.46, 0.46))]
    belt = box(0.05, 0.215, 0.515, bevel=0.02, steps=1)
    roll = cylinder(0.12, 0.7, bevel=0.04, segments=24).turned("z", 90)
    return [
        piece("roof rack", steel(), *rails, *posts),
        piece(
            "suitcase", case, box(0.62, 0.2, 0.5, bevel=0.04).tiled(2, 2).moved(-0.27, 1.52, -0.2)
        ),
        piece("suitcase", brass(), belt.moved(-0.45, 1.52, -0.2), belt.moved(-0.09, 1.52, -0.2)),
        piece("bedroll", canvas, roll.moved(0.08, 1.53, 0.26)),
    ]


def rocket() -> SampleObject:
    """A chequered rocket on three fins, with a porthole and a hatch."""
    check = draw.checker(((236, 232, 222), (196, 38, 34)))
    paint = Finish(name="chequered paint", picture=check, roughness=0.32)
    red = Finish(name="red paint", color=(196, 38, 34), roughness=0.32)
    blue = Finish(name="porthole glass", color=(70, 140, 190), glow=(20, 50, 70), roughness=0.08)
    hull = spline(
        [(0.34, 0.62), (0.56, 1.2), (0.72, 2.1), (0.66, 3.0), (0.42, 3.8), (0.2, 4.3)], steps=5
    )
    cone = spline([(0.22, 4.28), (0.13, 4.5), (0.05, 4.8), (0.03, 5.1)], steps=4)
    bell = [(0.16, 0.66), (0.16, 0.5), (0.32, 0.2), (0.36, 0.2), (0.2, 0.5), (0.2, 0.66)]
    ring = torus(0.2, 0.05, segments=32, sides=10).turned("x", 90)
    pane = sphere(0.19, segments=24, rings=8).scaled(1, 1, 0.25)
    pieces = [
        piece("body", paint, lathe(_on_axis(hull), segments=32)),
        piece("nose", red, lathe(_on_axis(cone), segments=28)),
        piece("nose", red, sphere(0.07, segments=16, rings=8).moved(y=5.14)),
        piece("nozzle", steel(), lathe(fillet(bell, 0.05, steps=2, closed=True), closed=True)),
        piece("porthole frame", brass(), ring.moved(0, 2.75, 0.7)),
        piece("porthole glass", blue, pane.moved(0, 2.75, 0.68)),
        piece("hatch", steel(), _hatch()),
    ]
    for index, fin in enumerate(around(_fin(), 3, first=30.0)):
        pieces.append(piece(f"fin {index + 1}", red, fin))
    return assemble("rocket", pieces, unit=8.0, offset=(0.0, 120.0, 0.0))


def _on_axis(wall: Float64) -> Float64:
    """A profile that closes flat at both ends."""
    return np.concatenate([[(0.0, wall[0, 1])], wall, [(0.0, wall[-1, 1])]])


def _fin() -> Shape:
    """A swept fin in the plane of z > 0, ending in a round foot."""
    outer = spline([(0.52, 1.75), (1.0, 1.3), (1.3, 0.7), (1.42, 0.0)], steps=5)
    inner = spline([(1.26, 0.0), (1.08, 0.5), (0.8, 0.8), (0.4, 0.85)], steps=5)
    blade = extrude(np.concatenate([outer, inner])[::-1], 0.1, bevel=0.03)
    foot = sphere(0.15, segments=16, rings=8).scaled(1, 0.7, 1).moved(1.34, 0.06)
    return join([blade, foot]).turned("y", -90)


def _hatch() -> Shape:
    door = extrude(fillet(rectangle(0.34, 0.56), 0.1, closed=True), 0.1, bevel=0.03)
    handle = tube([(0.08, -0.08, 0.08), (0.08, 0.08, 0.08)], 0.02, sides=8)
    return join([door, handle]).turned("x", 8).moved(0, 1.72, 0.66)
