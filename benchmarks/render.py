"""Views a second of Blender used the published way, of our Blender, and of the raster backend.

`python -m benchmarks.render [--assets DIR] [--objects N] [--parts M] [--size PX] [--samples N]`

All render the same objects and parts at the cameras of the preset `partverse`, and leave PNGs. The
published way starts Blender for each file anew, imports a GLB and keeps Blender's denoiser; `same
quality` is that script with our denoiser, paths and samples, so that what it gains is settings,
and what ours gains on top of it is the engine. The ways take turns, object by object.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks._objects import PartedObject, parted_objects
from partworks.geometry.glb import write_glb
from partworks.geometry.submesh import extract_faces
from render.backend import Backend
from render.choice import make_backend
from render.config import BackendName, BlenderConfig, RenderConfig
from render.encoding import encode_colour
from render.subject import make_subjects

Way = Callable[[PartedObject, Path], int]
"""Renders an object and its parts into a folder; how many views it took."""

TITLES = {
    "published": "published way",
    "same": "same quality",
    "blender": "our Blender",
    "raster": "our raster",
}
RATIOS = (("blender", "published"), ("blender", "same"), ("raster", "blender"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Side of a view in pixels, paths per pixel."""

    size: int
    samples: int


def published(quality: Quality, *flags: str) -> Way:
    """A new Blender for each file."""

    def way(made: PartedObject, folder: Path) -> int:
        for file in sorted(folder.glob("*.glb")):
            out = folder / file.stem
            out.mkdir(exist_ok=True)
            command = [sys.executable, "-m", "benchmarks._published_render", str(file), str(out)]
            command += ["--size", str(quality.size), "--samples", str(quality.samples), *flags]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return len(list(folder.glob("*/*.png")))

    return way


def ours(quality: Quality, name: BackendName) -> Way:
    """A backend of the render stage, started at its first object and kept."""
    blender = BlenderConfig(samples=quality.samples)
    config = RenderConfig(
        backend=name, preset="partverse", size=quality.size, image="png", blender=blender
    )
    started: list[Backend] = []

    def way(made: PartedObject, folder: Path) -> int:
        if not started:
            started.append(make_backend(config, seed=0))
        generator = np.random.default_rng(0)
        rigs = config.chosen.rigs
        subjects = make_subjects(made.mesh, made.parts, rigs, generator=generator)
        for shot in started[0].photograph(made.mesh, made.parts, subjects):
            out = folder / shot.subject.folder
            out.mkdir(exist_ok=True)
            (out / f"{shot.view:03d}.png").write_bytes(encode_colour(shot.picture, config))
        return len(list(folder.glob("*/*.png")))

    return way


def write_files(made: PartedObject, folder: Path) -> None:
    """The object and its parts as GLBs, which the published way starts from."""
    (folder / "object.glb").write_bytes(write_glb(made.mesh))
    for part in range(made.parts.count):
        mesh = extract_faces(made.mesh, made.parts.face_labels == part)
        (folder / f"part_{part:02d}.glb").write_bytes(write_glb(mesh))


@dataclass(slots=True)
class Spent:
    """What a way did over all objects: views, wall seconds, seconds of all cores together."""

    views: int = 0
    wall: float = 0.0
    cores: float = 0.0

    @property
    def a_view(self) -> NDArray[np.float64]:
        """(2,) wall seconds and core seconds a view."""
        return np.array([self.wall, self.cores]) / self.views


def measure(ways: dict[str, Way], objects: Sequence[PartedObject]) -> dict[str, Spent]:
    """Run all ways on all objects; each object begins with another way."""
    spent = {name: Spent() for name in ways}
    for number, made in enumerate(objects):
        for name in np.roll(list(ways), number).tolist():
            with tempfile.TemporaryDirectory() as folder:
                write_files(made, Path(folder))
                wall, cores = time.perf_counter(), core_seconds()
                spent[name].views += ways[name](made, Path(folder))
                taken = time.perf_counter() - wall
                spent[name].wall += taken
                spent[name].cores += core_seconds() - cores
            print(f"  {made.name}: {TITLES[name]} {taken:.1f} s", flush=True)
    return spent


def core_seconds() -> float:
    """Of this process and of its children, those that have ended and those that have not."""
    this = psutil.Process()
    ours = this.cpu_times()
    ended: float = ours.children_user + ours.children_system
    running = [each.cpu_times() for each in (this, *this.children())]
    return ended + sum(each.user + each.system for each in running)


def report(spent: dict[str, Spent]) -> None:
    """Print what each way took, and how they compare."""
    for name, title in TITLES.items():
        each = spent[name]
        wall, cores = each.a_view
        print(
            f"{title}: {each.views} views in {each.wall:.1f} s, {1 / wall:.2f} views/s; a view "
            f"takes {wall:.2f} s, {cores:.2f} core seconds"
        )
    for fast, slow in RATIOS:
        wall, cores = spent[slow].a_view / spent[fast].a_view
        print(
            f"{TITLES[fast]} over {TITLES[slow]}: {wall:.1f} times the views a second, "
            f"{cores:.1f} times the views a core second"
        )


def main() -> None:
    """Measure all ways in one run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.render")
    parser.add_argument("--assets", type=Path, help="a folder; default: the generated samples")
    parser.add_argument("--objects", type=int, default=3, help="so many, spread over the source")
    parser.add_argument("--parts", type=int, default=2, help="at most so many of each object")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--samples", type=int, default=16)
    arguments = parser.parse_args()
    quality = Quality(size=arguments.size, samples=arguments.samples)
    source = f"folder:{arguments.assets}" if arguments.assets else "samples"
    objects = parted_objects(source, objects=arguments.objects, parts=arguments.parts)
    ways = {
        "published": published(quality),
        "same": published(quality, "--quick"),
        "blender": ours(quality, "blender"),
        "raster": ours(quality, "raster"),
    }
    report(measure(ways, objects))


if __name__ == "__main__":
    main()
