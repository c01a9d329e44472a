"""Objects for the viewer's tests, with the atoms and the tree that a segmenter might have made."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image as Picture

from annotate.review.base import Base
from partworks.geometry.mesh import Image, Material, Mesh, MeshNode, TextureRef

PARTS = {
    "seat": ((1.0, 0.12, 1.0), (0.0, 0.0, 0.0)),
    "back": ((1.0, 1.0, 0.1), (0.0, 0.56, -0.45)),
    "leg 1": ((0.12, 0.9, 0.12), (-0.42, -0.51, -0.42)),
    "leg 2": ((0.12, 0.9, 0.12), (0.42, -0.51, -0.42)),
    "leg 3": ((0.12, 0.9, 0.12), (-0.42, -0.51, 0.42)),
    "leg 4": ((0.12, 0.9, 0.12), (0.42, -0.51, 0.42)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewObject:
    """A mesh, the atom of each face, and the tree over atoms."""

    name: str
    mesh: Mesh
    base: Base


def chair(name: str = "chair", *, rounds: int = 2) -> ReviewObject:
    """Six boxes in two atoms each: 2 n and 2 n + 1 are the lower and upper half of box n.

    By default the halves of seat and back are one already, those of the legs are not.
    """
    nodes, labels = [], []
    for number, (extents, middle) in enumerate(PARTS.values()):
        box = trimesh.creation.box(extents=extents)
        for _ in range(rounds):
            box = box.subdivide()
        axis = int(np.argmax(extents))
        upper = box.triangles_center[:, axis] > 0
        labels.append(2 * number + upper.astype(np.int32))
        nodes.append(_node(box.vertices + np.asarray(middle), box.faces, number))
    return ReviewObject(name=name, mesh=_mesh(nodes), base=_base(np.concatenate(labels)))


def knot(faces: int, *, atoms: int = 200) -> ReviewObject:
    """A bumpy ring of about so many faces in one textured node, in `atoms` slices."""
    around = int(np.sqrt(faces * 2))
    over = faces // (2 * around)
    u, v = np.meshgrid(np.arange(around), np.arange(over), indexing="ij")
    a, b = 2 * np.pi * u / around, 2 * np.pi * v / over
    radius = 0.35 + 0.06 * np.sin(9 * a) + 0.02 * np.sin(5 * b)
    points = np.stack(
        [
            (1 + radius * np.cos(b)) * np.cos(a),
            radius * np.sin(b) + 0.3 * np.sin(2 * a),
            (1 + radius * np.cos(b)) * np.sin(a),
        ],
        axis=-1,
    )
    corner = u * over + v
    right = ((u + 1) % around) * over + v
    above = u * over + (v + 1) % over
    both = ((u + 1) % around) * over + (v + 1) % over
    quads = np.stack([corner, above, both, corner, both, right], axis=-1)
    slices = np.repeat((u * atoms // around).reshape(-1), 2).astype(np.int32)
    uv = np.stack([u / around, v / over], axis=-1).reshape(-1, 2)
    node = _node(points.reshape(-1, 3), quads.reshape(-1, 3), 0, uv=uv)
    return ReviewObject(name=f"knot {faces}", mesh=_mesh([node]), base=_chain(slices, atoms))


def _node(
    vertices: NDArray[np.float64],
    faces: NDArray[np.int64],
    material: int,
    *,
    uv: NDArray[np.float64] | None = None,
) -> MeshNode:
    flat = vertices - vertices.min(axis=0)
    places = flat[:, :2] / max(float(flat.max()), 1e-9) if uv is None else uv
    return MeshNode(
        vertices=vertices.astype(np.float32),
        faces=faces.astype(np.int32),
        uv=places.astype(np.float32),
        material=material % 2,
    )


def _mesh(nodes: list[MeshNode]) -> Mesh:
    wood = Material(
        name="wood", base_color=(1.0, 0.85, 0.7, 1.0), base_color_texture=TextureRef(image=0)
    )
    plain = Material(name="plain", base_color=(0.2, 0.35, 0.5, 1.0))
    return Mesh(nodes=tuple(nodes), materials=(wood, plain), images=(_grain(),))


def _grain() -> Image:
    across = np.arange(128)
    rings = 0.75 + 0.25 * np.sin(across[:, None] / 5 + 3 * np.sin(across[None, :] / 23))
    pixels = (rings[..., None] * np.array([190, 130, 75])).astype(np.uint8)
    stream = io.BytesIO()
    Picture.fromarray(pixels).save(stream, "PNG")
    return Image(data=stream.getvalue(), mime="image/png")


def _base(labels: NDArray[np.int32]) -> Base:
    """Halves first (12 atoms to 6 boxes), then the legs, then everything."""
    halves = [(2 * box, 2 * box + 1) for box in range(len(PARTS))]
    rest = [(14, 15), (16, 17), (18, 19), (12, 13), (20, 21)]
    heights = [0.1, 0.12, 0.2, 0.2, 0.2, 0.2, 0.5, 0.5, 0.6, 0.8, 0.9]
    return Base(
        atom_of_face=labels,
        children=np.asarray([*halves, *rest], np.int32),
        heights=np.asarray(heights),
        default_height=0.15,
    )


def _chain(labels: NDArray[np.int32], atoms: int) -> Base:
    children = [(0, 1), *((atoms + k - 1, k + 1) for k in range(1, atoms - 1))]
    return Base(
        atom_of_face=labels,
        children=np.asarray(children, np.int32),
        heights=np.linspace(0.1, 0.9, atoms - 1),
        default_height=0.0,
    )
