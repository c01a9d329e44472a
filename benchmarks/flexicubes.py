"""Seconds and memory of meshing a network's field, on the whole grid and by surface search.

`python -m benchmarks.flexicubes [--resolution R] [--width W] [--device cpu|cuda] [--repeats N]`

The network is a multilayer perceptron of three layers, which is little to ask at a point; its field
is a torus. Each way is run forward and backward in a process of its own, so that peak memory is
its own, and both meshes are compared. A third row meshes signed values that are already there.
"""

from __future__ import annotations

import argparse
import multiprocessing
import platform
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from train.flexicubes.extraction import Extraction, extract
from train.flexicubes.grid import Grid
from train.flexicubes.parameters import FlexiParameters, unpack
from train.flexicubes.sparse import extract_sparse

BOUNDS = (-1.05, 1.05)

Run = Callable[[], Extraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is run."""

    way: str
    resolution: int
    width: int
    device: str
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The median run: seconds, peak memory in GB, points asked, and what the mesh is.

    `baseline` is the memory of the process before the first run, with its libraries loaded.
    """

    seconds: float
    peak: float
    baseline: float
    asked: int
    faces: int
    checksum: float


class Field(nn.Module):
    """A torus, and a perceptron for all channels, small beside it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(
            nn.Linear(3, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 25)
        )
        self.asked = 0

    def forward(self, points: Tensor) -> Tensor:
        """(N, 25) raw parameters at (N, 3) points."""
        self.asked += len(points)
        raw = 0.1 * self.layers(points)
        across = points[:, :2].norm(dim=1) - 0.55
        torus = torch.stack([across, points[:, 2]]).norm(dim=0) - 0.22
        return torch.cat([(torus + 0.1 * raw[:, 0])[:, None], raw[:, 1:]], dim=1)


def whole_grid(field: Field, setting: Setting) -> Run:
    """Ask everywhere, with gradients."""
    grid = Grid.regular(setting.resolution, bounds=BOUNDS)
    vertices = torch.arange(grid.vertex_count, device=setting.device)
    lowest = grid.lowest_corners(torch.arange(grid.cube_count, device=setting.device))

    def run() -> Extraction:
        raw = field(grid.positions(vertices, dtype=torch.float32))
        return extract(grid, unpack(raw).select(cubes=lowest), training=True)

    return run


def surface_search(field: Field, setting: Setting) -> Run:
    """Ask where the surface is."""
    return lambda: extract_sparse(
        field,
        resolution=setting.resolution,
        bounds=BOUNDS,
        training=True,
        device=setting.device,
    )


def known_values(field: Field, setting: Setting) -> Run:
    """Mesh signed values that have been asked before; no weights, no gradients."""
    grid = Grid.regular(setting.resolution, bounds=BOUNDS)
    vertices = torch.arange(grid.vertex_count, device=setting.device)
    with torch.no_grad():
        parts = [
            field(grid.positions(part, dtype=torch.float32))[:, 0]
            for part in torch.split(vertices, 1 << 17)
        ]
    parameters = FlexiParameters(torch.cat(parts))
    return lambda: extract(grid, parameters)


WAYS = {
    "whole grid": whole_grid,
    "surface search": surface_search,
    "known values": known_values,
}


def measure(setting: Setting) -> Measured:
    """Run one way a few times; memory is that of all runs."""
    torch.set_num_threads(1)
    field = Field(setting.width).to(setting.device)
    run = WAYS[setting.way](field, setting)
    baseline, seconds = _peak(setting.device), []
    for _ in range(setting.repeats):
        field.asked = 0
        field.zero_grad()
        started = time.perf_counter()
        mesh = run()
        if mesh.vertices.requires_grad:
            torch.autograd.backward(mesh.vertices.square().mean() + mesh.deviation)
        _wait(setting.device)
        seconds.append(time.perf_counter() - started)
    return Measured(
        seconds=sorted(seconds)[len(seconds) // 2],
        peak=_peak(setting.device),
        baseline=baseline,
        asked=field.asked,
        faces=len(mesh.faces),
        checksum=float(mesh.vertices.detach().double().sum()),
    )


def _wait(device: str) -> None:
    if device != "cpu":
        torch.cuda.synchronize()


def _peak(device: str) -> float:
    if device == "cpu":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return torch.cuda.max_memory_allocated() / 1e9


def main() -> None:
    """Measure all ways and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", type=int, default=128)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    rows = {}
    spawn = multiprocessing.get_context("spawn")
    for way in WAYS:
        setting = Setting(way=way, **vars(options))
        with ProcessPoolExecutor(1, mp_context=spawn) as pool:
            rows[way] = pool.submit(measure, setting).result()
    print(f"{options.resolution}³ cubes, perceptron of width {options.width}, one thread")
    print(f"{platform.machine()}, {options.device}, torch {torch.__version__}\n")
    print(
        "| way | s | peak GB | of which before | points asked | faces |\n|---|---|---|---|---|---|"
    )
    for way, row in rows.items():
        print(
            f"| {way} | {row.seconds:.2f} | {row.peak:.2f} | {row.baseline:.2f}"
            f" | {row.asked:,} | {row.faces:,} |"
        )
    dense, sparse = rows["whole grid"], rows["surface search"]
    same = dense.faces == sparse.faces and abs(dense.checksum - sparse.checksum) < 0.1
    print(f"\nsearch is {dense.seconds / sparse.seconds:.1f} times as fast; ", end="")
    print("both meshes are the same" if same else "THE MESHES DIFFER")


if __name__ == "__main__":
    main()
