"""What is photographed: the object and each part, with the cameras that frame it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import radians

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import OBJECT, part_folder
from partworks.geometry.cameras import Camera, bounding_sphere, hammersley, random_fov, ring
from partworks.geometry.mesh import Mesh
from render.rigs import Rig

WHOLE = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """A set of faces with the cameras that look at it.

    Attributes:
        folder: the zip folder of its views.
        rig: what the cameras take.
        part: the part's number, or `WHOLE`.
        faces: (F,) bool, the faces that are in the picture.
        cameras: in the object's frame.
        center: (3,) float64: a point p of the object's frame is (p - center) / scale in the
            subject's own frame, where its bounding box spans [-1, 1] along its longest side.
        scale: half that side, in units of the object's frame.
    """

    folder: str
    rig: Rig
    part: int
    faces: NDArray[np.bool_]
    cameras: tuple[Camera, ...]
    center: NDArray[np.float64]
    scale: float

    def own_cameras(self) -> tuple[Camera, ...]:
        """The cameras in the subject's own frame."""
        return tuple(_moved(camera, self.center, self.scale) for camera in self.cameras)


def make_subjects(
    mesh: Mesh, parts: Parts, rigs: Sequence[Rig], *, generator: np.random.Generator
) -> list[Subject]:
    """All subjects of an object, rig by rig; the first is the whole object in its own frame."""
    subjects: list[Subject] = []
    for rig in rigs:
        if rig.target == "object":
            subjects.append(_whole(mesh, rig, generator))
            continue
        for index in range(parts.count):
            faces = parts.face_labels == index
            cameras = (
                subjects[0].cameras
                if rig.placement == "object"
                else _place(rig, _used(mesh, faces), generator)
            )
            subjects.append(_part(mesh, faces, index, rig=rig, cameras=cameras))
    return subjects


def _whole(mesh: Mesh, rig: Rig, generator: np.random.Generator) -> Subject:
    faces = np.ones(mesh.face_count, bool)
    return Subject(
        folder=f"{OBJECT}{rig.suffix}",
        rig=rig,
        part=WHOLE,
        faces=faces,
        cameras=_place(rig, _used(mesh, faces), generator),
        center=np.zeros(3),
        scale=1.0,
    )


def _part(
    mesh: Mesh, faces: NDArray[np.bool_], index: int, *, rig: Rig, cameras: tuple[Camera, ...]
) -> Subject:
    """A part that is seen from the given cameras: in their frame, or else in its own."""
    own = rig.placement != "object"
    vertices = _used(mesh, faces)
    return Subject(
        folder=f"{part_folder(index)}{rig.suffix}",
        rig=rig,
        part=index,
        faces=faces,
        cameras=cameras,
        center=bounding_sphere(vertices)[0] if own else np.zeros(3),
        scale=_half_side(vertices) if own else 1.0,
    )


def _place(
    rig: Rig, vertices: NDArray[np.float32], generator: np.random.Generator
) -> tuple[Camera, ...]:
    center, radius = bounding_sphere(vertices)
    if rig.placement == "lenses":
        return random_fov(
            rig.views,
            generator=generator,
            fov_range=(radians(rig.fov), radians(rig.fov_to)),
            center=center,
            radius=radius,
            size=rig.size,
        )
    nearest = 2 * _half_side(vertices) * rig.radius
    if rig.placement == "ring":
        return ring(
            rig.views,
            elevation=radians(rig.elevation),
            fov_y=radians(rig.fov),
            center=center,
            radius=radius,
            size=rig.size,
            nearest=nearest,
        )
    return hammersley(
        rig.views,
        fov_y=radians(rig.fov),
        center=center,
        radius=radius,
        size=rig.size,
        offset=(float(generator.random()), float(generator.random())),
        nearest=nearest,
    )


def _used(mesh: Mesh, faces: NDArray[np.bool_]) -> NDArray[np.float32]:
    used: NDArray[np.float32] = mesh.vertices[np.unique(mesh.faces[faces])]
    return used


def _half_side(vertices: NDArray[np.float32]) -> float:
    """Half the longest side of the bounding box; 1, the object's, where there is no extent."""
    if not len(vertices):
        return 1.0
    return float(np.ptp(vertices.astype(np.float64), axis=0).max() / 2) or 1.0


def _moved(camera: Camera, center: NDArray[np.float64], scale: float) -> Camera:
    matrix = camera.camera_to_world.copy()
    matrix[:3, 3] = (matrix[:3, 3] - center) / scale
    return replace(camera, camera_to_world=matrix)
