from __future__ import annotations

import pytest

from caption.vlm.answers import Shortened
from caption.vlm.shortening import broken, chain


def words(count: int) -> str:
    return " ".join(["word"] * count)


def answer(detailed: int, shorter: list[int]) -> Shortened:
    return Shortened(image="a", detailed=words(detailed), shorter=[words(n) for n in shorter])


GOOD = [30, 25, 20, 18, 15, 12, 10, 8, 6, 5]


def test_a_good_chain_is_left_alone() -> None:
    assert broken(answer(40, GOOD), count=10) == ""
    assert [len(text.split()) for text in chain(answer(40, GOOD))] == [40, *GOOD]


def test_a_chain_is_put_in_order() -> None:
    found = chain(answer(40, [5, 30, 12]))
    assert [len(text.split()) for text in found] == [40, 30, 12, 5]


@pytest.mark.parametrize(
    ("detailed", "shorter", "said"),
    [
        (41, GOOD, "41 words"),
        (40, GOOD[1:], "9 texts"),
        (40, [*GOOD[1:], 0], "9 texts"),
        (20, GOOD, "30 words"),
        (40, [*GOOD[:-1], 6], "6 words"),
    ],
)
def test_what_is_wrong_is_said(detailed: int, shorter: list[int], said: str) -> None:
    assert said in broken(answer(detailed, shorter), count=10)
