"""What is photographed: the object and each part, with the cameras that frame it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import radians

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import part_folder
from partworks.geometry.cameras import Camera, bounding_sphere, hammersley, ring
from partworks.geometry.mesh import Mesh
from render.config import RenderConfig

OBJECT = "object"

PlaceCameras = Callable[..., tuple[Camera, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """A set of faces with the cameras that look at it.

    Attributes:
        folder: the zip folder of its views.
        faces: (F,) bool, the faces that are in the picture.
        cameras: in the object's frame.
        center: (3,) float64: a point p of the object's frame is (p - center) / scale in the
            subject's own frame, where its bounding box spans [-1, 1] along its longest side.
        scale: half that side, in units of the object's frame.
    """

    folder: str
    faces: NDArray[np.bool_]
    cameras: tuple[Camera, ...]
    center: NDArray[np.float64]
    scale: float

    def own_cameras(self) -> tuple[Camera, ...]:
        """The cameras in the subject's own frame."""
        return tuple(_moved(camera, self.center, self.scale) for camera in self.cameras)


def whole_object(mesh: Mesh, *, config: RenderConfig, generator: np.random.Generator) -> Subject:
    """The object with all of its faces, those of no part too, in its own frame."""
    center, radius = bounding_sphere(_used(mesh, np.ones(mesh.face_count, bool)))
    return Subject(
        folder=OBJECT,
        faces=np.ones(mesh.face_count, bool),
        cameras=_rig(config, generator)(config.object_views, center=center, radius=radius),
        center=np.zeros(3),
        scale=1.0,
    )


def each_part(
    mesh: Mesh, parts: Parts, *, config: RenderConfig, generator: np.random.Generator
) -> list[Subject]:
    """Every part alone, framed by its own bounding sphere; none if no part views are wanted."""
    if not config.part_views:
        return []
    return [
        _part(mesh, parts.face_labels == index, index, _rig(config, generator), config.part_views)
        for index in range(parts.count)
    ]


def _part(
    mesh: Mesh, faces: NDArray[np.bool_], index: int, place: PlaceCameras, count: int
) -> Subject:
    vertices = _used(mesh, faces)
    center, radius = bounding_sphere(vertices)
    return Subject(
        folder=part_folder(index),
        faces=faces,
        cameras=place(count, center=center, radius=radius),
        center=center,
        scale=_half_extent(vertices) or 1.0,  # a part without extent keeps the object's
    )


def _rig(config: RenderConfig, generator: np.random.Generator) -> PlaceCameras:
    if config.rig == "hammersley":
        offset = (float(generator.random()), float(generator.random()))
        place = partial(hammersley, offset=offset)
    else:
        place = partial(ring, elevation=radians(config.elevation))
    return partial(place, fov_y=radians(config.fov), size=config.size)


def _used(mesh: Mesh, faces: NDArray[np.bool_]) -> NDArray[np.float32]:
    used: NDArray[np.float32] = mesh.vertices[np.unique(mesh.faces[faces])]
    return used


def _half_extent(vertices: NDArray[np.float32]) -> float:
    if not len(vertices):
        return 0.0
    return float(np.ptp(vertices.astype(np.float64), axis=0).max() / 2)


def _moved(camera: Camera, center: NDArray[np.float64], scale: float) -> Camera:
    matrix = camera.camera_to_world.copy()
    matrix[:3, 3] = (matrix[:3, 3] - center) / scale
    return replace(camera, camera_to_world=matrix)
