"""How much of every true part lies in every segment: what most measures are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overlap:
    """Segments against true parts, over the faces whose true part is known.

    There are S segments, T parts and N pairs of a segment and a part that share a face, sorted by
    segment and then by part. Faces without a segment (label -1) count in the parts alone.

    Attributes:
        segment: (N,) int64, the segment of each pair.
        part: (N,) int64, its part; parts are numbered anew, in the order of their labels.
        faces: (N,) int64, the faces that both hold.
        area: (N,) float64, their area.
        segment_faces: (S,) int64; 0 for a segment that lies where nothing is known.
        segment_area: (S,) float64.
        part_faces: (T,) int64, above 0.
        part_area: (T,) float64.
    """

    segment: Int64
    part: Int64
    faces: Int64
    area: Float64
    segment_faces: Int64
    segment_area: Float64
    part_faces: Int64
    part_area: Float64

    @property
    def segment_count(self) -> int:
        """The number of segments that hold a face whose true part is known."""
        return int((self.segment_faces > 0).sum())

    @property
    def part_count(self) -> int:
        """T."""
        return len(self.part_faces)

    @property
    def known_area(self) -> float:
        """The area of the faces whose true part is known."""
        return float(self.part_area.sum())

    def table(self, values: NDArray[Any]) -> NDArray[Any]:
        """(S, T): one value a pair, such as `area`, as a dense table."""
        dense = np.zeros((len(self.segment_faces), self.part_count), values.dtype)
        dense[self.segment, self.part] = values
        return dense


def measure_overlap(labels: NDArray[Any], truth: NDArray[Any], *, areas: Float64) -> Overlap:
    """Count the faces and the area that segments and true parts share.

    Args:
        labels: (F,) int, the segment of each face, negative for none.
        truth: (F,) int, the true part of each face, negative where it is not known.
        areas: (F,) float64, not negative.
    """
    if not labels.shape == truth.shape == areas.shape:
        raise ValueError(
            f"labels {labels.shape}, truth {truth.shape} and areas {areas.shape} must have "
            "one entry per face each"
        )
    known = truth >= 0
    _, part_of = np.unique(truth[known], return_inverse=True)
    segment_of, area_of = labels[known].astype(np.int64), areas[known].astype(np.float64)
    parts = int(part_of.max(initial=-1)) + 1
    segments = max(int(labels.max(initial=-1)) + 1, 0)
    held = segment_of >= 0
    key, inverse = np.unique(segment_of[held] * parts + part_of[held], return_inverse=True)
    faces = np.bincount(inverse, minlength=len(key)).astype(np.int64)
    segment, part = key // max(parts, 1), key % max(parts, 1)
    return Overlap(
        segment=segment,
        part=part,
        faces=faces,
        area=_sums(inverse, area_of[held], len(key)),
        segment_faces=np.bincount(segment_of[held], minlength=segments).astype(np.int64),
        segment_area=_sums(segment_of[held], area_of[held], segments),
        part_faces=np.bincount(part_of, minlength=parts).astype(np.int64),
        part_area=_sums(part_of, area_of, parts),
    )


def _sums(group: NDArray[Any], values: Float64, count: int) -> Float64:
    return np.asarray(np.bincount(group, values, count), np.float64)


def intersection_over_union(
    shared: NDArray[Any], first: NDArray[Any], second: NDArray[Any]
) -> Float64:
    """Shared over joint size, elementwise with broadcasting; 0 where both sizes are 0."""
    joint = np.asarray(first + second - shared, np.float64)
    shared = np.asarray(np.broadcast_to(shared, joint.shape), np.float64)
    return np.divide(shared, joint, out=np.zeros_like(joint), where=joint > 0)
