from __future__ import annotations

import numpy as np
import pytest

from partworks.geometry.meshopt.attributes import decode_attributes
from partworks.geometry.meshopt.damage import Damaged
from tests.geometry.meshopt.reference import Case, cases, parametrized

CASES = cases("ATTRIBUTES")


@parametrized(CASES)
def test_a_stream_is_decoded_as_published(case: Case) -> None:
    case.check(decode_attributes(case.stream, count=case.count, stride=case.size).tobytes())


def test_the_cases_use_every_kind_of_channel() -> None:
    kinds = set()
    for case in CASES:
        if case.stream[0] == 0xA1:
            kinds |= {byte & 3 for byte in case.stream[-(case.size // 4) :]}
    assert kinds == {0, 1, 2}


def test_a_stream_written_out_by_hand() -> None:
    """One element, all differences zero: the element is the one at the end."""
    tail = bytes(28) + bytes([1, 2, 3, 4])
    stream = b"\xa0" + bytes(4) + tail
    np.testing.assert_array_equal(decode_attributes(stream, count=1, stride=4), [[1, 2, 3, 4]])


@parametrized(CASES)
def test_a_stream_of_another_length_is_damaged(case: Case) -> None:
    least, own = {0xA0: (32, case.size), 0xA1: (24, case.size + case.size // 4)}[case.stream[0]]
    end = len(case.stream) - max(least, own)
    tail = case.stream[end:]
    for broken in (case.stream[: end - 1] + tail, case.stream[:end] + bytes(1) + tail):
        with pytest.raises(Damaged, match=r"early|left over"):
            decode_attributes(broken, count=case.count, stride=case.size)
    with pytest.raises(Damaged, match="tail"):
        decode_attributes(case.stream[:20], count=case.count, stride=case.size)


@pytest.mark.parametrize("stride", [0, 3, 260])
def test_elements_of_a_wrong_size_are_refused(stride: int) -> None:
    with pytest.raises(Damaged, match="multiple of 4"):
        decode_attributes(b"\xa0" + bytes(64), count=1, stride=stride)


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(Damaged, match="a2"):
        decode_attributes(b"\xa2" + bytes(64), count=1, stride=4)


def test_random_bytes_never_raise_anything_else() -> None:
    generator = np.random.default_rng(3)
    outcomes = set()
    for trial in range(300):
        case = CASES[trial % len(CASES)]
        broken = np.frombuffer(case.stream, np.uint8).copy()
        broken[generator.integers(1, len(broken), 3)] = generator.integers(0, 256, 3)
        try:
            decoded = decode_attributes(broken.tobytes(), count=case.count, stride=case.size)
            outcomes.add(decoded.shape == (case.count, case.size))
        except Damaged:
            outcomes.add("damaged")
    assert outcomes == {True, "damaged"}
