"""Cycles: path-traced pictures with shadows and reflections, for training images.

Blender runs in a child process of its own. A crash or a hang there costs one object; the next one
finds a fresh process. Meshes are sent as our arrays, not imported: it is quick, and a Blender
importer would merge vertices and reorder faces.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from partworks.artifacts.parts import Parts
from partworks.geometry.cameras import Camera
from partworks.geometry.mesh import Mesh
from render.backend import Picture, Shot
from render.blender.border import border_of, paste
from render.blender.exr import GeometryView, read_geometry
from render.blender.keeper import Keeper
from render.blender.pieces import Piece, cut_pieces
from render.blender.scene_files import write_scene
from render.blender.server.messages import Quality, View
from render.config import BlenderConfig
from render.layers import FAINT
from render.presets import Lighting
from render.subject import WHOLE, Subject


class BlenderBackend:
    """See `render.backend.Backend`. Blender starts at once.

    Args:
        config: of Blender and Cycles.
        lighting: see `render.config.RenderConfig`.
        layers: transparent surfaces behind one another that light gets through.
        seed: of the paths; equal seeds give equal pixels.

    Raises:
        BlenderStartError: Blender cannot be started; the message says what to do.
    """

    name = "blender"

    def __init__(
        self, config: BlenderConfig, *, lighting: Lighting, layers: int, seed: int
    ) -> None:
        self._lighting = lighting
        self._deadline_s = config.view_deadline_s
        self._quality: Quality = {
            "samples": config.samples,
            "bounces": config.bounces,
            # A ray through a stack of leaves must not end black in the fifth.
            "transparent_bounces": max(layers, config.bounces),
            "seed": seed % 2**31,
            "threads": config.threads,
        }
        self._keeper = Keeper(config)

    @property
    def keeper(self) -> Keeper:
        """The owner of Blender's process."""
        return self._keeper

    def tools(self) -> Mapping[str, str]:
        """Version of Blender, and the kind of device that Cycles runs on."""
        hello = self._keeper.hello
        return {"blender": hello["version"], "cycles": hello["device"]}

    def close(self) -> None:
        """End Blender; the next object would start it again."""
        self._keeper.close()

    def photograph(self, mesh: Mesh, parts: Parts, subjects: Sequence[Subject]) -> Iterator[Shot]:
        """See `Backend.photograph`; a part is shown by hiding the others."""
        pieces = list(cut_pieces(mesh, parts))
        with self._loaded(mesh, pieces, "load", lighting=self._lighting) as file:
            for subject in subjects:
                self._show(subject, pieces)
                points = mesh.vertices[np.unique(mesh.faces[subject.faces])]
                for view, camera in enumerate(subject.cameras):
                    what = f"rendering view {view} of {subject.folder}"
                    picture = self._picture(points, camera, file=file, what=what)
                    yield Shot(subject=subject, view=view, picture=picture)

    def geometry(self, mesh: Mesh, cameras: Sequence[Camera]) -> Iterator[GeometryView]:
        """Depth and normals of the whole mesh from each camera, as Cycles sees it.

        Cut-outs are holes, and so is what is fainter than `render.layers.FAINT`.
        """
        whole = Parts(
            face_labels=np.zeros(mesh.face_count, np.int32),
            part_names=("all",),
            source="auto",
            geometry_hash=mesh.geometry_hash,
        )
        pieces = list(cut_pieces(mesh, whole))
        with self._loaded(mesh, pieces, "load_geometry", least_alpha=FAINT) as file:
            self._call("show", what="showing it", pieces=_all(pieces), center=(0, 0, 0), scale=1.0)
            for view, camera in enumerate(cameras):
                what = f"rendering the geometry of view {view}"
                self._call("shoot", what=what, view=_view(camera), file=str(file))
                yield read_geometry(file)

    @contextlib.contextmanager
    def _loaded(
        self, mesh: Mesh, pieces: Sequence[Piece], command: str, **arguments: Any
    ) -> Iterator[Path]:
        """Load an object, and clear it in the end; gives the file that views go to."""
        with tempfile.TemporaryDirectory(prefix="partworks-blender-") as name:
            folder = Path(name)
            write_scene(folder, mesh, pieces)
            with self._keeper.object():
                self._call(
                    command,
                    what="loading the object",
                    folder=name,
                    quality=self._quality,
                    **arguments,
                )
                yield folder / "view"

    def _show(self, subject: Subject, pieces: Sequence[Piece]) -> None:
        shown = [index for index, piece in enumerate(pieces) if piece.belongs(subject.part)]
        self._call(
            "show",
            what=f"showing {subject.folder}",
            pieces=shown,
            center=subject.center.tolist(),
            scale=subject.scale,
        )

    def _picture(
        self, points: NDArray[np.float32], camera: Camera, *, file: Path, what: str
    ) -> Picture:
        border = border_of(points, camera)
        if border is None:
            return np.zeros((camera.height, camera.width, 4), np.uint8)
        self._call("shoot", what=what, view={**_view(camera), "border": border}, file=str(file))
        with Image.open(file) as picture:
            pixels = np.array(picture.convert("RGBA"), np.uint8)
        pixels[pixels[..., 3] == 0] = 0
        return paste(pixels, border, camera)

    def _call(self, command: str, *, what: str, **arguments: Any) -> None:
        self._keeper.process.call(command, deadline_s=self._deadline_s, what=what, **arguments)


def _view(camera: Camera) -> View:
    return {
        "camera_to_world": camera.camera_to_world.tolist(),
        "fov_y": camera.fov_y,
        "width": camera.width,
        "height": camera.height,
        "border": None,
    }


def _all(pieces: Sequence[Piece]) -> list[int]:
    return [index for index, piece in enumerate(pieces) if piece.belongs(WHOLE)]
