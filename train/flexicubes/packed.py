"""Several meshes in one pair of arrays, as a batched rasteriser takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import torch
from torch import Tensor

from train.flexicubes.extraction import Extraction


@dataclass(frozen=True, slots=True)
class PackedMeshes:
    """B meshes one after another.

    Attributes:
        vertices: (ΣV, 3).
        faces: (ΣF, 3) int64, numbered through.
        vertex_starts: where each mesh's vertices start, and their end, B + 1 numbers.
        face_starts: the same of faces.
    """

    vertices: Tensor
    faces: Tensor
    vertex_starts: tuple[int, ...]
    face_starts: tuple[int, ...]

    def meshes(self) -> list[tuple[Tensor, Tensor]]:
        """Vertices and faces of each mesh, faces numbered within it."""
        return [
            (self.vertices[v0:v1], self.faces[f0:f1] - v0)
            for (v0, v1), (f0, f1) in zip(
                pairwise(self.vertex_starts), pairwise(self.face_starts), strict=True
            )
        ]


def pack(extractions: Sequence[Extraction]) -> PackedMeshes:
    """Join meshes, empty ones included; gradients flow back to each."""
    if not extractions:
        raise ValueError("there are no meshes to pack, expected at least one")
    vertex_starts = (0, *accumulate(len(mesh.vertices) for mesh in extractions))
    face_starts = (0, *accumulate(len(mesh.faces) for mesh in extractions))
    faces = [
        mesh.faces + start for mesh, start in zip(extractions, vertex_starts[:-1], strict=True)
    ]
    return PackedMeshes(
        vertices=torch.cat([mesh.vertices for mesh in extractions]),
        faces=torch.cat(faces),
        vertex_starts=vertex_starts,
        face_starts=face_starts,
    )
