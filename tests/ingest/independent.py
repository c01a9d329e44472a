"""Source files read and looked at without any of the project's code: by trimesh, texel by texel."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
import trimesh.ray.ray_pyembree
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

BACKGROUND = np.array([0.25, 0.5, 0.75])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rays:
    """Parallel rays through a square that holds the object frame's box."""

    origins: Float64
    directions: Float64


def rays(size: int) -> list[Rays]:
    """Three views along slanted directions, `size` × `size` rays each."""
    views = []
    for towards in ((0.3, -0.4, -1.0), (-1.0, -0.2, 0.35), (0.2, 1.0, 0.3)):
        forward = np.asarray(towards) / np.linalg.norm(towards)
        right = np.cross(forward, [0.13, 0.9, 0.4])
        right /= np.linalg.norm(right)
        up = np.cross(right, forward)
        # An odd offset keeps rays off the edges of axis-aligned grids.
        line = (np.arange(size) + 0.5137) / size * 3.4 - 1.7
        x, y = (side.reshape(-1, 1) for side in np.meshgrid(line, line))
        views.append(
            Rays(
                origins=x * right + y * up - 5 * forward,
                directions=np.broadcast_to(forward, (size * size, 3)).copy(),
            )
        )
    return views


class Source:
    """A file as trimesh reads it, put into the object frame by a matrix."""

    def __init__(self, path: Path, to_source: Float64) -> None:
        scene = trimesh.load_scene(path, process=False)
        self.pieces = []
        for name in scene.graph.nodes_geometry:
            matrix, geometry = scene.graph[name]
            piece = scene.geometry[geometry].copy()
            piece.apply_transform(matrix)
            self.pieces.append(piece)
        self.bounds = np.asarray(scene.bounds)
        self.face_count = sum(len(piece.faces) for piece in self.pieces)
        from_source = np.linalg.inv(to_source)
        vertices = np.concatenate([piece.vertices for piece in self.pieces])
        starts = np.cumsum([0, *(len(piece.vertices) for piece in self.pieces)])
        faces = [piece.faces + start for piece, start in zip(self.pieces, starts, strict=False)]
        placed = vertices @ from_source[:3, :3].T + from_source[:3, 3]
        self._mesh = trimesh.Trimesh(placed, np.concatenate(faces), process=False)
        self._owner = np.repeat(np.arange(len(faces)), [len(each) for each in faces])
        self._starts = starts

    def look(self, view: Rays) -> Float64:
        """(N, 3) sRGB of what each ray meets first: texture × factor × vertex colour."""
        caster = trimesh.ray.ray_pyembree.RayMeshIntersector(self._mesh)
        face = caster.intersects_first(view.origins, view.directions)
        picture = np.tile(BACKGROUND, (len(face), 1))
        hit = np.flatnonzero(face >= 0)
        corners = self._mesh.triangles[face[hit]]
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        distance = ((corners[:, 0] - view.origins[hit]) * normal).sum(axis=1)
        distance /= (view.directions[hit] * normal).sum(axis=1)
        points = view.origins[hit] + distance[:, None] * view.directions[hit]
        weights = trimesh.triangles.points_to_barycentric(corners, points)
        for index, piece in enumerate(self.pieces):
            own = self._owner[face[hit]] == index
            rows = self._mesh.faces[face[hit][own]] - self._starts[index]
            picture[hit[own]] = _colors(piece, rows, weights[own])
        return picture


def _colors(piece: Any, rows: NDArray[np.int64], weights: Float64) -> Float64:
    """(N, 3) sRGB at points of a piece, given by corners and weights."""

    def blend(values: Any) -> Float64:
        return np.einsum("nkc,nk->nc", np.asarray(values, np.float64)[rows], weights)

    color = np.ones((len(rows), 3))
    visual = piece.visual
    if visual.kind is None:
        return color
    if visual.kind == "vertex":
        return _srgb(blend(visual.vertex_colors[:, :3] / 255))
    attributes = {**getattr(visual, "vertex_attributes", {}), **piece.vertex_attributes}
    if "color" in attributes:
        stored = np.asarray(attributes["color"])
        top = np.iinfo(stored.dtype).max if stored.dtype.kind in "ui" else 1.0
        color = color * blend(stored[:, :3] / top)
    material = getattr(visual, "material", None)
    if isinstance(material, trimesh.visual.material.SimpleMaterial):
        material = material.to_pbr()
    factor = getattr(material, "baseColorFactor", None)
    if factor is not None:
        color = color * (np.asarray(factor, np.float64)[:3] / 255)
    image = getattr(material, "baseColorTexture", None)
    if image is not None and visual.uv is not None:
        texels = np.asarray(image.convert("RGB"), np.float64) / 255
        uv = blend(visual.uv)
        height, width = texels.shape[:2]
        column = np.floor(uv[:, 0] * width).astype(int) % width
        row = np.floor((1 - uv[:, 1]) * height).astype(int) % height
        color = color * _linear(texels[row, column])
    return _srgb(color)


def _srgb(light: Float64) -> Float64:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light.clip(0) ** (1 / 2.4) - 0.055)


def _linear(values: Float64) -> Float64:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def node_names(path: Path) -> list[str]:
    """The names of the nodes that show a mesh, once for each primitive, as the JSON lists them."""
    data = path.read_bytes()
    document = json.loads(data[20 : 20 + struct.unpack("<I", data[12:16])[0]])
    names: list[str] = []

    def walk(index: int) -> None:
        node = document["nodes"][index]
        if "mesh" in node:
            primitives = document["meshes"][node["mesh"]]["primitives"]
            names.extend([node.get("name", "")] * len(primitives))
        for child in node.get("children", ()):
            walk(child)

    for root in document["scenes"][document.get("scene", 0)]["nodes"]:
        walk(root)
    return names
