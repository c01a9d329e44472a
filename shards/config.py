"""What a user may set about the training set."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, get_args

from shards.overrides import FieldOverrides, GridOverrides, PointsOverrides, override
from shards.presets import PRESETS, Preset, PresetName, ViewPass
from shards.selection import Tail
from shards.split import SplitShares

# Samples do not depend on these, and shards are put together anew by every run.
PACKING: dict[str, Any] = {"affects_output": False}

_OWN = ("points", "field", "grid")
_CHOICES: dict[str, Any] = {"preset": PresetName, "tail": Tail}
_RANGES = {
    "max_parts": (1, 255),  # a byte of the pictures of parts has room for no more
    "views": (0, 1000),
    "part_views": (0, 1000),
    "webp_quality": (1, 100),
    "webp_method": (0, 6),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardsConfig:
    """How samples and shards are made.

    Attributes:
        preset: `copart`, `autopartgen`, `partgen` or `trellis`; what it says holds for each of the
            settings from `points` to `passes` that is left unset.
        points: how many points.
        field: where distances are sampled.
        grid: voxels that the surface passes through.
        mesh: the triangles of the object, with the part of each.
        max_parts: parts of a sample at the most, up to 255.
        tail: what becomes of the others, by the order of parts: `drop`, or `merge` into the last.
        views: views of the object, and of its boxes, at the most; spread over those rendered.
        part_views: views of each part at the most.
        view_grids: all views of the object in one picture, and all of each part; renders must have
            grids.
        part_masks: beside the object's views and grids, which part each pixel shows.
        wireframes: the parts' boxes as the object's views see them.
        passes: further pictures of the object's views and grids: `normal`, `normal_camera`,
            `depth`, `albedo`.
        webp_quality: 1 to 100, for the colours of views and albedo; everything else is lossless.
        webp_method: 0 (fast) to 6 (small).
        val_share: share of object families in the `val` split.
        test_share: share of object families in the `test` split.
        shard_mb: megabytes after which a shard is full.
        name: the data set's name in its card.
        url: where the data set is published, if it is.
        published: ISO date of publication, if there is one.
    """

    preset: PresetName = "copart"
    points: PointsOverrides = dataclasses.field(default_factory=PointsOverrides)
    field: FieldOverrides = dataclasses.field(default_factory=FieldOverrides)
    grid: GridOverrides = dataclasses.field(default_factory=GridOverrides)
    mesh: bool | None = None
    max_parts: int | None = None
    tail: Tail | None = None
    views: int | None = None
    part_views: int | None = None
    view_grids: bool | None = None
    part_masks: bool | None = None
    wireframes: bool | None = None
    passes: tuple[ViewPass, ...] | None = None
    webp_quality: int = 90
    webp_method: int = 4
    val_share: float = dataclasses.field(default=0.05, metadata=PACKING)
    test_share: float = dataclasses.field(default=0.05, metadata=PACKING)
    shard_mb: float = dataclasses.field(default=256.0, metadata=PACKING)
    name: str = dataclasses.field(default="partworks", metadata=PACKING)
    url: str = dataclasses.field(default="", metadata=PACKING)
    published: str = dataclasses.field(default="", metadata=PACKING)

    def __post_init__(self) -> None:
        for setting, kind in _CHOICES.items():
            value = getattr(self, setting)
            if value is not None and value not in get_args(kind):
                words = ", ".join(get_args(kind))
                raise ValueError(f"shards.{setting} is {value!r}, expected one of {words}")
        for setting, (low, high) in _RANGES.items():
            value = getattr(self, setting)
            if value is not None and not low <= value <= high:
                raise ValueError(f"shards.{setting} is {value}, expected {low} to {high}")
        passes = self.passes or ()
        if set(passes) - set(get_args(ViewPass)) or len(set(passes)) != len(passes):
            words = ", ".join(get_args(ViewPass))
            raise ValueError(f"shards.passes is {passes}, expected different ones of {words}")
        if not self.shard_mb > 0:
            raise ValueError(f"shards.shard_mb is {self.shard_mb}, expected more than 0")
        _ = self.shares, self.chosen

    @property
    def chosen(self) -> Preset:
        """What a sample is to hold: the preset with this config's own settings in their places."""
        preset = PRESETS[self.preset]
        given = {
            setting.name: value
            for setting in dataclasses.fields(Preset)
            if setting.name not in (*_OWN, "renders")
            and (value := getattr(self, setting.name)) is not None
        }
        nested = {name: override(getattr(preset, name), getattr(self, name)) for name in _OWN}
        return dataclasses.replace(preset, **given, **nested)

    @property
    def shares(self) -> SplitShares:
        """The shares of the splits."""
        return SplitShares(val=self.val_share, test=self.test_share)
