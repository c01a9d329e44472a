"""Points and distances of one object on one core, and where the time goes."""

from __future__ import annotations

import cProfile
import os
import pstats
import time

import numpy as np
import trimesh
from numpy.typing import NDArray

from shards.field.config import FieldConfig
from shards.field.sampling import sample_field
from shards.grid import GridConfig, sparse_structure
from shards.points import PointsConfig, sample_points
from shards.selection import SamplePart, Selection
from shards.surface import Surface

STEPS = {
    "winding numbers": "winding_numbers",
    "distances": "surface_distances",
    "proxies": "proxy_inside",
    "bodies": "make_body",
    "surface points": "sample",
}


def shapes(kind: str) -> list[trimesh.Trimesh]:
    """Eight shapes of about 6250 faces: closed, or damaged in some way."""
    box = trimesh.creation.box((1, 1, 1))
    for _ in range(5):
        box = box.subdivide()
    made = [
        trimesh.creation.icosphere(subdivisions=4),
        trimesh.creation.torus(0.8, 0.3, major_sections=64, minor_sections=32),
        trimesh.creation.capsule(height=1.0, radius=0.4, count=[48, 32]),
        box,
    ]
    generator = np.random.default_rng(0)
    parts = []
    for index in range(8):
        part = made[index % 4].copy()
        part.apply_scale(0.4 / part.extents.max())
        part.apply_translation([0.5 * (index % 4) - 0.75, 0.5 * (index // 4) - 0.25, 0])
        if kind == "with a hole":
            part.update_faces(np.arange(len(part.faces)) >= len(part.faces) // 100)
        if kind == "wound at random":
            turned = generator.random(len(part.faces)) < 0.5
            part.faces = np.where(turned[:, None], part.faces[:, ::-1], part.faces)
        if kind == "of loose triangles":
            center = part.triangles.mean(axis=1, keepdims=True)
            loose = (center + 0.97 * (part.triangles - center)).reshape(-1, 3)
            part = trimesh.Trimesh(loose, np.arange(len(loose)).reshape(-1, 3), process=False)
        parts.append(part)
    return parts


def assemble(parts: list[trimesh.Trimesh]) -> tuple[Surface, Selection]:
    """The object of some parts."""
    counts = [len(part.faces) for part in parts]
    whole = trimesh.util.concatenate(parts)
    surface = Surface(np.asarray(whole.vertices), np.asarray(whole.faces))
    starts = np.concatenate([[0], np.cumsum(counts)])
    kept = [
        _part(surface, index, np.arange(starts[index], starts[index + 1]))
        for index in range(len(parts))
    ]
    return surface, Selection(kept=tuple(kept), dropped={})


def _part(surface: Surface, index: int, faces: NDArray[np.int64]) -> SamplePart:
    return SamplePart(
        labels=(index,),
        faces=faces,
        box=surface.box(faces),
        area=surface.area(faces),
        level=0,
        watertight=True,
    )


class Timer:
    """Prints the seconds that a block took."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        self.start = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        print(f"  {self.name}: {time.perf_counter() - self.start:.2f} s")


def where(profile: cProfile.Profile) -> None:
    """Print the seconds of each step of the field."""
    for name, function in STEPS.items():
        seconds = sum(
            entry[3]
            for (_, _, called), entry in pstats.Stats(profile).stats.items()  # type: ignore[attr-defined]
            if called == function
        )
        print(f"    of it {name}: {seconds:.2f} s")


def main() -> None:
    """The wanted number: points and fields of 50k faces in 8 parts in 3 s."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for kind in ("closed", "with a hole", "wound at random", "of loose triangles"):
        surface, selection = assemble(shapes(kind))
        print(f"{len(surface.faces)} faces, {len(selection.kept)} parts, {kind}, on one core")
        generator = np.random.default_rng(0)
        with Timer("4096 and 16,384 surface points"):
            sample_points(surface, selection, config=PointsConfig(), generator=generator)
        profile = cProfile.Profile()
        with Timer("9 × 24,576 points of fields"):
            field = profile.runcall(
                sample_field, surface, selection, config=FieldConfig(), generator=generator
            )
        where(profile)
        print(f"    signs known by {', '.join(sorted({*field.parts, field.whole}))}")
        with Timer("64³ grid, where asked for"):
            sparse_structure(surface, selection, config=GridConfig(resolution=64))


if __name__ == "__main__":
    main()
