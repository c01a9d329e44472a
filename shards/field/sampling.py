"""Signed distances of a sample: where they are sampled, and how they lie in arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shards.field.body import Body, make_body
from shards.field.config import FieldConfig
from shards.field.native import surface_distances
from shards.field.sign import find_signs
from shards.selection import Selection
from shards.surface import Surface

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

MIN_JUDGED = 2048
"""Points of either kind, at the least, on which it is judged whether signs can be trusted."""

KINDS = ("surface", "near", "volume")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FieldSamples:
    """The field of an object and of its parts.

    Attributes:
        arrays: see `sample_field`.
        parts: for each part `closed`, `winding` or `proxy`: how its signs are known; or why they
            are not, a word of `shards.field.sign.REASONS`.
        whole: the same of the object.
    """

    arrays: dict[str, NDArray[Any]]
    parts: tuple[str, ...]
    whole: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Field:
    """The field of one body: arrays by `KINDS`, None where no sign can be trusted."""

    method: str
    arrays: dict[str, Float32] | None


def sample_field(
    surface: Surface,
    selection: Selection,
    *,
    config: FieldConfig,
    generator: np.random.Generator,
) -> FieldSamples:
    """Sample the truncated signed distance of the object and of each part.

    Distances are to the nearest triangle, exact, negative inside, clipped to ± `truncation` times
    the scale; the scale of the object is 1. All is in the object frame and its units. Inside
    bodies that are nested or overlap, the inner surfaces count for the distance too, as they do for
    the points.

    Args:
        surface: all faces of the object.
        selection: P parts.

    Returns:
        Arrays: part_row (P,) int32, the row of a part in the next three, -1 where no sign can be
        trusted; part_surface (T, S, 6) float32 points and unit normals, whose distance is 0;
        part_near (T, N, 4), part_volume (T, V, 4) float32 points and distances; object_surface
        (1 or 0, S, 6), object_near, object_volume likewise. Row i of near has the i-th sigma, one
        after another.
    """
    every = np.arange(len(surface.faces))
    whole = _field(surface, every, np.zeros(3), 1.0, config=config, generator=generator)
    parts = [
        _field(surface, part.faces, part.center, part.scale, config=config, generator=generator)
        for part in selection.kept
    ]
    row = np.full(len(parts), -1, np.int32)
    trusted = [index for index, part in enumerate(parts) if part.arrays is not None]
    row[trusted] = np.arange(len(trusted))
    arrays: dict[str, NDArray[Any]] = {"part_row": row}
    arrays |= {f"part_{kind}": _stack(parts, kind, config) for kind in KINDS}
    arrays |= {f"object_{kind}": _stack([whole], kind, config) for kind in KINDS}
    methods = tuple(part.method for part in parts)
    return FieldSamples(arrays=arrays, parts=methods, whole=whole.method)


def _field(
    surface: Surface,
    chosen: NDArray[np.int64],
    center: Float64,
    scale: float,
    *,
    config: FieldConfig,
    generator: np.random.Generator,
) -> _Field:
    body = make_body(surface, chosen, center=center, scale=scale)
    if not len(body.faces):
        return _Field(method="no_volume", arrays=None)
    # Distances are those of the points as they are stored, rounded to float32.
    near = (_near(body, config, generator) * scale + center).astype(np.float32)
    volume = (_volume(config, generator) * scale + center).astype(np.float32)
    points = [(some.astype(np.float64) - center) / scale for some in (near, volume)]
    distances = surface_distances(body.vertices, body.faces, np.concatenate(points))
    signs = find_signs(body, *points, distances=distances, generator=generator)
    if signs.inside is None:
        return _Field(method=signs.method, arrays=None)
    clipped = np.minimum(distances, config.truncation) * scale
    signed = np.split(np.where(signs.inside, -clipped, clipped), [len(near)])
    drawn = surface.sample(chosen, count=config.surface_points, generator=generator)
    return _Field(
        method=signs.method,
        arrays={
            "surface": drawn,
            "near": _with_distance(near, signed[0], count=config.near_points),
            "volume": _with_distance(volume, signed[1], count=config.volume_points),
        },
    )


def _near(body: Body, config: FieldConfig, generator: np.random.Generator) -> Float64:
    """(N, 3) float64 points around the surface; the sigmas take turns."""
    count = max(config.near_points, MIN_JUDGED)
    points, _ = body.sample(count, generator=generator)
    sigma = np.resize(np.array(config.sigmas), count)[:, None]
    moved: Float64 = points + sigma * generator.standard_normal((count, 3))
    return moved


def _volume(config: FieldConfig, generator: np.random.Generator) -> Float64:
    count = max(config.volume_points, MIN_JUDGED)
    return generator.uniform(-config.extent, config.extent, (count, 3))


def _with_distance(points: Float32, signed: Float64, *, count: int) -> Float32:
    """(count, 4) float32: the first points and their distances."""
    rows: Float32 = np.column_stack([points, signed.astype(np.float32)])[:count]
    return rows


def _stack(fields: list[_Field], kind: str, config: FieldConfig) -> Float32:
    """(T, count, columns) float32 rows of the trusted."""
    rows = [field.arrays[kind] for field in fields if field.arrays is not None]
    if rows:
        return np.stack(rows)
    count = getattr(config, f"{kind}_points")
    return np.zeros((0, count, 6 if kind == "surface" else 4), np.float32)
