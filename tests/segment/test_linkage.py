import numpy as np
import pytest

from segment.graph import (
    AREA,
    BODY,
    COLUMNS,
    CONCAVE,
    CONVEX,
    HELD,
    LENGTH,
    MATERIAL,
    NODE,
    PARTED,
    SOLID,
    THICKNESS,
    TRAITS,
    WEIGHT,
    Whole,
)
from segment.linkage import FEATURES, PLAIN, Weights, features, linkage

WHOLE = Whole(area=1.0, diagonal=1.0, shells=1.0)


def traits(area: float, *, thickness: float = 0.1, body: float = 1.0) -> np.ndarray:
    row = np.zeros((1, TRAITS))
    row[0, AREA], row[0, SOLID], row[0, BODY] = area, area, area * body
    row[0, THICKNESS] = area * np.log(thickness)
    return row


def border(
    *,
    length: float = 1.0,
    concave: float = 0.0,
    convex: float = 0.0,
    material: float = 0.0,
    node: float = 0.0,
    held: float = 0.0,
    parted: float = 0.0,
) -> np.ndarray:
    sums = np.zeros((1, COLUMNS))
    sums[0, LENGTH], sums[0, WEIGHT] = length, max(length, 1.0)
    sums[0, CONCAVE], sums[0, CONVEX] = length * concave, length * convex
    sums[0, MATERIAL], sums[0, NODE] = material, node
    sums[0, HELD], sums[0, PARTED] = held, parted
    return sums


def price(
    sums: np.ndarray,
    *,
    gap: float = 0.0,
    first: np.ndarray | None = None,
    second: np.ndarray | None = None,
    whole: Whole = WHOLE,
    weights: Weights = PLAIN,
) -> float:
    found = linkage(
        sums,
        np.asarray([gap]),
        traits(0.1) if first is None else first,
        traits(0.5) if second is None else second,
        whole=whole,
        weights=weights,
    )
    return float(found[0])


def test_features_are_what_they_are_called() -> None:
    sums = border(length=0.5, concave=0.4, convex=0.2, material=0.25)
    first, second = traits(0.1, thickness=0.1, body=0.5), traits(0.4, thickness=0.2)
    whole = Whole(area=1.0, diagonal=2.0, shells=3.0)
    found = features(sums, np.zeros(1), first, second, whole=whole)[0]
    assert dict(zip(FEATURES, found, strict=True)) == pytest.approx(
        {
            "one": 1.0,
            "concave": 0.4,
            "convex": 0.2,
            "material": 0.25,
            "neck": 0.5 / (1.75 * np.sqrt(0.1)),
            "thickness": np.log(2),
            "smaller": np.log(0.1),
            "larger": np.log(0.4),
            "lesser_body": np.log(0.5),
            "greater_body": 0.0,
            "gap": 0.0,
            "shells": np.log(3),
        }
    )
    apart = features(border(length=0.0), np.full(1, 0.1), first, second, whole=whole)[0]
    assert apart[FEATURES.index("gap")] == pytest.approx(0.5)
    assert apart[FEATURES.index("concave")] == 0


def test_what_makes_two_regions_more_likely_different_parts() -> None:
    plain = price(border())
    assert plain < price(border(concave=1.0))
    assert plain > price(border(convex=1.0))
    assert plain < price(border(length=0.05))
    assert plain < price(border(), second=traits(0.5, thickness=0.4))
    assert plain < price(border(material=1.0))
    assert plain < price(border(length=0.0))
    # Within one of many shells hardly anything is a part of its own.
    many = Whole(area=1.0, diagonal=1.0, shells=10.0)
    assert price(border(concave=1.0), whole=many) < 0.1 < price(border(concave=1.0))


def test_source_nodes_count_as_if_independent() -> None:
    shape = price(border())
    assert price(border(node=1.0)) == pytest.approx(1 - (1 - shape) * 0.25)
    assert price(border(node=1.0), weights=Weights(node=1.0)) == pytest.approx(1.0)
    assert price(border(node=1.0), weights=Weights(node=0.0)) == pytest.approx(shape)
    crumb = traits(0.0025)
    alone = price(border(), first=crumb)
    assert price(border(node=1.0), first=crumb) == pytest.approx(1 - (1 - alone) * 0.625)


def test_materials_count_as_they_are_weighed() -> None:
    plain = price(border())
    assert price(border(material=1.0), weights=Weights(material=0.0)) == pytest.approx(plain)
    assert price(border(material=1.0), weights=Weights(material=2.0)) > price(border(material=1.0))


def test_always_a_probability() -> None:
    for gap in (0.0, 1e30, np.inf):
        for area in (0.0, 1.0):
            for length in (0.0, 1e-30, 1e30):
                found = price(
                    border(length=length, concave=1, node=1),
                    gap=gap,
                    first=traits(area),
                    second=np.zeros((1, TRAITS)),
                )
                assert 0 <= found <= 1
    nothing = Whole(area=0.0, diagonal=0.0, shells=0.0)
    zeros = np.zeros((1, TRAITS))
    assert 0 <= price(border(length=0.0), first=zeros, second=zeros, whole=nothing) <= 1


def test_masks_move_the_price_as_far_as_they_are_trusted() -> None:
    plain = price(border(concave=1.0))
    half = Weights(mask_parting=0.5, mask_joining=0.5)
    assert price(border(concave=1.0), weights=half) == pytest.approx(plain)
    parted = price(border(concave=1.0, parted=1e9), weights=half)
    assert parted == pytest.approx((plain + 1) / 2)
    held = price(border(concave=1.0, held=1e9), weights=half)
    assert held == pytest.approx(plain / 2)
    undecided = price(border(concave=1.0, held=5e8, parted=5e8), weights=half)
    assert undecided == pytest.approx((plain + 0.5) / 2)
    little = price(border(concave=1.0, parted=0.1), weights=half)
    assert plain < little < parted


def test_masks_may_be_trusted_to_part_but_not_to_join() -> None:
    parting = Weights(mask_parting=0.5)
    plain = price(border(concave=1.0))
    assert price(border(concave=1.0, held=1e9), weights=parting) == pytest.approx(plain)
    assert price(border(concave=1.0, parted=1e9), weights=parting) > plain
