import numpy as np

from caption.composite.choice import spread_views


def ring(count: int) -> np.ndarray:
    turn = np.arange(count) * 2 * np.pi / count
    return np.stack([np.sin(turn), np.zeros(count), np.cos(turn)], axis=1)


def test_views_look_from_sides_that_differ() -> None:
    assert spread_views(ring(8), allowed=range(8), count=1) == [0]
    assert spread_views(ring(8), allowed=range(8), count=2) == [0, 4]
    four = spread_views(ring(8), allowed=range(8), count=4)
    assert four == [0, 2, 4, 6]


def test_only_what_is_allowed() -> None:
    assert spread_views(ring(8), allowed=[3, 4, 5], count=4) == [3, 4, 5]
    assert spread_views(ring(8), allowed=[], count=8) == list(range(8)), "better than nothing"
