"""Which of the rendered views a sample takes, and under which names.

A sample takes views without flaws alone. A view is a colour picture, and further pictures of the
same pixels, its channels: the passes of the render stage, and `parts`, its pass `part` in the
numbers of the sample. Views come one by one, or all of a folder side by side in one grid.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

import numpy as np

from partworks.artifacts.renders import Renders
from partworks.artifacts.view_images import decode_depth
from partworks.geometry.cameras import Camera, read_transforms

COLOUR = ""
"""The channel of the colour views."""

PARTS = "parts"
"""The channel that says which part of the sample each pixel shows."""

GREYS = 65535
"""Steps of a 16-bit grey."""

_PART_FOLDER = re.compile(r"part_\d+")


def render_pass(channel: str) -> str:
    """The pass of the renders that a channel is made from."""
    return "part" if channel == PARTS else channel


def spread(available: int, wanted: int) -> list[int]:
    """`wanted` of `available` views at even steps, the first among them; all if there are fewer."""
    count = min(available, wanted)
    return [index * available // count for index in range(count)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture of a sample.

    Attributes:
        member: its name in the sample, without the key.
        source: its name in the renders.
        channel: `COLOUR`, `PARTS`, or a pass.
    """

    member: str
    source: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSet:
    """The chosen views of one folder of the renders, and what they are called in the sample.

    Attributes:
        stem: what members begin with: `object`, `part03`.
        table: `transforms.json` with the chosen frames alone, each with its `view`, the number that
            it has in the renders.
        channels: of each view, the colours first.
        grid: channel -> the member of the renders that has all views in one picture; empty where
            views come one by one.
    """

    stem: str
    table: dict[str, Any]
    channels: tuple[str, ...] = (COLOUR,)
    grid: dict[str, str]

    @property
    def name(self) -> str:
        """The name among the cameras of the sample's json: `object`, `object.grid`."""
        return f"{self.stem}.grid" if self.grid else self.stem

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """The cameras of the chosen views."""
        return read_transforms(self.table)

    @property
    def pictures(self) -> list[Picture]:
        """What is to be put into the sample, view by view."""
        if self.grid:
            return [
                Picture(member=self._member("grid", channel), source=source, channel=channel)
                for channel, source in self.grid.items()
            ]
        return [
            Picture(
                member=self._member(f"{index:02d}", channel),
                source=frame[_path_key(render_pass(channel))],
                channel=channel,
            )
            for index, frame in enumerate(self.table["frames"])
            for channel in self.channels
        ]

    def described(self) -> dict[str, Any]:
        """The table for the sample's json: paths are members of the sample, and of no others."""
        frames = [
            {**_without_paths(frame), **self._paths(f"{index:02d}")}
            for index, frame in enumerate(self.table["frames"])
        ]
        table = {**_without_paths(self.table), "frames": frames}
        if "depth" in self.channels:
            table["depth_scale"] = self.table["depth_scale"]
        if self.grid:
            table |= {**self._paths("grid"), "columns": ceil(sqrt(len(frames)))}
        return table

    def _paths(self, place: str) -> dict[str, str]:
        """Each channel's member at a place; none of single views where they lie in a grid."""
        if self.grid and place != "grid":
            return {}
        return {_path_key(channel): self._member(place, channel) for channel in self.channels}

    def _member(self, place: str, channel: str) -> str:
        extension = "png" if channel == "depth" else "webp"
        return ".".join(filter(None, (self.stem, place, channel, extension)))


def _path_key(channel: str) -> str:
    return f"{channel}_file_path" if channel else "file_path"


def _without_paths(table: dict[str, Any]) -> dict[str, Any]:
    """What a `transforms.json` or one of its frames says, save of its pictures."""
    return {
        name: value
        for name, value in table.items()
        if name != "depth_scale" and not name.endswith("file_path")
    }


def choose_views(
    renders: Renders, folder: str, *, stem: str, wanted: int, channels: tuple[str, ...] = ()
) -> ViewSet:
    """Choose among the views without flaws of `object` or of a part's folder.

    A folder that was not rendered, or whose views all have flaws, has none.

    Args:
        wanted: views at the most; spread evenly over those there are.
        channels: beside the colours.
    """
    if f"{folder}/transforms.json" not in renders.names:
        return ViewSet(stem=stem, table={"frames": []}, grid={})
    table, sound = renders.transforms(folder), renders.sound_views(folder)
    numbers = [sound[index] for index in spread(len(sound), wanted)]
    chosen = [{**table["frames"][view], "view": view} for view in numbers]
    return _view_set(renders, {**table, "frames": chosen}, stem=stem, channels=channels, grid={})


def choose_grid(
    renders: Renders, folder: str, *, stem: str, channels: tuple[str, ...] = ()
) -> ViewSet | None:
    """The grid of a folder, if it has one and none of the views in it has a flaw.

    Args:
        channels: beside the colours.
    """
    grid = {channel: find_grid(renders, folder, channel) for channel in (COLOUR, *channels)}
    found = {channel: source for channel, source in grid.items() if source is not None}
    if len(found) < len(grid) or any(check.flaws for check in renders.checks(folder)):
        return None
    table = renders.transforms(folder)
    frames = [{**frame, "view": view} for view, frame in enumerate(table["frames"])]
    table = {**table, "frames": frames}
    return _view_set(renders, table, stem=stem, channels=channels, grid=found)


def _view_set(
    renders: Renders,
    table: dict[str, Any],
    *,
    stem: str,
    channels: tuple[str, ...],
    grid: dict[str, str],
) -> ViewSet:
    if "depth" in channels and "depth_scale" not in table:
        table = {**table, "depth_scale": _depth_scale(renders, table)}
    return ViewSet(stem=stem, table=table, channels=(COLOUR, *channels), grid=grid)


def _depth_scale(renders: Renders, table: dict[str, Any]) -> float:
    """The step of 16 bits that the largest depth needs, where depth was rendered as floats."""
    depths = (
        decode_depth(renders.read(frame["depth_file_path"]), depth_scale=None)
        for frame in table["frames"]
    )
    largest = max((float(depth[np.isfinite(depth)].max(initial=0)) for depth in depths), default=0)
    return largest / GREYS or 1.0


def find_grid(renders: Renders, folder: str, channel: str) -> str | None:
    """The member that has all views of a folder in one picture."""
    start = ".".join(filter(None, (f"{folder}/grid", render_pass(channel))))
    names = (f"{start}.{extension}" for extension in ("png", "webp", "exr"))
    return next((name for name in names if name in renders.names), None)


def has_pass(renders: Renders, folder: str, channel: str) -> bool:
    """Whether the views of a folder come with what a channel is made from."""
    key = _path_key(render_pass(channel))
    return all(key in frame for frame in renders.transforms(folder)["frames"])


def part_folders(renders: Renders) -> list[str]:
    """The folders of parts, each of the first rig that looks at parts."""
    return [folder for folder in renders.folders if _PART_FOLDER.fullmatch(folder)]
