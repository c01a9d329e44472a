"""Presets: the samples that the field's models are trained on, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shards.field.config import FieldConfig
from shards.grid import GridConfig
from shards.points import PointsConfig
from shards.selection import Tail

PresetName = Literal["copart", "autopartgen", "partgen", "trellis"]
ViewPass = Literal["normal", "normal_camera", "depth", "albedo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Everything that a sample's content hangs on, but for how pictures are compressed.

    Attributes:
        renders: presets of the render stage whose pictures suffice.

    The rest is explained in `shards.config.ShardsConfig`.
    """

    points: PointsConfig
    field: FieldConfig
    grid: GridConfig
    mesh: bool
    max_parts: int
    tail: Tail
    views: int
    part_views: int
    view_grids: bool
    part_masks: bool
    wireframes: bool
    passes: tuple[ViewPass, ...]
    renders: tuple[str, ...]


NO_FIELD = FieldConfig(surface_points=0, near_points=0, volume_points=0)

PRESETS: dict[PresetName, Preset] = {
    # CoPart, sections 3 and 4: a VAE on points and distances of parts; a denoiser of parts and
    # their views, guided by boxes and their wireframes.
    "copart": Preset(
        points=PointsConfig(),
        field=FieldConfig(),
        grid=GridConfig(),
        mesh=True,
        max_parts=32,
        tail="drop",
        views=4,
        part_views=4,
        view_grids=False,
        part_masks=False,
        wireframes=True,
        passes=(),
        renders=("preview", "partverse"),
    ),
    # AutoPartGen, section 3.2 and supplement: a VAE that reads 32k points; parts one after another,
    # given the view and the view times the mask of the next part; at most 15, the rest merged.
    "autopartgen": Preset(
        points=PointsConfig(part_points=32768, object_points=32768),
        field=FieldConfig(),
        grid=GridConfig(),
        mesh=False,
        max_parts=15,
        tail="merge",
        views=4,
        part_views=0,
        view_grids=False,
        part_masks=True,
        wireframes=False,
        passes=(),
        renders=("autopartgen", "partgen", "preview", "partverse"),
    ),
    # PartGen, sections 3.2 to 3.4: a grid of 2 × 2 views, masks of the parts in it, and each part
    # whole in the same grid; about ten parts. Shapes come from a reconstructor of images.
    "partgen": Preset(
        points=PointsConfig(),
        field=NO_FIELD,
        grid=GridConfig(),
        mesh=False,
        max_parts=10,
        tail="merge",
        views=0,
        part_views=0,
        view_grids=True,
        part_masks=True,
        wireframes=False,
        passes=(),
        renders=("partgen",),
    ),
    # TRELLIS, section 3.1: voxels that the surface passes through, and 150 views for their
    # features.
    "trellis": Preset(
        points=PointsConfig(),
        field=NO_FIELD,
        grid=GridConfig(resolution=64),
        mesh=False,
        max_parts=32,
        tail="drop",
        views=150,
        part_views=0,
        view_grids=False,
        part_masks=False,
        wireframes=False,
        passes=(),
        renders=("trellis-vae", "trellis-cond"),
    ),
}
