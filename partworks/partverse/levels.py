"""`info.json`: an object's parts ranked by PartVerse's rule, with levels over the whole data set.

The weight of a part is half of the surface of its box, xy + yz + zx. Nine deciles of the weights of
all parts of all objects bound the ten levels.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.boxes import label_boxes
from partworks.geometry.mesh import Mesh
from partworks.geometry.part_order import half_surface, level_of, order_by_level

Float64 = NDArray[np.float64]

DECILES = np.arange(1, 10) / 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PartBoxes:
    """The parts of an object that have faces.

    Attributes:
        labels: (P,) int64 part numbers, ascending.
        boxes: (P, 2, 3) float64 lower and upper corners, object frame.
        weights: (P,) float64, in squared units of the object frame, rounded to nine digits.
    """

    labels: NDArray[np.int64]
    boxes: Float64
    weights: Float64


def part_boxes(mesh: Mesh, face_labels: NDArray[np.int32], *, count: int) -> PartBoxes:
    """Measure the parts 0…`count`-1 of an object; those without faces are left out."""
    labels = np.flatnonzero(np.bincount(face_labels[face_labels >= 0], minlength=count))
    boxes = label_boxes(mesh, face_labels, count=count)[labels]
    weights = [float(f"{weight:.9g}") for weight in half_surface(boxes)]
    return PartBoxes(labels=labels, boxes=boxes, weights=np.asarray(weights, np.float64))


def level_bounds(weights: Iterable[Float64]) -> Float64:
    """(9,) float64: the deciles of the weights of all parts; zeros where there are none."""
    every = np.concatenate([*weights, np.zeros(0)])
    if not len(every):
        return np.zeros(len(DECILES))
    rounded = [float(f"{bound:.9g}") for bound in np.quantile(every, DECILES)]
    return np.asarray(rounded, np.float64)


def info_bytes(parts: PartBoxes, face_labels: NDArray[np.int32], *, bounds: Float64) -> bytes:
    """The content of `info.json`: lists that run parallel, the part that matters most first."""
    levels = level_of(parts.weights, bounds)
    order = order_by_level(parts.boxes, levels)
    ranked = parts.labels[order]
    content: dict[str, Any] = {
        "bboxes": parts.boxes[order].tolist(),
        "ordered_faceid": [np.flatnonzero(face_labels == label).tolist() for label in ranked],
        "weights": parts.weights[order].tolist(),
        "ordered_face_label": ranked.tolist(),
        "ordered_part_level": levels[order].tolist(),
    }
    return (json.dumps(content, separators=(",", ":")) + "\n").encode()


def bounds_bytes(bounds: Float64, uids: Iterable[str]) -> bytes:
    """The content of the table of levels."""
    content = {"weight_bound": bounds.tolist(), "uids": sorted(uids)}
    return (json.dumps(content, indent=1) + "\n").encode()
