"""Histograms and box plots as geometry, in units of the SVG's view box; the template draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.report import wording

WIDTH = 340.0
HEIGHT = 110.0
ROW = 36.0
MAX_BARS = 20
_LEAST_BARS = 8
_TICKS = 9
_WIDE_RANGE = 50
"""From this ratio of the largest to the smallest value on, bins grow 1, 2, 5, 10, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark on the horizontal axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bin of a histogram; `label` says in words what it holds."""

    x: float
    y: float
    width: float
    height: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How often which count occurs. `peak` is the height of the largest bar, in objects."""

    title: str
    summary: str
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    peak: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A row of a box plot: x of the 5th, 25th, 50th, 75th and 95th percentile and the maximum."""

    name: str
    y: float
    low: float
    lower: float
    middle: float
    upper: float
    high: float
    top: float
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxPlot:
    """One row a stage, on a logarithmic axis."""

    title: str
    boxes: tuple[Box, ...]
    ticks: tuple[Tick, ...]
    height: float


def histogram(title: str, values: NDArray[Any]) -> Histogram:
    """Bin whole numbers, (N,) ≥ 0 with N ≥ 1."""
    edges = bin_edges(values)
    heights, _ = np.histogram(values, bins=np.asarray(edges, np.float64))
    step = WIDTH / len(heights)
    peak = int(heights.max())
    bars = tuple(
        Bar(
            x=round(index * step + 0.5, 1),
            y=round(HEIGHT * (1 - number / peak), 1),
            width=round(step - 1, 1),
            height=round(HEIGHT * number / peak, 1),
            label=f"{_span(edges[index], edges[index + 1])}: {wording.plural(number, 'object')}",
        )
        for index, number in enumerate(heights.tolist())
    )
    return Histogram(
        title=title,
        summary=_summary(values),
        bars=bars,
        ticks=_edge_ticks(edges),
        peak=wording.count(peak),
    )


def _summary(values: NDArray[Any]) -> str:
    low, middle, high = np.percentile(values, [0, 50, 100])
    objects = wording.plural(len(values), "object")
    if low == high:
        return f"{objects}, {wording.count(low)} each"
    span = f"{wording.count(low)} to {wording.count(high)}"
    return f"{objects}, {span}, median {wording.count(middle)}, sum {wording.count(values.sum())}"


def bin_edges(values: NDArray[Any]) -> list[int]:
    """Edges of half-open bins over whole numbers: equal steps, or 1-2-5 where the range is wide."""
    low, high = int(values.min()), int(values.max())
    if high >= _WIDE_RANGE * max(low, 1):
        edges = _one_two_five(1, high + 1)
        first = sum(edge <= low for edge in edges) - 1
        return [0, *edges] if low < 1 else edges[first:]
    step = next(
        step for step in _one_two_five(1, 10 * (high + 1)) if high // step - low // step < MAX_BARS
    )
    first, last = low // step, high // step
    missing = max(0, _LEAST_BARS - (last - first + 1))
    before = min(first, missing // 2)
    return [step * index for index in range(first - before, last + missing - before + 2)]


def box_plot(
    title: str,
    rows: Mapping[str, NDArray[Any]],
    *,
    least: float,
    words: Callable[[float], str],
    tick: Callable[[float], str],
) -> BoxPlot | None:
    """A row for every name that has values; None if none has.

    Args:
        rows: name -> (N,) values ≥ 0.
        least: smaller values are drawn as this one, since the axis is logarithmic.
        words: says a value with its unit. tick: the same for a round one, in short.
    """
    rows = {name: np.maximum(values, least) for name, values in rows.items() if len(values)}
    if not rows:
        return None
    bottom = min(float(np.percentile(values, 5)) for values in rows.values())
    ticks = _log_ticks(bottom, max(float(values.max()) for values in rows.values()))
    start, span = log10(ticks[0]), log10(ticks[-1]) - log10(ticks[0])

    def place(value: float) -> float:
        return round(WIDTH * (log10(value) - start) / span, 1)

    boxes = tuple(
        _box(name, values, y=index * ROW, place=place, words=words)
        for index, (name, values) in enumerate(rows.items())
    )
    every = ceil(len(ticks) / _TICKS)
    marks = tuple(Tick(x=place(value), label=tick(value)) for value in ticks[::every])
    return BoxPlot(title=title, boxes=boxes, ticks=marks, height=len(boxes) * ROW)


def _box(
    name: str,
    values: NDArray[Any],
    *,
    y: float,
    place: Callable[[float], float],
    words: Callable[[float], str],
) -> Box:
    marks = [float(mark) for mark in np.percentile(values, [5, 25, 50, 75, 95, 100])]
    low, lower, middle, upper, high, top = (place(mark) for mark in marks)
    summary = (
        f"median {words(marks[2])}, largest {words(marks[5])}, sum {words(float(values.sum()))}"
    )
    return Box(
        name=name,
        y=y,
        low=low,
        lower=lower,
        middle=middle,
        upper=upper,
        high=high,
        top=top,
        summary=summary,
    )


def _one_two_five(low: int, high: int) -> list[int]:
    """1, 2, 5, 10, … from `low` until one is at least `high`."""
    found: list[int] = []
    power = 1
    while not found or found[-1] < high:
        found += [power * digit for digit in (1, 2, 5) if power * digit >= low]
        power *= 10
    last = next(index for index, edge in enumerate(found) if edge >= high)
    return found[: last + 1]


def _log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten around a range, with 2 and 5 between where it is narrow; at least two."""
    first, last = floor(log10(low)), max(ceil(log10(high)), floor(log10(low)) + 1)
    if last - first > 2:
        return [10.0**power for power in range(first, last + 1)]
    fine = [digit * 10.0**power for power in range(first, last + 1) for digit in (1, 2, 5)]
    start = sum(tick <= low for tick in fine) - 1
    stop = next((i for i, tick in enumerate(fine) if tick >= high), len(fine) - 1)
    return fine[max(start, 0) : max(stop, start + 1) + 1]


def _edge_ticks(edges: Sequence[int]) -> tuple[Tick, ...]:
    """Labels under the edges of bins, or under their middles where a bin is one number."""
    step = WIDTH / (len(edges) - 1)
    single = all(second - first == 1 for first, second in pairwise(edges))
    places = edges[:-1] if single else edges
    every = ceil(len(places) / _TICKS)
    return tuple(
        Tick(x=round((index + 0.5 * single) * step, 1), label=_short(edge))
        for index, edge in enumerate(places)
        if index % every == 0
    )


def _span(first: int, after: int) -> str:
    """The whole numbers of a half-open bin."""
    return wording.count(first) if after - first == 1 else f"{first:,} to {after - 1:,}"


def _short(number: int) -> str:
    """20000 as `20k`."""
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= size and number % (size // 10) == 0:
            return f"{number / size:g}{unit}"
    return str(number)
