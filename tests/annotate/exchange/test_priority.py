from collections import Counter

import pytest

from annotate.exchange.priority import Priorities, Weights, expected_effort
from partworks.artifacts.segments import Segments
from tests.annotate.shapes import tree


def of_heights(*heights: float) -> Segments:
    merges = [(0 if row == 0 else len(heights) + row, row + 1, h) for row, h in enumerate(heights)]
    return tree([1.0] * (len(heights) + 1), merges)


def test_effort_is_the_sum_of_doubts() -> None:
    assert expected_effort(of_heights(0.0, 1.0)) == 0
    assert expected_effort(of_heights(0.1, 0.5, 0.8)) == pytest.approx(0.1 + 0.5 + 0.2)
    assert expected_effort(tree([1.0], [])) == 0


def test_easy_objects_come_first_or_last() -> None:
    sure, unsure = of_heights(0.0, 1.0), of_heights(0.5, 0.5)
    for order, sign in (("easy", 1), ("hard", -1)):
        weights = Weights.of(order)  # type: ignore[arg-type]
        first, second = (
            Priorities(weights).of(segments, category="", disagreed=False)
            for segments in (sure, unsure)
        )
        assert (first - second) * sign > 0


def test_categories_take_turns_and_disputes_come_first() -> None:
    segments = of_heights(0.5)
    priorities = Priorities(Weights(), known=Counter({"chair": 5}))

    def next_of(category: str, *, disagreed: bool = False) -> float:
        return priorities.of(segments, category=category, disagreed=disagreed)

    lamp, chair, other_lamp = next_of("lamp"), next_of("chair"), next_of("lamp")
    assert lamp > other_lamp > chair
    assert next_of("chair", disagreed=True) > lamp
