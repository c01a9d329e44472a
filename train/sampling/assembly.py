"""Latents become parts: meshes in their places, pictures, and the pictures' colours on the meshes.

Parts are generated where they are (CoPart keeps absolute coordinates), so that assembling is
bringing them to the layout's unit, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from train.metrics.mesh import TriangleMesh
from train.metrics.mesh_files import NamedMesh, part_color, write_glb
from train.rendering.base import Renderer
from train.sampling.coloring import projected_colors
from train.sampling.generation import ObjectLatents
from train.sampling.generator import Generator
from train.sampling.layout import Layout
from train.sampling.views import ring_cameras

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


class Refinement(Protocol):
    """Makes a better mesh of a part; see `train.refine`."""

    def __call__(self, mesh: TriangleMesh, images: Float32 | None) -> TriangleMesh:
        """The better mesh, in the same frame.

        Args:
            images: (V, H, W, 3) sRGB in 0…1 of the part; None where there are none.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GeneratedPart:
    """A part, or the whole.

    Attributes:
        name: of the part.
        mesh: in the layout's unit and place; empty where the latent has no surface.
        colors: (V, 3) float64 sRGB of the mesh's vertices, or None without pictures.
        images: (V, H, W, 3) float32 sRGB in 0…1, or None.
    """

    name: str
    mesh: TriangleMesh
    colors: Float64 | None
    images: Float32 | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GeneratedObject:
    """All that was made of a layout."""

    layout: Layout
    latents: ObjectLatents
    parts: tuple[GeneratedPart, ...]
    whole: GeneratedPart

    @property
    def empty(self) -> tuple[str, ...]:
        """Names of parts without a surface."""
        return tuple(part.name for part in self.parts if part.mesh.is_empty)


@torch.no_grad()
def assemble(
    generator: Generator,
    layout: Layout,
    *,
    latents: ObjectLatents,
    renderer: Renderer,
    refinement: Refinement | None = None,
) -> GeneratedObject:
    """Decode an object.

    Args:
        renderer: for the CPU, see `projected_colors`.
        refinement: of each part that has a surface.
    """
    names = [part.name for part in layout.parts]
    parts = decode_parts(generator, names, latents=latents, layout=layout, renderer=renderer)
    if refinement is not None:
        refined = [_refined(part, refinement, renderer=renderer) for part in parts[:-1]]
        parts = [*refined, parts[-1]]
    return GeneratedObject(layout=layout, latents=latents, parts=tuple(parts[:-1]), whole=parts[-1])


def decode_parts(
    generator: Generator,
    names: Sequence[str],
    *,
    latents: ObjectLatents,
    layout: Layout,
    renderer: Renderer,
) -> list[GeneratedPart]:
    """The parts in order, and the whole."""
    meshes = [TriangleMesh.empty()] * (len(names) + 1)
    images: list[Float32 | None] = [None] * (len(names) + 1)
    parts, whole = latents.parts, latents.whole
    if parts.geometry is not None and whole.geometry is not None:
        both = torch.cat([parts.geometry, whole.geometry])
        meshes = [_placed(mesh, layout) for mesh in generator.decode_geometry(both)]
    if parts.images is not None and whole.images is not None:
        pictures = generator.decode_images(torch.cat([parts.images, whole.images]))
        images = list(pictures.float().clamp(0, 1).cpu().numpy())
    return [
        _colored(GeneratedPart(name=name, mesh=mesh, colors=None, images=own), renderer)
        for name, mesh, own in zip([*names, layout.name], meshes, images, strict=True)
    ]


def object_glb(generated: GeneratedObject) -> bytes:
    """The GLB with one named node per part, in the layout's order, unit and place."""
    return write_glb(
        [
            NamedMesh(
                name=part.name, mesh=part.mesh, color=part_color(row), vertex_colors=part.colors
            )
            for row, part in enumerate(generated.parts)
        ]
    )


def _placed(mesh: TriangleMesh, layout: Layout) -> TriangleMesh:
    return replace(mesh, vertices=layout.frame.back(mesh.vertices))


def _colored(part: GeneratedPart, renderer: Renderer) -> GeneratedPart:
    if part.images is None or part.mesh.is_empty:
        return part
    views, height = part.images.shape[:2]
    cameras = ring_cameras(_used(part.mesh), views=views, pixels=height)
    colors = projected_colors(part.mesh, part.images, cameras=cameras, renderer=renderer)
    return replace(part, colors=colors)


def _used(mesh: TriangleMesh) -> Float64:
    """The vertices that faces have: others would push the cameras away."""
    return mesh.vertices[np.unique(mesh.faces)]


def _refined(part: GeneratedPart, refinement: Refinement, *, renderer: Renderer) -> GeneratedPart:
    if part.mesh.is_empty:
        return part
    return _colored(replace(part, mesh=refinement(part.mesh, part.images), colors=None), renderer)
