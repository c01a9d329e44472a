"""Large objects, and many of them: what is asserted is that all of it works; times are printed."""

from __future__ import annotations

import sys
import time

import pytest

from tests.annotate.viewer.conftest import Open
from tests.annotate.viewer.mock_server import MockReview
from tests.annotate.viewer.objects import chair, knot

pytestmark = pytest.mark.browser

PICKS = """() => {
  const times = [];
  for (let x = 180; x < 660; x += 12)
    for (let y = 60; y < 420; y += 12) {
      const hit = window.app.pickAt(x, y);
      if (hit) times.push(hit.ms);
    }
  times.sort((a, b) => a - b);
  return {count: times.length, median: times[times.length >> 1], most: times.at(-1)};
}"""


@pytest.mark.parametrize("faces", [20_000, pytest.param(500_000, marks=pytest.mark.slow)])
def test_a_large_object_is_shown_picked_and_merged(open_page: Open, faces: int) -> None:
    review = MockReview([knot(faces)])
    reviewer = open_page(review)
    start = time.monotonic()
    reviewer.page.goto(reviewer.address)
    reviewer.wait(lambda: reviewer.page.evaluate("() => !!window.app?.ready"), "an object")
    interactive = time.monotonic() - start
    reviewer.wait_ready()
    picks = reviewer.page.evaluate(PICKS)
    assert picks["count"] > 100
    reviewer.click(20)
    reviewer.click(21, add=True)
    reviewer.press("m")
    reviewer.wait_saved()
    assert len(review.tasks[0].state.groups) == 199
    timings = reviewer.page.evaluate("() => window.app.timings")
    sys.stdout.write(f"{faces} faces: interactive after {interactive:.2f} s, {timings}, {picks}\n")


DRAWN_MEMORY = """async () => {
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  return window.app.memory;
}"""
"""Lines between parts are on the graphics card a frame after they are known."""


@pytest.mark.parametrize("objects", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_memory_does_not_grow_with_objects(open_page: Open, objects: int) -> None:
    review = MockReview([chair(f"chair {number}") for number in range(objects)])
    reviewer = open_page(review)
    reviewer.open()
    counts = []
    for number in range(1, objects):
        memory = reviewer.page.evaluate(DRAWN_MEMORY)
        counts.append((memory["geometries"], memory["textures"], memory["programs"]))
        reviewer.press("Control+Enter")
        reviewer.wait_ready(task=number + 1)
    half = len(counts) // 2
    assert max(counts[half:]) <= max(counts[: half + 1])
