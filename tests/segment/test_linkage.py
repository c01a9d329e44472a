import numpy as np
import pytest

from segment.graph import CREASE, HELD, LENGTH, MATERIAL, NODE, PARTED, WEIGHT
from segment.linkage import NO_MASKS, MaskTrust, linkage


def price(
    *,
    length: float = 1.0,
    crease: float = 0.0,
    material: float = 0.0,
    node: float = 0.0,
    gap: float = 0.0,
    smaller: float = 0.1,
) -> float:
    sums = np.zeros((1, 7))
    sums[0, LENGTH], sums[0, CREASE], sums[0, WEIGHT] = length, length * crease, max(length, 1.0)
    sums[0, MATERIAL], sums[0, NODE] = material, node
    found = linkage(sums, np.asarray([gap]), np.asarray([smaller]), total_area=1.0, diagonal=1.0)
    return float(found[0])


def test_values() -> None:
    assert price() == 0
    assert price(crease=1.0) == pytest.approx(0.5)
    assert price(length=0.0) == pytest.approx(0.6)
    assert price(length=0.0, gap=0.05) == pytest.approx(0.8)
    assert price(length=0.0, node=1.0) == pytest.approx(1 - 0.4 * 0.4)
    assert price(material=1.0) == pytest.approx(0.25)
    assert price(length=0.0, smaller=0.0025) == pytest.approx(0.3)


def test_what_makes_regions_more_unlike() -> None:
    assert price(crease=0.5) < price(crease=0.8)
    assert price(length=0.01) > price(length=0.3)
    assert price(length=0.0, gap=1.0) > price(length=0.0, gap=0.1)
    assert price(smaller=0.001) == price(smaller=0.1) == 0
    assert price(crease=1, smaller=0.001) < price(crease=1, smaller=0.01)


def test_any_joint_within_a_shell_is_cheaper_than_between_shells() -> None:
    assert price(length=1e-9, crease=1.0) < price(length=0.0)


def test_never_above_one_and_always_finite() -> None:
    for gap in (0.0, 1e30):
        for smaller in (0.0, 1.0):
            for length in (0.0, 1e-30, 1e30):
                found = price(length=length, crease=1, node=1, gap=gap, smaller=smaller)
                assert 0 <= found <= 1
    nothing = linkage(np.zeros((1, 7)), np.zeros(1), np.zeros(1), total_area=0.0, diagonal=0.0)
    assert np.isfinite(nothing).all()


def masked_price(held: float, parted: float, *, trust: MaskTrust, crease: float = 0.0) -> float:
    sums = np.zeros((1, 7))
    sums[0, LENGTH] = sums[0, WEIGHT] = 10.0
    sums[0, CREASE] = 10.0 * crease
    sums[0, HELD], sums[0, PARTED] = held, parted
    found = linkage(sums, np.zeros(1), np.ones(1), total_area=4.0, diagonal=1.0, trust=trust)
    return float(found[0])


def test_masks_move_the_price_as_far_as_they_are_trusted() -> None:
    plain = masked_price(0, 0, trust=MaskTrust(part=1.0, join=1.0), crease=1.0)
    assert plain == pytest.approx(0.5)
    half = MaskTrust(part=0.5, join=0.5)
    assert masked_price(0, 1e9, trust=half, crease=1.0) == pytest.approx(0.75)
    assert masked_price(1e9, 0, trust=half, crease=1.0) == pytest.approx(0.25)
    assert masked_price(5e8, 5e8, trust=half, crease=1.0) == pytest.approx(0.5)
    assert masked_price(0, 0.1, trust=half, crease=1.0) < masked_price(
        0, 1.0, trust=half, crease=1.0
    )


def test_masks_may_be_trusted_to_part_but_not_to_join() -> None:
    parting = MaskTrust(part=0.5, join=0.0)
    assert masked_price(1e9, 0, trust=parting, crease=1.0) == pytest.approx(0.5)
    assert masked_price(0, 1e9, trust=parting, crease=1.0) == pytest.approx(0.75)
    assert masked_price(1e9, 1, trust=NO_MASKS, crease=1.0) == pytest.approx(0.5)
