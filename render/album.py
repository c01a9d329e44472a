"""Everything that is written of one object, as it comes in: pictures, passes, cameras, checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.renders import PartOverlap, ViewCheck, grid_name, pack, view_name
from partworks.geometry.cameras import transforms_table
from render.backend import Picture
from render.checks import Measured, judge, measure
from render.config import RenderConfig
from render.encoding import (
    colour_extension,
    depth_scale,
    encode_colour,
    encode_json,
    encode_pass,
    frame_paths,
    pass_extension,
)
from render.grids import make_grid
from render.rigs import Pass
from render.subject import Subject

BACKGROUND: Mapping[str, float] = {
    "depth": np.inf,
    "position": np.nan,
    "part": -1,
    "face": -1,
    "boxes": 255,
}
"""What pass arrays hold where nothing is seen, if it is not 0."""


class Folder:
    """The members of one subject's folder.

    Args:
        subject: whose folder it is.
        config: how pictures are encoded, and what counts as a flaw.
    """

    def __init__(self, subject: Subject, config: RenderConfig) -> None:
        self.members: dict[str, bytes] = {}
        self._subject = subject
        self._config = config
        self._depth_scale = depth_scale(subject.cameras, subject)
        self._measured: list[Measured] = []
        self._passes: dict[Pass, list[NDArray[Any]]] = {}  # while a grid of them is to be made
        self._pictures: list[Picture] = []  # likewise

    def add_pass(self, view: int, kind: Pass, array: NDArray[Any]) -> None:
        """Add the next view of a pass; see `render.passes` for the arrays."""
        extension = pass_extension(kind, self._config)
        name = view_name(self._subject.folder, view, channel=kind, extension=extension)
        self.members[name] = self._encoded(kind, array)
        if self._subject.rig.grid:
            self._passes.setdefault(kind, []).append(array)

    def add_colour(
        self, view: int, picture: Picture, *, albedo: Callable[[], Picture] | None = None
    ) -> None:
        """Add the next colour view; `albedo` is as for `render.checks.measure`."""
        self._measured.append(measure(picture, albedo=albedo))
        name = view_name(self._subject.folder, view, extension=colour_extension(self._config))
        self.members[name] = encode_colour(picture, self._config)
        if self._subject.rig.grid:
            self._pictures.append(picture)

    def finish(self, *, bends: bool) -> tuple[ViewCheck, ...]:
        """Add the grids and the cameras; the verdict on the colour views."""
        folder = self._subject.folder
        self._add_grids(folder)
        self.members[f"{folder}/transforms.json"] = encode_json(self._cameras())
        return judge(self._measured, bends=bends, config=self._config)

    def _add_grids(self, folder: str) -> None:
        for kind, arrays in self._passes.items():
            grid = make_grid(arrays, background=BACKGROUND.get(kind, 0))
            extension = pass_extension(kind, self._config)
            name = grid_name(folder, channel=kind, extension=extension)
            self.members[name] = self._encoded(kind, grid)
        if self._pictures:
            grid = make_grid(self._pictures, background=0)
            name = grid_name(folder, extension=colour_extension(self._config))
            self.members[name] = encode_colour(grid, self._config)

    def _encoded(self, kind: Pass, array: NDArray[Any]) -> bytes:
        return encode_pass(kind, array, config=self._config, depth_scale=self._depth_scale)

    def _cameras(self) -> dict[str, Any]:
        subject = self._subject
        passes = subject.rig.passes
        paths = [
            frame_paths(subject.folder, view, passes=passes, config=self._config)
            for view in range(len(subject.cameras))
        ]
        table = transforms_table(
            subject.own_cameras(),
            [path["file_path"] for path in paths],
            center=subject.center.tolist(),
            scale=subject.scale,
            **({"depth_scale": self._depth_scale} if "depth" in passes else {}),
        )
        for frame, path in zip(table["frames"], paths, strict=True):
            frame.update(path)
        return table


class Album:
    """The folders of one object."""

    def __init__(self, config: RenderConfig) -> None:
        self._config = config
        self._folders: dict[str, Folder] = {}
        self._members: dict[str, bytes] = {}
        self.checks: dict[str, tuple[ViewCheck, ...]] = {}

    def folder(self, subject: Subject) -> Folder:
        """The subject's folder, made when first asked for."""
        if subject.folder not in self._folders:
            self._folders[subject.folder] = Folder(subject, self._config)
        return self._folders[subject.folder]

    def finish(self, subject: Subject, *, bends: bool) -> tuple[ViewCheck, ...]:
        """Close the subject's folder; the verdict on its views."""
        folder = self._folders.pop(subject.folder)
        self.checks[subject.folder] = folder.finish(bends=bends)
        self._members |= folder.members
        return self.checks[subject.folder]

    def pack(self, overlaps: Sequence[PartOverlap], *, backend: str) -> bytes:
        """The zip."""
        return pack(self._members, overlap=tuple(overlaps), checks=self.checks, backend=backend)
