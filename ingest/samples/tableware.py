"""A mug whose handle grows out of its wall, and a teapot: both welded into one node."""

from __future__ import annotations

import numpy as np

from ingest.samples import pictures as draw
from ingest.samples.assemble import SampleObject, assemble_welded, piece
from ingest.samples.curves import fillet, spline
from ingest.samples.finish import Finish
from ingest.samples.shape import Float64, Shape, join, smoothed
from ingest.samples.solids import cylinder, grid, lathe, sphere
from ingest.samples.sweeps import END, START, WALL, tube

CUP, HANDLE = 0, 1
SEGMENTS = 40
LOWER, UPPER = (3, 5), (8, 10)
"""Rows of the mug's wall that the handle's ends replace: first, and one past the last."""


def mug() -> SampleObject:
    """A glazed mug; cup and handle share their vertices where they meet."""
    body = _mug_body()
    glaze = Finish(name="glaze", picture=_glaze(), roughness=0.25)
    coffee = Finish(name="coffee", color=(74, 42, 24), roughness=0.15)
    whole = smoothed(body, 50)
    return assemble_welded(
        "mug",
        [
            piece("cup", glaze, whole.select(CUP)),
            piece("handle", glaze, whole.select(HANDLE)),
            piece("coffee", coffee, cylinder(0.395, 0.05, segments=SEGMENTS).moved(y=0.72)),
        ],
        unit=9.5,
    )


def _mug_body() -> Shape:
    wall = [(0.45, y) for y in (0.16, 0.24, 0.32, 0.40, 0.50, 0.58, 0.66, 0.74, 0.90)]
    foot = [(0.0, 0.02), (0.3, 0.02), (0.31, 0.0), (0.42, 0.0), (0.45, 0.04), (0.45, 0.10)]
    lip = [(0.452, 0.98), (0.44, 1.0), (0.41, 1.0), (0.4, 0.98)]
    inside = [(0.4, 0.2), (0.38, 0.1), (0.32, 0.06), (0.0, 0.06)]
    profile = np.asarray([*foot, *wall, *lip, *inside])
    cup = lathe(profile, segments=SEGMENTS)
    first = len(foot)
    u = cup.uv[cup.faces].mean(axis=1)[:, 0] * SEGMENTS
    under = np.zeros(len(cup.faces), bool)
    for start, stop in (LOWER, UPPER):
        rows = (cup.groups >= first + start - 1) & (cup.groups < first + stop - 1)
        under |= rows & (np.abs(u - SEGMENTS / 4) < 1)
    cup.groups[:] = np.where(under, -1, CUP)
    lower, upper = (_border(profile, first + start - 1) for start, _ in (LOWER, UPPER))
    handle = _handle(upper, lower)
    handle.groups[:] = HANDLE
    return join([cup.select(CUP), handle])


def _border(profile: Float64, row: int) -> Float64:
    """(8, 3) corners around a patch of 2 × 2 quads at +x, from the top middle towards +z."""
    step = [(2, 0), (2, -1), (1, -1), (0, -1), (0, 0), (0, 1), (1, 1), (2, 1)]
    radius, height = profile[[row + up for up, _ in step]].T
    angle = 2 * np.pi * np.asarray([SEGMENTS // 4 + side for _, side in step]) / SEGMENTS
    return np.stack([radius * np.sin(angle), height, radius * np.cos(angle)], axis=1)


def _handle(upper: Float64, lower: Float64) -> Shape:
    """A bow from one border to the other."""
    top, bottom = upper[:, 1].mean(), lower[:, 1].mean()
    path = spline(
        [(0.47, top), (0.56, top + 0.01), (0.7, top - 0.06), (0.755, (top + bottom) / 2),
         (0.68, bottom + 0.04), (0.56, bottom - 0.01), (0.47, bottom)], steps=4,
    )  # fmt: skip
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    angle = np.arange(8) * np.pi / 4
    t = np.linspace(-1, 1, len(path))
    thick = (0.042 + 0.02 * np.abs(t) ** 6)[:, None]
    wide = (0.062 + 0.01 * np.abs(t) ** 6)[:, None]
    rings = np.zeros((len(path), 8, 3))
    rings[..., 0] = path[:, :1] - thick * np.cos(angle) * tangent[:, 1:]
    rings[..., 1] = path[:, 1:] + thick * np.cos(angle) * tangent[:, :1]
    rings[..., 2] = wide * np.sin(angle)
    flipped = lower[(-np.arange(8) + 4) % 8]  # at the lower end the bow looks back at the cup
    rings = np.concatenate([upper[None], rings, flipped[None]])
    rings = np.concatenate([rings, rings[:, :1]], axis=1)
    u, v = np.meshgrid(np.linspace(0, 1, 9), np.linspace(0.5, 0.54, len(rings)))
    return grid(rings, np.stack([u, v], axis=-1))


def _glaze() -> draw.Picture:
    """Cream below, blue running down from the lip, which lies at v = 0.48."""
    generator = np.random.default_rng(11)
    blue = draw.speckle(generator, [(30, 74, 120), (66, 122, 168), (120, 170, 200)], size=256)
    cream = draw.speckle(generator, [(222, 212, 190), (244, 238, 224)], grain=0.012, size=256)
    u, v = draw.coordinates(256)
    edge = 0.62 + 0.03 * np.sin(2 * np.pi * 6 * u) + 0.015 * np.sin(2 * np.pi * 11 * u + 1)
    share = draw.inside(np.minimum(edge - v, v - 0.472), 256)[..., None]
    return draw.to_bytes(share * blue + (1 - share) * cream)


def teapot() -> SampleObject:
    """A porcelain pot; body, lid, spout and handle run into one another."""
    porcelain = Finish(name="porcelain", picture=_porcelain(), roughness=0.18)
    white = Finish(name="white porcelain", color=(240, 240, 236))
    blue = Finish(name="blue glaze", color=(40, 72, 140))
    gold = Finish(name="gold rim", color=(214, 168, 80))
    dark = Finish(name="opening", color=(52, 44, 40))
    wall = [(0.42, 0.06), (0.72, 0.18), (0.96, 0.52), (0.94, 0.88), (0.7, 1.16), (0.42, 1.28)]
    belly = np.concatenate([[(0.0, 0.06)], spline(wall, steps=5), [(0.0, 1.28)]])
    foot = fillet([(0, 0), (0.5, 0), (0.46, 0.1), (0, 0.1)], 0.03)
    dome = fillet([(0, 1.25), (0.46, 1.25), (0.46, 1.3), (0.3, 1.4), (0.1, 1.47), (0, 1.47)], 0.06)
    ring = fillet([(0, 1.27), (0.475, 1.27), (0.475, 1.305), (0, 1.305)], 0.012, steps=2)
    beak = [(0.78, 0.42, 0), (1.12, 0.5, 0), (1.3, 0.8, 0), (1.42, 1.14, 0), (1.6, 1.26, 0)]
    beak_path = spline(beak)
    spout = tube(beak_path, np.linspace(0.24, 0.085, len(beak_path)), sides=18)
    ear = [(-0.66, 1.12, 0), (-1.02, 1.24, 0), (-1.34, 1.04, 0), (-1.36, 0.7, 0), (-1.1, 0.42, 0),
           (-0.86, 0.36, 0)]  # fmt: skip
    pieces = [
        piece("body", porcelain, lathe(belly, segments=36)),
        piece("foot", blue, lathe(foot, segments=36)),
        piece("lid", white, lathe(dome, segments=36)),
        piece("lid", gold, lathe(ring, segments=36)),
        piece("knob", blue, sphere(0.11, segments=20, rings=10).moved(y=1.54)),
        piece("spout", white, spout.select(WALL, START)),
        piece("spout", dark, spout.select(END)),
        piece("handle", blue, tube(spline(ear), 0.085, sides=14).scaled(1, 1, 1.15)),
    ]
    return assemble_welded("teapot", pieces)


def _porcelain() -> draw.Picture:
    """White with a blue band of petals between two rings."""
    u, v = draw.coordinates(256)
    height = np.abs(v - 0.47)
    wave = np.abs(np.sin(np.pi * 8 * u))
    petal = np.minimum(0.13 * wave - height, height - (0.13 * wave - 0.03))
    heart = 0.05 * wave**3 - height
    rings = np.maximum(0.011 - np.abs(height - 0.165), 0.005 - np.abs(height - 0.2))
    ink = draw.inside(np.maximum(np.maximum(petal, heart), rings), 256)
    wash = 0.12 * draw.noise(np.random.default_rng(12), across=0.08, size=256)
    return draw.ramp(ink * 0.9 + wash * (1 - ink), [(244, 244, 240), (40, 72, 140)])
