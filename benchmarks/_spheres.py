"""A source of made objects without textures: wavy spheres of about ten thousand faces, as GLB."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
import trimesh

from partworks.geometry.glb import write_glb
from partworks.geometry.mesh import Mesh, MeshNode

PARTS = 8
SUBDIVISIONS = 3


@functools.cache
def _ball() -> tuple[np.ndarray, np.ndarray]:
    ball = trimesh.creation.icosphere(subdivisions=SUBDIVISIONS)
    return ball.vertices.astype(np.float32), ball.faces.astype(np.int32)


def made_glb(number: int) -> bytes:
    """Object `number`: eight wavy balls of 1280 faces in a row, with normals, all different."""
    generator = np.random.default_rng(number)
    vertices, faces = _ball()
    nodes = []
    for part in range(PARTS):
        waves = 1 + 0.1 * np.sin(vertices @ generator.normal(size=(3, 1)) * 5)
        placed = vertices * waves + np.float32([2.5 * part, 0, 0])
        nodes.append(
            MeshNode(
                vertices=placed.astype(np.float32),
                faces=faces,
                normals=vertices,
                name=f"ball {part}",
            )
        )
    return write_glb(Mesh(nodes=tuple(nodes)))


def files(count: int) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of `count` objects."""
    for number in range(count):
        yield f"{number:05d}.glb", made_glb(number)
