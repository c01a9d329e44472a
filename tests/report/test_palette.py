from __future__ import annotations

from itertools import combinations

import numpy as np

from partworks.report.palette import PALETTE, UNLABELLED, borders, choose_colors


def test_colours_are_apart() -> None:
    colors = np.array([*PALETTE, UNLABELLED])
    distances = [np.linalg.norm(a - b) for a, b in combinations(colors, 2)]
    assert min(distances) > 40


def test_few_labels_have_a_colour_each() -> None:
    labels = np.zeros((2, 2), int)
    assert choose_colors(labels, len(PALETTE)).tolist() == list(range(len(PALETTE)))


def test_labels_that_touch_differ_however_many_there_are() -> None:
    generator = np.random.default_rng(3)
    sites = generator.uniform(0, 120, (150, 2))
    y, x = np.mgrid[:120, :120]
    far = (y[..., None] - sites[:, 0]) ** 2 + (x[..., None] - sites[:, 1]) ** 2
    labels = far.argmin(axis=-1)
    colors = choose_colors(labels, 151)
    assert len(colors) == 151 and set(colors) <= set(range(len(PALETTE)))
    picture = colors[labels]
    np.testing.assert_array_equal(borders(picture), borders(labels))
    plain = (np.arange(151) % len(PALETTE))[labels]
    assert not np.array_equal(borders(plain), borders(labels)), "the test would always pass"


def test_borders() -> None:
    labels = np.array([[0, 0, 1, -2], [0, 0, 1, -2], [-1, 2, 2, -2], [-2, -2, -2, -2]])
    expected = np.array([[0, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]], bool)
    np.testing.assert_array_equal(borders(labels), expected)
