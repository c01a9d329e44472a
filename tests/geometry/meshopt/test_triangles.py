from __future__ import annotations

import numpy as np
import pytest

from partworks.geometry.meshopt.damage import Damaged
from partworks.geometry.meshopt.triangles import decode_triangles
from tests.geometry.meshopt.reference import Case, cases, parametrized

CASES = cases("TRIANGLES")


@parametrized(CASES)
def test_a_stream_is_decoded_as_published(case: Case) -> None:
    case.check(decode_triangles(case.stream, count=case.count).astype(f"<u{case.size}").tobytes())


def test_triangles_keep_the_order_and_corners_of_a_grid() -> None:
    """The encoder may turn a triangle's corners round; which triangle comes when is kept."""
    case = next(case for case in CASES if case.name == "triangles grid 4")
    decoded = np.sort(decode_triangles(case.stream, count=case.count).reshape(-1, 3), axis=1)
    x, y = np.meshgrid(np.arange(14), np.arange(14))
    corner = (15 * y + x).reshape(-1)
    lower = np.stack([corner, corner + 1, corner + 15], axis=1)
    upper = np.stack([corner + 1, corner + 15, corner + 16], axis=1)
    np.testing.assert_array_equal(decoded, np.stack([lower, upper], axis=1).reshape(-1, 3))


@parametrized(CASES)
def test_a_stream_of_another_length_is_damaged(case: Case) -> None:
    table = case.stream[-16:]
    for broken in (case.stream[:-17] + table, case.stream[:-16] + bytes(1) + table):
        with pytest.raises(Damaged, match=r"early|left over"):
            decode_triangles(broken, count=case.count)


def test_what_is_no_triangle_stream_is_refused() -> None:
    for data, count in ((b"", 3), (b"\xe2" + bytes(30), 3), (b"\xe1" + bytes(9), 30)):
        with pytest.raises(Damaged):
            decode_triangles(data, count=count)
    with pytest.raises(Damaged, match="three a triangle"):
        decode_triangles(CASES[0].stream, count=4)


def test_random_bytes_never_raise_anything_else() -> None:
    generator = np.random.default_rng(5)
    outcomes = set()
    for trial in range(300):
        case = CASES[trial % len(CASES)]
        broken = np.frombuffer(case.stream, np.uint8).copy()
        broken[generator.integers(1, len(broken), 2)] = generator.integers(0, 256, 2)
        try:
            outcomes.add(len(decode_triangles(broken.tobytes(), count=case.count)) == case.count)
        except Damaged:
            outcomes.add("damaged")
    assert outcomes == {True, "damaged"}
