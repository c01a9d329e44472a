"""What a user may set of points, fields and voxels where it is to differ from the preset's."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, TypeVar

ConfigT = TypeVar("ConfigT")


def override(config: ConfigT, overrides: Any) -> ConfigT:
    """A config dataclass with those fields of `overrides` in place of its own that are set."""
    given = {
        field.name: value
        for field in dataclasses.fields(overrides)
        if (value := getattr(overrides, field.name)) is not None
    }
    changed: ConfigT = dataclasses.replace(config, **given)  # type: ignore[type-var]
    return changed


# The parser of settings reads the attributes of a nested default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class PointsOverrides:
    """How many points a sample has.

    Attributes:
        part_points: even points on each part.
        object_points: even points on the whole object.
        sharp_points: points on the sharp edges of each part, and as many of the object.
        sharp_angle: degrees between two faces from which on their edge is sharp.
        farthest: rows of each part's and the object's even points, in farthest-point order.
        box_points: even points on each part's box.
    """

    part_points: int | None = None
    object_points: int | None = None
    sharp_points: int | None = None
    sharp_angle: float | None = None
    farthest: int | None = None
    box_points: int | None = None


@dataclass(frozen=True, kw_only=True)
class FieldOverrides:
    """Where distances are sampled, for each part and for the object.

    Attributes:
        surface_points: even points on the surface, with normals.
        near_points: points near the surface.
        volume_points: points in a cube around the part; no field with none of the three.
        sigmas: of the noise that moves near points, in scales of the part.
        extent: half the side of that cube, in scales of the part.
        truncation: distances are clipped to ± this, in scales of the part.
    """

    surface_points: int | None = None
    near_points: int | None = None
    volume_points: int | None = None
    sigmas: tuple[float, ...] | None = None
    extent: float | None = None
    truncation: float | None = None


@dataclass(frozen=True, kw_only=True)
class GridOverrides:
    """The voxel grid of a sample.

    Attributes:
        resolution: voxels along each axis of [-1, 1]³; 0 for no grid.
    """

    resolution: int | None = None
