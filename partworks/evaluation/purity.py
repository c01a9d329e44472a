"""Whether segments keep within true parts, so that merging alone can reach the truth."""

from __future__ import annotations

import numpy as np

from partworks.evaluation.overlap import Overlap


def achievable_accuracy(overlap: Overlap) -> float:
    """Achievable segmentation accuracy (ASA): the best that merging whole segments can reach.

    Every segment goes to the true part that it overlaps most; the result is the share of the area
    that ends in its own part. Cutting a segment can only raise it (Liu et al., "Entropy Rate
    Superpixel Segmentation", CVPR 2011, with area for pixels).
    """
    most = np.zeros(len(overlap.segment_area))
    np.maximum.at(most, overlap.segment, overlap.area)
    return float(most.sum() / overlap.known_area) if overlap.known_area else 1.0


def under_segmentation_error(overlap: Overlap) -> float:
    """How much of the area leaks out of true parts along with the segments that hold it.

    The definition without a threshold: for each true part and each segment that it meets, the
    smaller of the segment's area inside and outside of the part, summed, over the whole area
    (Neubert and Protzel, "Superpixel Benchmark and Comparison", 2012, with area for pixels). 0 is
    perfect; what leaks counts once for each of two parts.
    """
    outside = overlap.segment_area[overlap.segment] - overlap.area
    leaked = np.minimum(overlap.area, np.maximum(outside, 0.0)).sum()
    return float(leaked / overlap.known_area) if overlap.known_area else 0.0
