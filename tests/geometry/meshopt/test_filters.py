from __future__ import annotations

import numpy as np
import pytest

from partworks.geometry.meshopt.attributes import decode_attributes
from partworks.geometry.meshopt.damage import Damaged
from partworks.geometry.meshopt.filters import FILTERS, exponential, octahedral, quaternion
from tests.geometry.meshopt.reference import Case, cases, parametrized

CASES = cases("ATTRIBUTES", filtered=True)


@parametrized(CASES)
def test_a_filter_is_undone_as_published(case: Case) -> None:
    elements = decode_attributes(case.stream, count=case.count, stride=case.size)
    case.check(FILTERS[case.filter](elements).tobytes())


def test_every_filter_has_a_case() -> None:
    assert {case.filter for case in CASES} == set(FILTERS)


def test_the_corners_of_the_octahedron_are_the_axes() -> None:
    packed = np.array([[127, 0, 127, 9], [0, -127, 127, 9], [0, 0, 127, 9]], np.int8)
    decoded = octahedral(packed.view(np.uint8)).view(np.int8)
    np.testing.assert_array_equal(decoded, [[127, 0, 0, 9], [0, -127, 0, 9], [0, 0, 127, 9]])


def test_quaternions_have_length_one() -> None:
    packed = np.array([[100, -50, 20, 127 << 2 | 2], [0, 0, 0, 127 << 2]], np.int16)
    decoded = quaternion(packed.view(np.uint8)).view(np.int16)
    lengths = np.linalg.norm(decoded.astype(float) / 32767, axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-4)
    np.testing.assert_array_equal(decoded[1], [32767, 0, 0, 0])


def test_exponents_are_powers_of_two() -> None:
    packed = np.array([[3 | (2 << 24), (-5 & 0xFFFFFF) | ((-1 & 0xFF) << 24)]], np.uint32)
    decoded = exponential(packed.view(np.uint8)).view(np.float32)
    np.testing.assert_array_equal(decoded, [[12.0, -2.5]])


def test_elements_of_a_wrong_width_are_refused() -> None:
    for filter_name in ("OCTAHEDRAL", "QUATERNION", "COLOR"):
        with pytest.raises(Damaged):
            FILTERS[filter_name](np.zeros((2, 12), np.uint8))
    with pytest.raises(Damaged):
        quaternion(np.zeros((2, 4), np.uint8))


def test_damaged_numbers_give_no_warning() -> None:
    zero = np.zeros((3, 4), np.uint8)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(octahedral(zero), 0)
