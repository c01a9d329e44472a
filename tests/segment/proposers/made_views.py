"""Views put together by hand: a wall that fills the picture, and what a test paints on it."""

from dataclasses import replace
from typing import Any

import numpy as np

from partworks.geometry.cameras import Camera, look_at
from partworks.geometry.mesh import Mesh
from segment.views import ViewConfig, ViewImages, render_views


def wall(size: int = 64, **layers: Any) -> ViewImages:
    """A wall of one face, two away from a camera that looks along -z at 53° across."""
    camera = Camera(
        camera_to_world=look_at((0.0, 0.0, 2.0), (0.0, 0.0, 0.0)),
        fov_y=2 * float(np.arctan(0.5)),
        width=size,
        height=size,
    )
    shape = (size, size)
    plain = ViewImages(
        camera=camera,
        face_id=np.zeros(shape, np.int32),
        depth=np.full(shape, 2.0, np.float32),
        normal=np.broadcast_to(np.float32([0, 0, 1]), (*shape, 3)).copy(),
        color=np.full((*shape, 3), 200, np.uint8),
        diameter=np.full(shape, 0.2, np.float32),
        curvature=np.zeros(shape, np.float32),
        material=np.zeros(shape, np.int32),
    )
    return replace(plain, **layers)


def left_half(size: int = 64) -> Any:
    """(size, size) bool: True in the left half."""
    return np.broadcast_to(np.arange(size) < size // 2, (size, size)).copy()


def rendered(mesh: Mesh, *, size: int = 128, count: int = 4) -> list[ViewImages]:
    config = ViewConfig(rig="hammersley", count=count, size=size, diameter_points=2000)
    return render_views(mesh, config=config, generator=np.random.default_rng(0))
