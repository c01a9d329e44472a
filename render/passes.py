"""What the object's cameras see, apart from colour: parts, depth, normals.

It comes from rays whatever the backend: ids are exact, and every backend's cameras are the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import view_name
from partworks.geometry.cameras import Camera
from partworks.geometry.mesh import Mesh
from partworks.geometry.texture import Surface
from partworks.geometry.visibility import EmbreeCaster, Visibility
from render.config import Pass, RenderConfig
from render.layers import first_visible
from render.packing import encode_depth, encode_normal, encode_part
from render.subject import Subject


def look(mesh: Mesh, cameras: Sequence[Camera], *, layers: int) -> list[Visibility]:
    """The first visible surface in each camera, through cut-out holes and invisible helpers."""
    caster, surface = EmbreeCaster(mesh.vertices, mesh.faces), Surface(mesh)
    return [first_visible(mesh, surface, caster, camera, most=layers) for camera in cameras]


def part_image(seen: Visibility, parts: Parts) -> NDArray[np.int32]:
    """(H, W) int32: the part that each pixel sees, -1 for background and dropped faces."""
    return np.where(seen.hit, parts.face_labels[seen.face_id], -1).astype(np.int32)


def depth_scale(views: Sequence[Visibility]) -> float:
    """The depth of one grey step, such that the farthest surface of all views is white."""
    farthest = max((float(seen.depth[seen.hit].max(initial=0.0)) for seen in views), default=0.0)
    return (farthest or 1.0) / 65535


def encode_passes(
    subject: Subject,
    views: Sequence[Visibility],
    images: Sequence[NDArray[np.int32]],
    *,
    config: RenderConfig,
    scale: float,
) -> dict[str, bytes]:
    """The zip members of the passes that the config wants."""

    def encoded(kind: Pass, view: int) -> bytes:
        if kind == "depth":
            return encode_depth(views[view].depth, scale=scale)
        return encode_normal(views[view].normal) if kind == "normal" else encode_part(images[view])

    return {
        view_name(subject.folder, view, channel=kind): encoded(kind, view)
        for kind in config.passes
        for view in range(len(views))
    }
