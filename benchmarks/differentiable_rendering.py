"""Differentiable rendering of the trainer: torch's z-buffer against Embree, forward and backward.

`python -m benchmarks.differentiable_rendering [--size PX] [--views N] [--device cpu|cuda]`

Meshes are bumpy spheres, as extraction on grids of 32³ to 128³ makes them, and a pile of boxes, as
artists make them: few faces, each of them large, many behind one another.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
import trimesh
from torch import Tensor

from train.rendering.base import Renderer, Rendering
from train.rendering.cameras import Cameras, bounding_sphere, part_cameras
from train.rendering.choice import RendererName, choose_renderer

REPEATS = 3


def bumpy_sphere(subdivisions: int) -> tuple[Tensor, Tensor]:
    """Vertices and faces of an icosphere with waves."""
    mesh = trimesh.creation.icosphere(subdivisions=subdivisions, radius=0.5)
    vertices = np.asarray(mesh.vertices)
    vertices = vertices * (1 + 0.1 * np.sin(12 * vertices).prod(axis=1, keepdims=True))
    return torch.tensor(vertices).float(), torch.tensor(np.asarray(mesh.faces)).long()


def pile(count: int) -> tuple[Tensor, Tensor]:
    """Vertices and faces of boxes that pass through one another."""
    generator = np.random.default_rng(0)
    boxes = []
    for _ in range(count):
        box = trimesh.creation.box(extents=generator.uniform(0.1, 0.8, 3))
        box.apply_transform(trimesh.transformations.random_rotation_matrix(generator.random(3)))
        box.apply_translation(generator.uniform(-0.2, 0.2, 3))
        boxes.append(box)
    mesh = trimesh.util.concatenate(boxes)
    return torch.tensor(np.asarray(mesh.vertices)).float(), torch.tensor(np.asarray(mesh.faces))


def seconds(function: Callable[[], object], device: torch.device) -> float:
    """The fastest of some calls, after one that warms up."""
    times = []
    for _ in range(REPEATS + 1):
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        start = time.perf_counter()
        function()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - start)
    return min(times[1:])


def backward(maps: Rendering, vertices: Tensor) -> None:
    """The gradient of all maps."""
    total = maps.depth_NHW.sum() + maps.normal_NHW3.sum() + maps.mask_NHW.sum()
    torch.autograd.grad(total, vertices)


def measure(name: RendererName, mesh: tuple[Tensor, Tensor], views: Cameras) -> Rendering:
    """Print the milliseconds of one view and return the maps."""
    device = mesh[0].device
    renderer: Renderer = choose_renderer(name, device)
    vertices, faces = mesh[0].requires_grad_(), mesh[1]

    def forward() -> Rendering:
        return renderer.render(vertices, faces, views)

    ahead = seconds(forward, device)
    both = seconds(lambda: backward(forward(), vertices), device)
    each = 1000 / len(views)
    print(
        f"  {name:10s} forward {ahead * each:7.1f} ms, with backward {both * each:7.1f} ms a view"
    )
    return forward()


def main() -> None:
    """Measure every mesh with every renderer that is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.differentiable_rendering")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--views", type=int, default=4)
    parser.add_argument("--device", type=torch.device, default=torch.device("cpu"))
    arguments = parser.parse_args()
    meshes = {f"bumpy sphere {level}": bumpy_sphere(level) for level in (4, 5, 6)}
    meshes["pile of 40 boxes"] = pile(40)
    print(f"{arguments.views} views of {arguments.size}², {torch.get_num_threads()} threads")
    for title, (vertices, faces) in meshes.items():
        mesh = vertices.to(arguments.device), faces.to(arguments.device)
        center, radius = bounding_sphere(mesh[0])
        views = part_cameras(
            arguments.views,
            center_3=center,
            radius=radius,
            generator=torch.Generator().manual_seed(0),
            size=arguments.size,
        )
        print(f"{title}: {len(faces)} faces")
        first, second = (measure(name, mesh, views) for name in ("torch", "embree"))
        common = first.seen_NHW & second.seen_NHW
        same = (first.face_id_NHW == second.face_id_NHW)[common].double().mean()
        print(f"  same face in {100 * same:.2f} % of the pixels that both see")


if __name__ == "__main__":
    main()
