"""Class-agnostic mean best IoU: how well the best segment for each true part fits it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.evaluation.overlap import Overlap, intersection_over_union


def mean_best_iou_by_faces(overlap: Overlap) -> float:
    """The mean over true parts of the best IoU with any segment, counted in faces.

    As on PartObjaverse-Tiny (Yang et al., "SAMPart3D", 2024): names play no part, one
    segment may be the best for several parts, and faces without a true part are left out.
    """
    return _mean_best(overlap, overlap.faces, overlap.segment_faces, overlap.part_faces)


def mean_best_iou_by_area(overlap: Overlap) -> float:
    """`mean_best_iou_by_faces` measured by area, over the parts that have any."""
    return _mean_best(overlap, overlap.area, overlap.segment_area, overlap.part_area)


def _mean_best(
    overlap: Overlap, shared: NDArray[Any], segment_size: NDArray[Any], part_size: NDArray[Any]
) -> float:
    best = np.zeros(overlap.part_count)
    iou = intersection_over_union(shared, segment_size[overlap.segment], part_size[overlap.part])
    np.maximum.at(best, overlap.part, iou)
    return float(best[part_size > 0].mean()) if (part_size > 0).any() else 1.0
