from __future__ import annotations

import numpy as np
import pytest

from partworks.geometry.meshopt.damage import Damaged
from partworks.geometry.meshopt.sequence import decode_sequence
from tests.geometry.meshopt.reference import Case, cases, parametrized

CASES = cases("INDICES")


@parametrized(CASES)
def test_a_stream_is_decoded_as_published(case: Case) -> None:
    case.check(decode_sequence(case.stream, count=case.count).astype(f"<u{case.size}").tobytes())


def test_a_stream_written_out_by_hand() -> None:
    """Two baselines: +5, +300 on the other, -2 on the first, +0 on the other."""

    def number(change: int, baseline: int) -> bytes:
        value = (((change << 1) ^ (change >> 31)) << 1) | baseline
        digits = []
        while value >= 0x80:
            digits.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes([*digits, value])

    body = number(5, 0) + number(300, 1) + number(-2, 0) + number(0, 1)
    decoded = decode_sequence(b"\xd1" + body + bytes(4), count=4)
    np.testing.assert_array_equal(decoded, [5, 300, 3, 300])


@parametrized(CASES)
def test_another_number_of_indices_is_damaged(case: Case) -> None:
    for count in (case.count - 1, case.count + 1):
        with pytest.raises(Damaged, match=f"holds {case.count} indices"):
            decode_sequence(case.stream, count=count)


def test_broken_streams_are_refused() -> None:
    for data in (b"", b"\xd2" + bytes(9), b"\xd1\x80" + bytes(4), b"\xd1" + b"\x80" * 5 + bytes(5)):
        with pytest.raises(Damaged):
            decode_sequence(data, count=1)
    assert len(decode_sequence(b"\xd1" + bytes(4), count=0)) == 0
