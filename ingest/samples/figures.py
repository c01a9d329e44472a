"""A robot, a dog in one closed surface, and a chess queen turned from one profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np

from ingest.samples import pictures as draw
from ingest.samples.assemble import Piece, SampleObject, assemble, assemble_welded, piece
from ingest.samples.cage import Cell, blocks
from ingest.samples.curves import spline
from ingest.samples.finish import Finish, linear, rubber, steel, walnut
from ingest.samples.pictures import Color
from ingest.samples.shape import smoothed
from ingest.samples.solids import FRONT, box, cylinder, lathe, sphere
from ingest.samples.sweeps import tube


def robot() -> SampleObject:
    """A toy robot with a screen for a face."""
    generator = np.random.default_rng(31)
    shell = draw.plates(generator, [(60, 40, 20), (222, 140, 40), (250, 196, 110)], rivets=6)
    orange = Finish(name="orange plate", picture=shell, metallic=0.1, roughness=0.42)
    grey = Finish(name="grey enamel", color=(120, 128, 138), metallic=0.2, roughness=0.4)
    screen = Finish(name="screen", picture=_face(), roughness=0.15, glow=(30, 60, 64))
    dials = Finish(name="dials", picture=_dials(), roughness=0.3)
    lamp = Finish(name="red lamp", color=(220, 30, 30), glow=(160, 10, 10), roughness=0.2)
    head = box(0.92, 0.66, 0.7, bevel=0.1).fitted()
    torso = box(1.1, 1.0, 0.76, bevel=0.12).fitted()
    face = box(0.7, 0.44, 0.06, bevel=0.025, steps=1).fitted(FRONT)
    chest = box(0.64, 0.4, 0.06, bevel=0.02, steps=1).fitted(FRONT)
    neck = lathe(_bellows(0.17, 0.22, 3), segments=20)
    ear = cylinder(0.14, 0.12, bevel=0.03, segments=20).turned("z", -90)
    pieces = [
        piece("head", orange, head.moved(y=2.55)),
        piece("face", screen, face.moved(0, 2.56, 0.36)),
        piece("ears", grey, ear.moved(0.44, 2.55), ear.scaled(-1, 1, 1).moved(-0.44, 2.55)),
        piece("antenna", steel(), tube([(0, 2.85, 0), (0, 3.2, 0)], 0.025, sides=10)),
        piece("antenna", lamp, sphere(0.075, segments=16, rings=8).moved(y=3.24)),
        piece("neck", rubber(), neck.moved(y=2.06)),
        piece("torso", orange, torso.moved(y=1.6)),
        piece("chest panel", dials, chest.moved(0, 1.68, 0.39)),
    ]
    for side, x in (("left", 1), ("right", -1)):  # its own left, as it faces +z
        pieces += _arm(side, x, grey, orange)
        pieces += _robot_leg(side, x, grey, orange)
    return assemble("robot", pieces, unit=0.3, offset=(0.0, -1.0, 0.0))


def _bellows(radius: float, height: float, folds: int) -> list[tuple[float, float]]:
    """A profile that goes in and out."""
    levels = np.linspace(0, height, 2 * folds + 1)
    wall = [(radius * (0.8 if i % 2 else 1.0), y) for i, y in enumerate(levels)]
    return [(0.0, 0.0), *wall, (0.0, height)]


def _arm(side: str, x: int, grey: Finish, orange: Finish) -> list[Piece]:
    shoulder = sphere(0.2, segments=20, rings=10).moved(0.66 * x, 1.92)
    path = spline([(0.7 * x, 1.9, 0), (0.96 * x, 1.62, 0.02), (1.0 * x, 1.25, 0.16)], steps=8)
    wave = 0.105 - 0.02 * (np.arange(len(path)) % 2)
    cuff = cylinder(0.15, 0.26, bevel=0.04, segments=20).turned("x", 25)
    claws = []
    for turn in (0.0, 120.0, 240.0):
        finger = spline([(0.1, 0, 0), (0.17, -0.12, 0), (0.12, -0.26, 0), (0.05, -0.3, 0)], steps=3)
        claws.append(tube(finger, 0.04, sides=8).turned("y", turn + 30).turned("x", 25))
    hand = (1.01 * x, 1.08, 0.24)
    return [
        piece(f"{side} shoulder", grey, shoulder),
        piece(f"{side} arm", rubber(), tube(path, wave, sides=14).tiled(1, 4)),
        piece(f"{side} hand", orange, cuff.moved(*hand)),
        piece(f"{side} hand", grey, *[claw.moved(*hand) for claw in claws]),
    ]


def _robot_leg(side: str, x: int, grey: Finish, orange: Finish) -> list[Piece]:
    profile = _bellows(0.14, 0.72, 6)
    foot = box(0.42, 0.26, 0.66, bevel=0.09).fitted().moved(0.3 * x, 0.27, 0.08)
    sole = box(0.46, 0.1, 0.7, bevel=0.03, steps=1).moved(0.3 * x, 0.12, 0.08)
    hip = cylinder(0.19, 0.12, bevel=0.03, segments=20).moved(0.3 * x, 1.02)
    return [
        piece(f"{side} leg", rubber(), lathe(profile, segments=18).moved(0.3 * x, 0.34)),
        piece(f"{side} leg", grey, hip),
        piece(f"{side} foot", orange, foot),
        piece(f"{side} foot", rubber(), sole),
    ]


def _face() -> draw.Picture:
    """Two glowing eyes and a smile on a dark screen with scan lines."""
    u, v = draw.coordinates()
    field = 0.06 + 0.05 * (np.sin(2 * np.pi * 24 * v) > 0)
    for eye in (0.3, 0.7):
        distance = np.hypot(u - eye, (v - 0.4) * 0.8)
        field = np.maximum(field, np.clip((0.11 - distance) * 40, 0, 1))
    smile = np.abs(np.hypot((u - 0.5) * 0.9, v - 0.5) - 0.25)
    field = np.maximum(field, np.clip((0.03 - smile) * 60, 0, 1) * (v > 0.62))
    return draw.ramp(field, [(8, 26, 30), (40, 150, 150), (150, 255, 240)])


def _dials() -> draw.Picture:
    """Three gauges over a row of buttons."""
    u, v = draw.coordinates()
    picture = draw.plain((58, 62, 70), len(u))
    for center, needle in ((0.2, 0.7), (0.5, -0.4), (0.8, 0.2)):
        x, y = (u - center) * 1.6, v - 0.36
        distance = np.hypot(x, y)
        picture[distance < 0.22] = (30, 32, 36)
        picture[distance < 0.19] = (238, 232, 214)
        along, across = (
            x * np.sin(needle) - y * np.cos(needle),
            x * np.cos(needle) + y * np.sin(needle),
        )
        picture[(np.abs(across) < 0.02) & (along > -0.04) & (along < 0.16)] = (190, 30, 30)
    lights = [(210, 60, 50), (230, 180, 60), (90, 180, 90), (80, 140, 210)]
    for center, color in zip((0.14, 0.38, 0.62, 0.86), lights, strict=True):
        picture[(np.abs(u - center) < 0.085) & (np.abs(v - 0.8) < 0.1)] = color
    return picture


BODY, HEAD, SNOUT, EAR_LEFT, EAR_RIGHT, TAIL, COLLAR, LEGS = range(8)
DOG_PARTS = {
    BODY: "body", COLLAR: "collar", HEAD: "head", SNOUT: "snout", EAR_LEFT: "left ear",
    EAR_RIGHT: "right ear", TAIL: "tail", LEGS: "front left leg", LEGS + 1: "front right leg",
    LEGS + 2: "back left leg", LEGS + 3: "back right leg",
}  # fmt: skip
TAN, CREAM, BROWN = (206, 148, 84), (240, 222, 190), (112, 68, 38)
FUR: Mapping[int, Color] = {
    BODY: TAN, HEAD: TAN, SNOUT: CREAM, EAR_LEFT: BROWN, EAR_RIGHT: BROWN, TAIL: BROWN,
    COLLAR: (186, 44, 40), LEGS: CREAM, LEGS + 1: CREAM, LEGS + 2: TAN, LEGS + 3: TAN,
}  # fmt: skip


def dog() -> SampleObject:
    """A dog: legs, ears and tail flow out of one closed surface; colour lies in its vertices."""
    coat = draw.speckle(np.random.default_rng(32), [(214, 204, 196), (255, 255, 255)], grain=0.012)
    fur = Finish(name="fur", picture=coat, roughness=0.95)
    x = (-0.52, -0.17, 0.17, 0.52)
    y = (0.0, 0.16, 0.62, 0.92, 1.26, 1.36, 1.72, 2.08, 2.5)
    z = (-1.5, -1.12, -0.98, -0.6, -0.1, 0.34, 0.74, 1.14, 1.62)
    whole = blocks(_dog_cells(), (x, y, z))
    table = np.asarray([linear(FUR[part]) for part in range(len(FUR))])
    whole = whole.tinted(table[np.repeat(whole.groups[::2], 4)])
    whole = smoothed(whole.tiled(1.5, 1.5), 180)
    pieces = [piece(name, fur, whole.select(part)) for part, name in DOG_PARTS.items()]
    eye = sphere(0.075, segments=14, rings=8).tinted(linear((24, 18, 16)))
    nose = sphere(0.1, segments=16, rings=8).scaled(1.25, 0.8, 0.9).tinted(linear((24, 18, 16)))
    pieces += [
        piece("eyes", fur, eye.moved(-0.2, 1.84, 1.09), eye.moved(0.2, 1.84, 1.09)),
        piece("nose", fur, nose.moved(0, 1.68, 1.44)),
    ]
    return assemble_welded("dog", pieces, unit=0.3)


def _dog_cells() -> dict[Cell, int]:
    cells: dict[Cell, int] = dict.fromkeys(product(range(3), (2, 3), range(2, 6)), BODY)
    for number, (i, k) in enumerate(((2, 5), (0, 5), (2, 2), (0, 2))):
        cells |= {(i, 0, k): LEGS + number, (i, 1, k): LEGS + number}
    cells |= dict.fromkeys(product(range(3), (4,), (4, 5)), COLLAR)
    cells |= dict.fromkeys(product(range(3), (5, 6), (4, 5, 6)), HEAD)
    cells |= {(2, 7, 4): EAR_LEFT, (0, 7, 4): EAR_RIGHT, (1, 5, 7): SNOUT}
    return cells | {(1, 3, 1): TAIL, (1, 4, 1): TAIL, (1, 5, 1): TAIL}


def chess_queen() -> SampleObject:
    """A queen in one closed surface whose parts meet in grooves."""
    profile = {
        "base": [(0, 0), (0.62, 0), (0.64, 0.05), (0.62, 0.16), (0.55, 0.2), (0.55, 0.24),
                 (0.58, 0.3), (0.52, 0.38), (0.4, 0.44)],
        "stem": [(0.36, 0.46), (0.325, 0.52), (0.29, 0.6), (0.26, 0.7), (0.235, 0.85),
                 (0.22, 1.0), (0.21, 1.15), (0.21, 1.27), (0.22, 1.36)],
        "collar": [(0.24, 1.4), (0.38, 1.44), (0.4, 1.48), (0.38, 1.52), (0.28, 1.56),
                   (0.3, 1.6), (0.31, 1.64), (0.27, 1.68)],
        "crown": [(0.24, 1.7), (0.26, 1.82), (0.32, 2.0), (0.4, 2.16), (0.38, 2.18),
                  (0.33, 2.16), (0.24, 2.24), (0.1, 2.3)],
        "finial": [(0.065, 2.31), (0.09, 2.33), (0.11, 2.37), (0.118, 2.42), (0.11, 2.47),
                   (0.09, 2.51), (0.05, 2.535), (0, 2.545)],
    }  # fmt: skip
    points = [point for band in profile.values() for point in band]
    bands = np.repeat(np.arange(len(profile)), [len(band) for band in profile.values()])
    turned = lathe(points, segments=40)
    turned = replace(turned, groups=bands[turned.groups + 1]).upright().tiled(1, 3)
    angle = np.arctan2(turned.vertices[:, 0], turned.vertices[:, 2])
    rim = (turned.vertices[:, 1] > 2.1) & (turned.vertices[:, 1] < 2.2)
    turned.vertices[rim, 1] += 0.035 * np.cos(8 * angle[rim])  # the points of the crown
    whole = smoothed(turned, 50)
    pieces = [piece(name, walnut(), whole.select(index)) for index, name in enumerate(profile)]
    return assemble_welded("chess_queen", pieces, unit=4.0)
