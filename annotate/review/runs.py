"""Run lengths: how sets of faces and labels of faces travel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]


def runs_of_faces(faces: NDArray[Any]) -> tuple[int, ...]:
    """`start, length, start, length, …` of a set of face numbers, in any order; runs are maximal.

    Args:
        faces: (K,) int, not negative; numbers that occur twice count once.
    """
    ordered = np.unique(faces).astype(np.int64)
    if not len(ordered):
        return ()
    breaks = np.flatnonzero(np.diff(ordered) > 1) + 1
    starts = ordered[np.concatenate([[0], breaks])]
    lengths = np.diff(np.concatenate([[0], breaks, [len(ordered)]]))
    return tuple(np.stack([starts, lengths], axis=1).reshape(-1).tolist())


def faces_of_runs(runs: Sequence[int]) -> Int64:
    """(K,) int64: the face numbers of `start, length, …`, in that order."""
    table = np.asarray(runs, np.int64).reshape(-1, 2)
    starts, lengths = table[:, 0], table[:, 1]
    before = np.cumsum(lengths) - lengths
    faces: Int64 = np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
    return faces


def runs_of_labels(labels: NDArray[Any]) -> Int64:
    """(R, 2) int64: value and length of the maximal runs of equal labels (F,), in face order."""
    if not len(labels):
        return np.zeros((0, 2), np.int64)
    breaks = np.flatnonzero(np.diff(labels)) + 1
    starts = np.concatenate([[0], breaks])
    lengths = np.diff(np.concatenate([starts, [len(labels)]]))
    return np.stack([labels[starts].astype(np.int64), lengths], axis=1)


def labels_of_runs(runs: NDArray[Any]) -> Int64:
    """(F,) int64: the inverse of `runs_of_labels`."""
    return np.repeat(runs[:, 0], runs[:, 1]).astype(np.int64)
