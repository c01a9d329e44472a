"""How sure it is that two neighbouring regions are different parts: the price of merging them.

The price is a probability, so that a height of the merge tree means the same on every object. It is
a logistic model of what can be seen at the border and of the two sides, fitted to objects whose
parts are known (`python -m benchmarks.calibration`). One model is for regions that share a
boundary, one for regions that do not touch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segment.graph import (
    AREA,
    BODY,
    CONCAVE,
    CONVEX,
    HELD,
    LENGTH,
    MATERIAL,
    NODE,
    PARTED,
    SOLID,
    THICKNESS,
    WEIGHT,
    Whole,
)

Float64 = NDArray[np.float64]

TINY = float(np.finfo(np.float64).tiny)
SMALLEST = 1e-6
THICKNESS_MOST = 2.0
FAR = 0.05
FULL_SHARE = 0.01
MUCH_SAID = 0.5
"""Evidence, in views that are sure, at which masks are half believed."""

DEFAULT_HEIGHT = 0.35
"""Where a tree is cut by default. A merge that is wrong costs a split, which is as much work as
three merges, so merging pays up to a probability of 1/4 and, as one wrong group often costs one
split only, a little more. On objects held out the effort left is flat from 0.35 to 0.5; the lowest
is taken, because merging is easier than splitting."""

FEATURES = (
    "one",
    "concave",
    "convex",
    "material",
    "neck",
    "thickness",
    "smaller",
    "larger",
    "lesser_body",
    "greater_body",
    "gap",
    "shells",
)

# Both models as `python -m benchmarks.calibration` fits them to the labelled assets and samples.
TOUCHING: dict[str, float] = {
    "one": 2.088,
    "concave": 0.606,
    "convex": -2.166,
    "material": 1.99,
    "neck": -1.339,
    "thickness": 0.997,
    "smaller": 0.587,
    "larger": -0.01,
    "lesser_body": 0.261,
    "greater_body": 0.239,
    "shells": -3.183,
}

APART: dict[str, float] = {
    "one": 1.661,
    "material": 2.39,
    "thickness": -0.407,
    "smaller": 0.001,
    "larger": 0.11,
    "lesser_body": 0.43,
    "greater_body": 0.047,
    "gap": 0.39,
    "shells": 0.223,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much is made of what the asset and masks of views say beside the shape.

    Attributes:
        material: of another material on the other side; 1 is as fitted.
        node: how sure it is, in [0, 1], that different source nodes are different parts.
        mask_parting: how far masks are believed, in [0, 1], where they part what is otherwise like.
        mask_joining: the same where they hold together what is otherwise unlike.
    """

    material: float = 1.0
    node: float = 0.75
    mask_parting: float = 0.0
    mask_joining: float = 0.0


PLAIN = Weights()


def linkage(
    sums: Float64,
    gap: Float64,
    first: Float64,
    second: Float64,
    *,
    whole: Whole,
    weights: Weights = PLAIN,
) -> Float64:
    """(E,) float64 in [0, 1]: how sure it is that two regions are different parts.

    The model's verdict and that of the source nodes are combined as if independent,
    `1 - (1 - a)(1 - b)`; nodes of crumbs count less, so that crumbs merge before parts do. Where
    masks of views have something to say, the result is moved towards theirs, the share of their
    evidence that speaks against the two, as far as they are trusted and by how much they say.

    Args:
        sums: (E, 8) as in `RegionGraph`. gap: (E,).
        first, second: (E, 4) traits of the two regions.
        whole: of the object.
        weights: of nodes, materials and masks.
    """
    shape = _shape_verdict(sums, gap, first, second, whole=whole, material=weights.material)
    weight = np.maximum(sums[:, WEIGHT], TINY)
    smaller = np.minimum(first[:, AREA], second[:, AREA]) / max(whole.area, TINY)
    sure = np.sqrt(np.minimum(smaller / FULL_SHARE, 1.0))
    node = weights.node * np.minimum(sums[:, NODE] / weight, 1.0) * sure
    unlike = 1 - (1 - shape) * (1 - node)
    said = sums[:, HELD] + sums[:, PARTED]
    against = np.divide(sums[:, PARTED], said, out=np.zeros_like(said), where=said > 0)
    trust = np.where(against < unlike, weights.mask_joining, weights.mask_parting)
    believed = trust * said / (said + MUCH_SAID)
    price: Float64 = (1 - believed) * unlike + believed * against
    return price


def _shape_verdict(
    sums: Float64, gap: Float64, first: Float64, second: Float64, *, whole: Whole, material: float
) -> Float64:
    columns = features(sums, gap, first, second, whole=whole)
    columns[:, FEATURES.index("material")] *= material
    touching = columns @ np.array([TOUCHING.get(name, 0.0) for name in FEATURES])
    apart = columns @ np.array([APART.get(name, 0.0) for name in FEATURES])
    score = np.where(sums[:, LENGTH] > 0, touching, apart)
    verdict: Float64 = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
    return verdict


def features(
    sums: Float64, gap: Float64, first: Float64, second: Float64, *, whole: Whole
) -> Float64:
    """(E, 12) float64: what the model goes by, in the order of `FEATURES`.

    - concave, convex: mean turn across the shared boundary, in 60° and 90°; 0 without one.
    - material: share of the border with another on the other side.
    - neck: the boundary's length over 1.75 times the square root of the smaller area, at most 1. A
      disc has 3.5 times the square root of its area as boundary, a finger far less.
    - thickness: difference of the mean logarithms of the two sides' thickness.
    - smaller, larger: logarithm of the share of all area.
    - lesser_body, greater_body: logarithm of the share of all area that the shells have in which
      the two regions lie. Pieces of one large shell are parts in other ways than small shells are.
    - gap: 0 where they meet, half way at 5 % of the diagonal.
    - shells: logarithm of how many shells carry the object's area. Where an artist built of many
      shells, a part is seldom less than a shell.
    """
    length = sums[:, LENGTH]
    over_length = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    area = np.stack([first[:, AREA], second[:, AREA]]) / max(whole.area, TINY)
    smaller, larger = np.maximum(area.min(axis=0), SMALLEST), np.maximum(area.max(axis=0), SMALLEST)
    body = np.stack([_mean(side, BODY, AREA) for side in (first, second)])
    body = np.log(np.clip(body, 1e-4, 1.0))
    thick = [_mean(side, THICKNESS, SOLID) for side in (first, second)]
    solid = (first[:, SOLID] > 0) & (second[:, SOLID] > 0)
    distance = np.minimum(gap / max(whole.diagonal, TINY), 1.0)
    return np.stack(
        [
            np.ones_like(length),
            sums[:, CONCAVE] * over_length,
            sums[:, CONVEX] * over_length,
            np.minimum(sums[:, MATERIAL] / np.maximum(sums[:, WEIGHT], TINY), 1.0),
            np.clip(length / (1.75 * np.sqrt(smaller * max(whole.area, TINY))), 0, 1),
            np.where(solid, np.minimum(np.abs(thick[0] - thick[1]), THICKNESS_MOST), 0.0),
            np.log(smaller),
            np.log(larger),
            body.min(axis=0),
            body.max(axis=0),
            distance / (distance + FAR),
            np.full_like(length, np.log(max(whole.shells, 1.0))),
        ],
        axis=1,
    )


def _mean(side: Float64, column: int, weight: int) -> Float64:
    mean: Float64 = side[:, column] / np.maximum(side[:, weight], TINY)
    return mean
