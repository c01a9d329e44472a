"""Rand error: how often two labelings disagree on whether two faces belong together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.evaluation.overlap import Overlap


def rand_error(overlap: Overlap) -> float:
    """1 - Rand index over pairs of faces, as the Princeton benchmark has it.

    Chen, Golovinskiy and Funkhouser, "A Benchmark for 3D Mesh Segmentation", SIGGRAPH 2009:
    every face counts as one, whatever its area. Faces without a segment count as one
    more segment.
    """
    outside = overlap.part_faces.copy()
    np.subtract.at(outside, overlap.part, overlap.faces)
    return float(
        rand_error_of(
            shared=(overlap.faces**2).sum() + (outside**2).sum(),
            segments=(overlap.segment_faces**2).sum() + outside.sum() ** 2,
            parts=(overlap.part_faces**2).sum(),
            faces=int(overlap.part_faces.sum()),
        )
    )


def rand_error_of(
    *, shared: NDArray[Any], segments: NDArray[Any], parts: NDArray[Any], faces: int
) -> NDArray[np.float64]:
    """The Rand error out of sums of squares of face counts, elementwise.

    Args:
        shared: the sum over pairs of a segment and a part.
        segments: the sum over segments.
        parts: the sum over parts.
        faces: the number of faces.
    """
    if faces < 2:
        return np.zeros(np.shape(shared))
    apart = (np.asarray(segments) + parts) / 2 - shared
    return np.asarray(apart / (faces * (faces - 1) / 2), np.float64)
