"""A brick house and an apple tree."""

from __future__ import annotations

from functools import cache

import numpy as np

from ingest.samples import pictures as draw
from ingest.samples.assemble import Piece, SampleObject, assemble, piece
from ingest.samples.curves import arc, fillet, spline
from ingest.samples.finish import Finish, brass, glass, oak
from ingest.samples.shape import Shape, join, smoothed
from ingest.samples.solids import box, cylinder, lathe, sphere, torus
from ingest.samples.sweeps import END, START, WALL, extrude, tube

GREENS = [(40, 74, 30), (74, 124, 44), (104, 156, 58), (134, 178, 74)]


@cache
def leafage() -> Finish:
    """Dense leaves."""
    picture = draw.leaves(np.random.default_rng(41), GREENS)
    return Finish(name="leafage", picture=picture, roughness=0.85)


@cache
def grass() -> Finish:
    """A mown lawn."""
    picture = draw.speckle(np.random.default_rng(42), GREENS[:3], grain=0.012)
    return Finish(name="grass", picture=picture, roughness=0.95)


def bush(radius: float, seed: int) -> Shape:
    """A ball of leaves with an uneven surface, darker towards the ground."""
    generator = np.random.default_rng(seed)
    ball = sphere(1.0, segments=18, rings=10)
    swell = np.ones(len(ball.vertices))
    for _ in range(7):
        direction = generator.standard_normal(3)
        direction *= generator.uniform(3, 6) / np.linalg.norm(direction)
        swell += 0.06 * np.sin(ball.vertices @ direction + generator.uniform(0, 6))
    shade = np.interp(ball.vertices[:, 1], [-1, 0.6], [0.45, 1.0])[:, None]
    leafy = ball.tiled(4, 2).tinted(shade * (1.0, 1.0, 0.94))
    return smoothed(leafy.swelled(radius * swell), 180)


def house() -> SampleObject:
    """A brick cottage on a lawn, with shingles, shutters and a chimney."""
    generator = np.random.default_rng(43)
    clay = [(134, 56, 40), (176, 84, 58), (198, 116, 84)]
    _, inside = draw.courses(rows=8, columns=4, gap=0.006)
    brick = Finish(
        name="brick",
        picture=draw.bricks(generator, clay, (206, 196, 180)),
        relief=draw.relief(np.minimum(inside, 0.012), 1.5),
        roughness=0.9,
    )
    slate = draw.shingles(generator, [(28, 30, 40), (70, 78, 98), (112, 122, 140)])
    roof = Finish(name="shingles", picture=slate, roughness=0.8)
    white = Finish(name="white paint", color=(238, 234, 224), roughness=0.6)
    boards = draw.planks(generator, (44, 84, 110), (82, 130, 156))
    blue = Finish(name="blue paint", picture=boards, roughness=0.6)
    rough = draw.speckle(generator, [(120, 116, 110), (176, 172, 164)])
    stone = Finish(name="stone", picture=rough, roughness=0.95)
    gable = [(-1.1, 0.0), (1.1, 0.0), (1.1, 1.5), (0.0, 2.5), (-1.1, 1.5)]
    slope = float(np.degrees(np.arctan2(1.0, 1.1)))
    pitch = box(3.3, 0.1, 1.86, bevel=0.02, steps=1).tiled(0.9, 0.9)
    pitch = pitch.turned("x", slope).moved(0, 1.9, 0.66)
    lawn = cylinder(2.5, 0.12, bevel=0.04, segments=48).scaled(1, 1, 0.86).projected("y", 0.7)
    porch = box(0.9, 0.06, 0.5, bevel=0.015, steps=1).turned("x", 20)
    pieces = [
        piece("lawn", grass(), lawn.moved(y=-0.22)),
        piece("foundation", stone, box(3.06, 0.2, 2.36, bevel=0.03, steps=1)),
        piece("walls", brick, _walls(gable)),
        piece("front roof", roof, pitch),
        piece("back roof", roof, pitch.turned("y", 180)),
        piece("ridge", stone, tube([(-1.66, 2.6, 0), (1.66, 2.6, 0)], 0.07, sides=10)),
        piece("chimney", brick, box(0.4, 1.0, 0.4).moved(0.85, 2.5, -0.4)),
        piece("chimney", stone, box(0.5, 0.1, 0.5, bevel=0.02, steps=1).moved(0.85, 3.02, -0.4)),
        piece("door", blue, _door()),
        piece("door", brass(), sphere(0.035, segments=12, rings=6).moved(0.15, 0.6, 1.2)),
        piece("doorstep", stone, *_steps()),
        piece("porch roof", roof, porch.moved(0, 1.36, 1.3)),
    ]
    for name, x, turn in (("left", -0.9, 0), ("right", 0.9, 0), ("back", 0.0, 180)):
        pieces += _window(f"{name} window", x, turn, white, blue)
    for index, (x, z, radius) in enumerate(
        ((-1.35, 1.35, 0.3), (-0.75, 1.42, 0.22), (1.3, 1.38, 0.32))
    ):
        shrub = bush(radius, 50 + index).moved(x, 0.12, z)
        pieces.append(piece(f"bush {index + 1}", leafage(), shrub))
    return assemble("house", pieces, unit=3.2, offset=(512.0, 0.0, -300.0))


def _walls(gable: list[tuple[float, float]]) -> Shape:
    """The gable pulled along the house, with its courses level on all sides."""
    shell = extrude(gable, 2.9)
    return join([shell.select(WALL).upright(), shell.select(START, END)]).turned("y", 90)


def _door() -> Shape:
    head = arc(0.24, 0, 180, count=9, center=(0, 0.85))
    outline = np.concatenate([[(-0.24, 0.0), (0.24, 0.0)], head])
    return extrude(outline, 0.1, bevel=0.02, steps=1).tiled(2, 1).moved(0, 0.12, 1.12)


def _steps() -> list[Shape]:
    lower = box(0.9, 0.1, 0.6, bevel=0.02, steps=1).moved(0, -0.06, 1.5)
    return [lower, box(0.7, 0.1, 0.4, bevel=0.02, steps=1).moved(0, 0.04, 1.36)]


def _window(name: str, x: float, turn: float, white: Finish, blue: Finish) -> list[Piece]:
    rail = box(0.58, 0.06, 0.1, bevel=0.01, steps=1)
    stile = box(0.06, 0.64, 0.09, bevel=0.01, steps=1)
    frame = [rail.moved(x, 0.86 + y, 1.12) for y in (-0.3, 0, 0.3)]
    frame += [stile.moved(x + dx, 0.86, 1.12) for dx in (-0.26, 0, 0.26)]
    frame.append(box(0.68, 0.06, 0.2, bevel=0.015, steps=1).moved(x, 0.52, 1.16))
    pane = box(0.5, 0.6, 0.06).moved(x, 0.86, 1.11)
    wing = box(0.22, 0.62, 0.05, bevel=0.012, steps=1).fitted()
    shutters = [wing.moved(x + dx, 0.86, 1.12) for dx in (-0.42, 0.42)]
    return [
        piece(name, white, *[bar.turned("y", turn) for bar in frame]),
        piece(name, glass(), pane.turned("y", turn)),
        piece(f"{name} shutters", blue, *[shutter.turned("y", turn) for shutter in shutters]),
    ]


CROWNS = (
    (-0.8, 2.25, 0.2, 0.62), (0.75, 2.3, 0.0, 0.66), (0.1, 2.3, -0.72, 0.6),
    (0.0, 2.25, 0.7, 0.6), (0.0, 2.85, 0.0, 0.78),
)  # fmt: skip
"""Centre and radius of the balls of leaves."""


def tree() -> SampleObject:
    """An apple tree on a mound, with a swing."""
    generator = np.random.default_rng(44)
    furrows = draw.bark(generator, [(48, 32, 22), (98, 70, 48), (140, 108, 78)])
    bark = Finish(name="bark", picture=furrows, roughness=0.95)
    peel = draw.speckle(generator, [(150, 20, 20), (206, 44, 34), (226, 140, 60)])
    apple = Finish(name="apple", picture=peel, roughness=0.35)
    rope = Finish(name="rope", color=(196, 168, 120), roughness=0.95)
    bole = spline([(0, -0.1, 0), (0.03, 0.3, 0), (-0.04, 0.9, 0.02), (0.02, 1.5, 0), (0, 2.1, 0)])
    girth = np.interp(np.linspace(0, 1, len(bole)), [0, 0.12, 0.3, 1], [0.42, 0.27, 0.2, 0.12])
    limbs = []
    for x, y, z, radius in ((-0.75, 2.0, 0.2, 0.09), (0.95, 1.86, 0.1, 0.1),
                            (0.1, 2.2, -0.7, 0.08), (0.1, 2.2, 0.66, 0.07)):  # fmt: skip
        path = spline([(0, 1.25, 0), (0.4 * x, 1.5, 0.4 * z), (x, y, z)], steps=4)
        limb = tube(path, np.linspace(radius, 0.5 * radius, len(path)), sides=10)
        limbs.append(limb.tiled(2, 2))
    foliage = [bush(r, 60 + i).moved(x, y, z) for i, (x, y, z, r) in enumerate(CROWNS)]
    hill = fillet([(0, -0.3), (1.3, -0.3), (1.3, -0.12), (0.6, 0.02), (0, 0.05)], 0.12)
    ropes = [tube([(0.82, 1.84, z), (0.82, 0.5, z)], 0.014, sides=6) for z in (-0.16, 0.2)]
    loop = torus(0.075, 0.02, segments=16, sides=6).turned("z", 90)
    seat = box(0.2, 0.035, 0.5, bevel=0.01, steps=1).tiled(4, 2).moved(0.82, 0.49, 0.02)
    pieces = [
        piece("ground", grass(), lathe(hill, segments=40).projected("y", 0.9)),
        piece("trunk", bark, tube(bole, girth, sides=16).tiled(3, 2)),
        piece("branches", bark, *limbs),
        piece("crown", leafage(), *foliage),
        piece("apples", apple, *_apples(generator)),
        piece("swing", rope, *ropes, *[loop.moved(0.82, 1.83, z) for z in (-0.16, 0.2)]),
        piece("swing", oak(), seat),
    ]
    return assemble("tree", pieces)


def _apples(generator: np.random.Generator) -> list[Shape]:
    """Apples on the outer side of the crown."""
    fruit = sphere(0.085, segments=12, rings=8).scaled(1, 0.92, 1)
    centers, radii = np.asarray(CROWNS)[:, :3], np.asarray(CROWNS)[:, 3]
    apples: list[Shape] = []
    while len(apples) < 18:
        crown = len(apples) % len(CROWNS)
        direction = generator.standard_normal(3)
        place = centers[crown] + 0.99 * radii[crown] * direction / np.linalg.norm(direction)
        clear = np.linalg.norm(place - centers, axis=1) > 1.02 * radii
        if np.delete(clear, crown).all() and abs(direction[1]) < 0.7:
            apples.append(fruit.moved(*place))
    return apples
