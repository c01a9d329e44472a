"""The view that shows most of each part, by PartVerse's rig for captions.

Eight cameras stand around the object, scaled by a half, at 30° of elevation and a distance of 1.59,
with a field of view of 0.85756 rad and 512 × 512 pixels; the first stands at -90° of azimuth, where
PartVerse's Blender has its first. Occlusion counts: only pixels whose nearest face is the part's.
"""

from __future__ import annotations

from math import pi, radians
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.cameras import Camera, direction, look_at
from partworks.geometry.mesh import Mesh
from partworks.geometry.visibility import EmbreeCaster

VIEWS = 8
SIZE = 512
SCALE = 0.5
DISTANCE = 1.59
FIELD_OF_VIEW = 0.85756
ELEVATION = radians(30.0)
AZIMUTH_OFFSET = -pi / 2
NEVER = [-1, -1, -1, -1]
"""The 2D box of a part that no view shows."""


def cameras(size: int = SIZE) -> list[Camera]:
    """The rig, in the frame of the halved object."""
    azimuths = AZIMUTH_OFFSET + 2 * pi * np.arange(VIEWS) / VIEWS
    return [
        Camera(
            camera_to_world=look_at(DISTANCE * direction(float(azimuth), ELEVATION), np.zeros(3)),
            fov_y=FIELD_OF_VIEW,
            width=size,
            height=size,
        )
        for azimuth in azimuths
    ]


def max_visible(
    mesh: Mesh, face_labels: NDArray[np.int32], *, count: int, size: int = SIZE
) -> list[dict[str, Any]]:
    """For each part, the number of its best view and its box there in pixels.

    Args:
        mesh: in the object frame.
        face_labels: (F,) int32, 0…`count`-1, -1 for faces of no part.

    Returns:
        `max_visible_view_id`, -1 where no view shows the part, and `bbox2d_max_visible` as
        [xmin, ymin, xmax, ymax], both ends included. Of equal views the first counts.
    """
    caster = EmbreeCaster(mesh.vertices * np.float32(SCALE), mesh.faces)
    seen = [_labels(caster, camera, face_labels) for camera in cameras(size)]
    pixels = np.stack([np.bincount(view[view >= 0], minlength=count) for view in seen])
    best = pixels.argmax(axis=0)
    return [
        {"max_visible_view_id": int(view), "bbox2d_max_visible": _box(seen[view] == part)}
        if pixels[view, part]
        else {"max_visible_view_id": -1, "bbox2d_max_visible": NEVER}
        for part, view in enumerate(best)
    ]


def _labels(
    caster: EmbreeCaster, camera: Camera, face_labels: NDArray[np.int32]
) -> NDArray[np.int32]:
    """(H, W) int32: the part that each pixel sees, -1 where it sees none."""
    face = caster.cast(camera).face_id
    labels: NDArray[np.int32] = np.where(face >= 0, face_labels[face], -1).astype(np.int32)
    return labels


def _box(inside: NDArray[np.bool_]) -> list[int]:
    rows, columns = np.nonzero(inside)
    return [int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())]
