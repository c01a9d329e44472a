from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from shards.card_pictures import SHOWN_WIDTH, Bar, Chart, histogram, ranking

BLUE = (66, 113, 181)


def bars(*counts: int) -> tuple[Bar, ...]:
    return tuple(Bar(label=str(number), count=count) for number, count in enumerate(counts))


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        assert image.width == 2 * SHOWN_WIDTH
        return np.asarray(image.convert("RGBA"))


def blue(data: bytes) -> np.ndarray:
    return (pixels(data)[..., :3] == BLUE).all(axis=2)


def test_heights_are_in_proportion() -> None:
    found = blue(histogram(Chart(title="t", summary="s", bars=bars(4, 2, 0, 1))))
    columns = np.array_split(found[:, 56:-56], 4, axis=1)
    heights = [int(column.any(axis=1).sum()) for column in columns]
    assert heights[2] == 0
    assert heights[0] == pytest.approx(2 * heights[1], abs=3)
    assert heights[0] == pytest.approx(4 * heights[3], abs=3)


def test_lengths_are_in_proportion() -> None:
    found = blue(ranking(Chart(title="t", summary="s", bars=bars(300, 100, 0))))
    rows = [int(row.sum()) for row in found if row.any()]
    assert max(rows) == pytest.approx(3 * min(rows), abs=3)
    assert len(rows) == 2 * 33


def test_a_rare_bar_can_still_be_seen() -> None:
    assert blue(histogram(Chart(title="t", summary="s", bars=bars(10**6, 1))))[:, 700:].any()


@pytest.mark.parametrize("draw", [histogram, ranking])
def test_the_panel_is_light_and_its_corners_are_clear(draw) -> None:
    found = pixels(draw(Chart(title="t", summary="s", bars=bars(1, 2))))
    assert (found[[0, 0, -1, -1], [0, -1, 0, -1], 3] == 0).all()
    assert (found[8:-8, 8:-8, 3] == 255).all()
    assert np.median(found[8:-8, 8:-8, :3]) > 245


@pytest.mark.parametrize("draw", [histogram, ranking])
def test_the_same_counts_give_the_same_bytes(draw) -> None:
    chart = Chart(title="t", summary="s", bars=bars(1, 2, 3), end="3")
    assert draw(chart) == draw(chart)
    assert draw(chart) != draw(Chart(title="t", summary="s", bars=bars(1, 2, 4), end="3"))


@pytest.mark.parametrize("words", ["x" * 5000, "日本語 👩‍🔬", "a\x00\nb\ud800", ""])
def test_any_words_can_be_drawn_and_stay_in_their_room(words: str) -> None:
    chart = Chart(title=words, summary=words, bars=(Bar(label=words, count=3),))
    found = pixels(ranking(chart))
    dark = (found[..., :3].max(axis=2) < 128) & (found[..., 3] > 0)
    assert not dark[:, -40:].any()
    assert not dark[:, :40].any()


def test_many_bars_have_few_labels() -> None:
    chart = Chart(title="t", summary="s", bars=bars(*range(200)))
    assert pixels(histogram(chart)).shape[0] < 600
