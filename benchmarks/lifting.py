"""Seconds and memory of lifting masks to faces and of alpha-expansion, from 10k to 1M faces.

`python -m benchmarks.lifting [--faces N …] [--size PX] [--parts N] [--plot FILE.svg]`

The object is a bumpy torus, parted into cells; masks of three levels are drawn from the cells with
shifted borders, some of them left out or cut in two. Each size runs in a process of its own, so
that peak memory is its own; casting the views and drawing the masks is not counted in the times.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom

from partworks.geometry.cameras import bounding_sphere, icosahedron
from partworks.geometry.mesh import Mesh, MeshNode
from partworks.geometry.visibility import EmbreeCaster
from segment.lifting import lift
from segment.proposers.base import ViewMasks
from segment.regularise import RegulariseConfig, regularise
from segment.surface import read_surface

Int32 = NDArray[np.int32]

FACES = (10_000, 30_000, 100_000, 200_000, 300_000, 1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run: seconds of both steps, peak memory, and the share of the area put right."""

    faces: int
    masks: int
    lifting: float
    regularising: float
    before: float
    peak: float
    accuracy: float

    @property
    def total(self) -> float:
        """Seconds of both steps."""
        return self.lifting + self.regularising


def torus(faces: int) -> Mesh:
    """A bumpy torus of about so many faces."""
    around = max(round(np.sqrt(faces)), 3)
    across = max(round(faces / 2 / around), 3)
    u, v = np.meshgrid(np.arange(around) / around, np.arange(across) / across, indexing="ij")
    u, v = 2 * np.pi * u, 2 * np.pi * v
    tube = 0.4 + 0.03 * np.sin(9 * u) * np.sin(4 * v)
    ring = 1 + tube * np.cos(v)
    points = np.stack([ring * np.cos(u), tube * np.sin(v), ring * np.sin(u)], axis=2)
    place = np.arange(around * across).reshape(around, across)
    right, up = np.roll(place, -1, axis=0), np.roll(place, -1, axis=1)
    far = np.roll(right, -1, axis=1)
    corners = np.stack([place, up, far, place, far, right], axis=2)
    node = MeshNode(
        vertices=points.reshape(-1, 3).astype(np.float32),
        faces=corners.reshape(-1, 3).astype(np.int32),
    )
    return Mesh(nodes=(node,))


def cells(
    centroids: NDArray[np.float64], count: int, generator: np.random.Generator
) -> list[Int32]:
    """Three levels of parts: the whole, groups of cells, cells."""
    angle = generator.uniform(0, 2 * np.pi, (count, 2))
    points = np.stack([np.cos(angle[:, 0]), np.zeros(count), np.sin(angle[:, 0])], axis=1)
    points += 0.4 * np.stack([points[:, 0], np.sin(angle[:, 1]), points[:, 2]], axis=1)
    squared = (points**2).sum(axis=1)
    fine = np.argmin(squared - 2 * centroids @ points.T, axis=1).astype(np.int32)
    coarse = np.argmin(squared[: count // 4] - 2 * points @ points[: count // 4].T, axis=1)
    return [np.zeros_like(fine), coarse.astype(np.int32)[fine], fine]


def draw(image: Int32, levels: list[Int32], generator: np.random.Generator) -> ViewMasks:
    """Masks of one view: a tenth of them left out, a twentieth cut in two."""
    side = image.shape[0]
    shift = [
        zoom(generator.normal(0, 2, (side // 32 + 1,) * 2), 32, order=1)[:side, :side]
        for _ in range(2)
    ]
    rows, columns = np.indices(image.shape)
    rows = np.clip(np.rint(rows + shift[0]), 0, side - 1).astype(int)
    columns = np.clip(np.rint(columns + shift[1]), 0, side - 1).astype(int)
    moved = image[rows, columns].reshape(-1)
    pixels = []
    for level in levels:
        labels = np.where(moved >= 0, level[moved], -1)
        order = np.argsort(labels, kind="stable")
        starts = np.flatnonzero(np.diff(labels[order]))
        for mask in np.split(order, starts + 1)[1:]:
            cut = len(mask) // 2 if generator.random() < 0.05 else 0
            if generator.random() > 0.1:
                pixels += [mask[:cut], mask[cut:]]
    return ViewMasks.from_pixels(pixels, generator.uniform(0.6, 1, len(pixels)), shape=image.shape)


def peak() -> float:
    """The most memory this process has had, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def measure(faces: int, size: int, parts: int) -> Measured:
    """Lift and regularise one object."""
    generator = np.random.default_rng(0)
    mesh = torus(faces)
    surface = read_surface(mesh, weld_tolerance=0.0, soup_tolerance=0.0)
    levels = cells(surface.centroids, parts, generator)
    center, radius = bounding_sphere(mesh.vertices)
    caster = EmbreeCaster(mesh.vertices, mesh.faces)
    rig = icosahedron(size=size, center=center, radius=radius)
    images = [caster.cast(camera).face_id for camera in rig]
    masks = [draw(image, levels, generator) for image in images]
    before = peak()
    started = time.perf_counter()
    lifted = lift(images, masks, face_count=mesh.face_count)
    middle = time.perf_counter()
    labels = regularise(lifted, surface, config=RegulariseConfig())
    ended = time.perf_counter()
    overlap = np.zeros((labels.max() + 1, parts))
    np.add.at(overlap, (labels, levels[-1]), surface.areas)
    return Measured(
        faces=mesh.face_count,
        masks=sum(each.count for each in masks),
        lifting=middle - started,
        regularising=ended - middle,
        before=before,
        peak=peak(),
        accuracy=float(overlap.max(axis=1).sum() / surface.total_area),
    )


def exponent(rows: list[Measured]) -> float:
    """The slope of a line through the logarithms of faces and seconds."""
    faces, seconds = np.log([row.faces for row in rows]), np.log([row.total for row in rows])
    return float(np.polyfit(faces, seconds, 1)[0])


def plot(rows: list[Measured]) -> str:
    """An SVG of seconds over faces, both logarithmic, with the line of linear growth."""
    faces = np.log10([row.faces for row in rows])
    low, high = np.floor(faces.min()), np.ceil(faces.max())
    bottom, top = -2.0, 2.0

    def at(x: float, y: float) -> str:
        return f"{60 + 420 * (x - low) / (high - low):.1f},{310 - 290 * (y - bottom) / 4:.1f}"

    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 500 360"',
        ' font-family="sans-serif" font-size="12">',
        '<rect width="500" height="360" fill="white"/>',
    ]
    for tick in np.arange(low, high + 1):
        x, y = at(tick, bottom).split(",")
        lines.append(f'<path d="M{at(tick, bottom)} L{at(tick, top)}" stroke="#ddd"/>')
        lines.append(f'<text x="{x}" y="{float(y) + 16}" text-anchor="middle">{10**tick:g}</text>')
    for tick in np.arange(bottom, top + 1):
        x, y = at(low, tick).split(",")
        lines.append(f'<path d="M{at(low, tick)} L{at(high, tick)}" stroke="#ddd"/>')
        lines.append(f'<text x="54" y="{float(y) + 4}" text-anchor="end">{10**tick:g} s</text>')
    first = np.log10(rows[0].total)
    grown = at(faces.max(), first + faces.max() - faces[0])
    lines.append(f'<path d="M{at(faces[0], first)} L{grown}" stroke="#999" stroke-dasharray="4"/>')
    for name, colour in (("total", "#111"), ("lifting", "#1f77b4"), ("regularising", "#d62728")):
        points = [
            at(x, np.log10(max(getattr(row, name), 1e-2)))
            for x, row in zip(faces, rows, strict=True)
        ]
        lines.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}"/>')
        row = ("total", "lifting", "regularising").index(name)
        lines.append(f'<text x="70" y="{36 + 16 * row}" fill="{colour}">{name}</text>')
    lines.append('<text x="70" y="84" fill="#777">dashed: linear growth</text>')
    lines.append('<text x="270" y="352" text-anchor="middle">faces</text></svg>')
    return "\n".join(lines)


def main() -> None:
    """Measure every size and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lifting")
    parser.add_argument("--faces", type=int, nargs="+", default=FACES)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--parts", type=int, default=48)
    parser.add_argument("--plot", type=Path, help="where to write an SVG")
    arguments = parser.parse_args()
    print("    faces  masks  lifting  regular.    total  memory  (before)  ASA")
    rows = []
    for faces in arguments.faces:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            row = pool.apply(measure, (faces, arguments.size, arguments.parts))
        rows.append(row)
        print(
            f"{row.faces:9d} {row.masks:6d} {row.lifting:6.2f} s {row.regularising:7.2f} s "
            f"{row.total:6.2f} s {row.peak:4.1f} GB {row.before:6.1f} GB  {row.accuracy:.3f}",
            flush=True,
        )
    if len(rows) > 1:
        print(f"seconds grow as faces to the power of {exponent(rows):.2f}")
    if arguments.plot:
        arguments.plot.write_text(plot(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
