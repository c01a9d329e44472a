from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from partworks import quantities
from partworks.report.charts import (
    HEIGHT,
    MAX_BARS,
    WIDTH,
    BoxPlot,
    bin_edges,
    box_plot,
    histogram,
)


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([6], [3, 4, 5, 6, 7, 8, 9, 10, 11]),
        ([0], [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ([2, 22], list(range(2, 25, 2))),
        ([1, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ([37, 484], list(range(0, 501, 50))),
        ([3, 1200], [2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]),
        ([0, 70], [0, 1, 2, 5, 10, 20, 50, 100]),
        ([0, 100], [0, 1, 2, 5, 10, 20, 50, 100, 200]),
    ],
)
def test_bin_edges(values: list[int], edges: list[int]) -> None:
    assert bin_edges(np.array(values)) == edges


def test_every_value_falls_into_a_bin() -> None:
    generator = np.random.default_rng(0)
    for _ in range(300):
        low, span = generator.integers(0, 3000), 10 ** generator.uniform(0, 7)
        values = generator.integers(low, low + int(span) + 1, 40)
        edges = bin_edges(values)
        assert all(first < second for first, second in pairwise(edges))
        assert edges[0] <= values.min() and values.max() < edges[-1]
        assert edges[0] >= 0 and 2 <= len(edges) - 1 <= MAX_BARS + 8


def test_bars_stand_on_the_axis_and_are_as_high_as_they_hold() -> None:
    plot = histogram("Parts", np.array([1, 1, 1, 1, 2, 4]))
    heights = {bar.label: bar.height for bar in plot.bars}
    assert heights["1: 4 objects"] == HEIGHT
    assert heights["2: 1 object"] == pytest.approx(HEIGHT / 4, abs=0.1)
    assert heights["3: 0 objects"] == 0
    assert all(bar.y + bar.height == pytest.approx(HEIGHT, abs=0.1) for bar in plot.bars)
    assert plot.bars[-1].x + plot.bars[-1].width < WIDTH
    assert plot.peak == "4"
    assert plot.summary == "6 objects, 1 to 4, median 1, sum 10"
    assert [tick.label for tick in plot.ticks][:3] == ["0", "1", "2"]


def test_bins_of_several_numbers_say_their_span() -> None:
    plot = histogram("Faces", np.array([3, 1200, 1999]))
    assert plot.bars[-1].label == "1,000 to 1,999: 2 objects"
    assert [tick.label for tick in plot.ticks] == ["2", "10", "50", "200", "1k"]


def make_plot(**rows: list[float]) -> BoxPlot | None:
    return box_plot(
        "Time",
        {name: np.array(values, float) for name, values in rows.items()},
        least=1e-3,
        words=quantities.duration,
        tick=lambda seconds: f"{seconds:g} s",
    )


def test_a_box_plot_is_logarithmic() -> None:
    plot = make_plot(a=[0.01] * 5, b=[0.1] * 5, empty=[], c=[10.0] * 5)
    assert plot is not None
    assert [(tick.x, tick.label) for tick in plot.ticks] == [
        (0.0, "0.01 s"),
        (pytest.approx(WIDTH / 3, abs=0.1), "0.1 s"),
        (pytest.approx(WIDTH * 2 / 3, abs=0.1), "1 s"),
        (WIDTH, "10 s"),
    ]
    assert [box.name for box in plot.boxes] == ["a", "b", "c"]
    assert [box.middle for box in plot.boxes] == [plot.ticks[i].x for i in (0, 1, 3)]
    assert plot.boxes[1].summary == "median 0.10 s, largest 0.10 s, sum 0.50 s"


def test_the_marks_of_a_box_are_percentiles() -> None:
    values = [float(10 ** (k / 50)) for k in range(101)]
    plot = make_plot(a=values)
    assert plot is not None
    (box,) = plot.boxes
    marks = [box.low, box.lower, box.middle, box.upper, box.high, box.top]
    assert plot.ticks[0].label == "1 s" and plot.ticks[-1].label == "100 s"
    assert marks == pytest.approx([WIDTH * share for share in (0.05, 0.25, 0.5, 0.75, 0.95, 1)])


def test_zeros_and_single_values_have_a_place() -> None:
    plot = make_plot(a=[0.0], b=[0.0, 0.001])
    assert plot is not None
    assert all(0 <= box.low <= box.top <= WIDTH for box in plot.boxes)
    assert len(plot.ticks) >= 2


def test_nothing_to_plot() -> None:
    assert make_plot(a=[]) is None
