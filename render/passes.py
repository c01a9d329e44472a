"""What a camera sees of a subject, apart from colour: parts, faces, depth, normals and so on.

It comes from one ray through each pixel's centre whatever the backend: ids are exact, and every
backend's cameras are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.parts import Parts
from partworks.artifacts.view_images import DROPPED, NOTHING
from partworks.geometry.boxes import draw_boxes, label_boxes
from partworks.geometry.cameras import Camera
from partworks.geometry.mesh import Mesh
from partworks.geometry.texture import Surface, linear_to_srgb
from partworks.geometry.visibility import Caster, EmbreeCaster, Visibility
from render.layers import first_visible
from render.raster import SubsetCaster
from render.rigs import Pass
from render.subject import WHOLE, Subject


class Looker:
    """Looks at subjects of one object and makes passes of what it sees.

    The caster of the last subject is kept: ask for its views one after another.

    Args:
        mesh: the object.
        parts: its parts.
        layers: surfaces followed behind one another, through cut-out holes and invisible helpers.
    """

    def __init__(self, mesh: Mesh, parts: Parts, *, layers: int) -> None:
        self._mesh = mesh
        self._parts = parts
        self._layers = layers
        self._surface = Surface(mesh)
        self._last: tuple[int, Caster] | None = None

    def look(self, subject: Subject, view: int) -> Visibility:
        """The first visible surface among the subject's faces, in the object's frame."""
        return first_visible(
            self._mesh,
            self._surface,
            self._caster(subject),
            subject.cameras[view],
            most=self._layers,
        )

    def array(self, kind: Pass, subject: Subject, view: int, seen: Visibility) -> NDArray[Any]:
        """One pass of what was seen.

        Args:
            kind: of pass:
                `depth`: (H, W) float32 planar depth in units of the subject's own frame, infinite
                where nothing is.
                `normal`: (H, W, 3) float32 unit normal of the face in the object's axes, towards
                the camera, 0 where nothing is.
                `normal_camera`: the same in the camera's axes: x right, y up, z towards the viewer.
                `part`: (H, W) int32, `NOTHING`, or `DROPPED` on a face of no part.
                `face`: (H, W) int32 face of the object, or `NOTHING`.
                `albedo`: (H, W, 4) uint8 sRGB base colour; alpha is 255 where something is.
                `mask`: (H, W) bool.
                `position`: (H, W, 3) float32 in the subject's own frame, NaN where nothing is.
                `boxes`: (H, W, 3) uint8 wireframes of the parts' boxes on white, of parts that have
                faces.
            subject: what was looked at.
            view: the number of its camera.
            seen: by that camera, possibly not all of it.
        """
        camera = subject.cameras[view]
        makers: Mapping[Pass, Callable[[], NDArray[Any]]] = {
            "depth": lambda: seen.depth / np.float32(subject.scale),
            "normal": lambda: seen.normal,
            "normal_camera": lambda: seen.normal @ camera.rotation.astype(np.float32),
            "part": lambda: self._part(seen),
            "face": lambda: seen.face_id,
            "albedo": lambda: self._albedo(camera, seen),
            "mask": lambda: seen.hit,
            "position": lambda: self._position(subject, seen),
            "boxes": lambda: draw_boxes(self._boxes, camera),
        }
        return makers[kind]()

    def _part(self, seen: Visibility) -> NDArray[np.int32]:
        labels = self._parts.face_labels[seen.face_id]
        found = np.where(labels >= 0, labels, DROPPED)
        return np.where(seen.hit, found, NOTHING).astype(np.int32)

    def _albedo(self, camera: Camera, seen: Visibility) -> NDArray[np.uint8]:
        hit = seen.hit
        color = self._surface.base_color(
            seen.face_id[hit],
            seen.barycentric[hit],
            footprint=seen.depth[hit] / np.float32(camera.focal),
        )
        picture = np.zeros((*hit.shape, 4), np.uint8)
        picture[hit, :3] = np.rint(linear_to_srgb(color[:, :3].clip(0, 1)) * 255)
        picture[hit, 3] = 255
        return picture

    def _position(self, subject: Subject, seen: Visibility) -> NDArray[np.float32]:
        hit = seen.hit
        corners = self._mesh.vertices[self._mesh.faces[seen.face_id[hit]]].astype(np.float64)
        points = np.einsum("nkc,nk->nc", corners, seen.barycentric[hit])
        image = np.full((*hit.shape, 3), np.nan, np.float32)
        image[hit] = (points - subject.center) / subject.scale
        return image

    @cached_property
    def _boxes(self) -> NDArray[np.float64]:
        """(P, 2, 3) float64 in the object's frame, NaN for a part without faces."""
        boxes = label_boxes(self._mesh, self._parts.face_labels, count=self._parts.count)
        return np.where(np.isfinite(boxes), boxes, np.nan)

    def _caster(self, subject: Subject) -> Caster:
        if self._last is None or self._last[0] != subject.part:
            self._last = None  # before the next one takes memory too
            mesh = self._mesh
            caster = (
                EmbreeCaster(mesh.vertices, mesh.faces)
                if subject.part == WHOLE
                else SubsetCaster(mesh, subject.faces)
            )
            self._last = (subject.part, caster)
        return self._last[1]
