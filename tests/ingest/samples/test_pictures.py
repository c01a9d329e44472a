from __future__ import annotations

import numpy as np
import pytest

from ingest.samples import pictures as draw
from ingest.samples.finish import linear, to_png
from partworks.geometry.texture import decode_image

BROWNS = [(60, 30, 10), (150, 100, 60)]
MAKERS = {
    "wood": lambda g: draw.wood(g, *BROWNS),
    "planks": lambda g: draw.planks(g, *BROWNS),
    "bricks": lambda g: draw.bricks(g, BROWNS, (200, 200, 190)),
    "shingles": lambda g: draw.shingles(g, BROWNS),
    "weave": lambda g: draw.weave(g, BROWNS),
    "leaves": lambda g: draw.leaves(g, BROWNS),
    "speckle": lambda g: draw.speckle(g, BROWNS),
    "bark": lambda g: draw.bark(g, BROWNS),
    "plates": lambda g: draw.plates(g, BROWNS),
}


@pytest.mark.parametrize("name", MAKERS)
def test_pictures_follow_from_their_seed(name: str) -> None:
    first, again, other = (MAKERS[name](np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.dtype == np.uint8 and first.ndim == 3 and first.shape[0] == first.shape[1]
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", ["wood", "speckle", "bark", "weave"])
def test_smooth_pictures_tile_without_a_seam(name: str) -> None:
    picture = MAKERS[name](np.random.default_rng(3)).astype(float)
    for axis in (0, 1):
        step = np.abs(np.diff(picture, axis=axis)).mean(axis=(1 - axis, 2))
        seam = np.abs(np.take(picture, 0, axis) - np.take(picture, -1, axis)).mean()
        assert seam <= step.max() * 1.2


def test_noise_tiles_and_spans_its_range() -> None:
    field = draw.noise(np.random.default_rng(4), across=0.1)
    assert field.min() == 0 and field.max() == 1
    inner = np.abs(np.diff(field, axis=1)).max()
    assert np.abs(field[:, 0] - field[:, -1]).max() <= inner * 1.5


def test_a_checker_has_as_many_squares_of_either_colour() -> None:
    board = draw.checker(((0, 0, 0), (255, 255, 255)), squares=4, size=16)
    assert board.mean() == pytest.approx(127.5)
    assert board[0, 0, 0] == 0 and board[0, 4, 0] == 255 and board[4, 4, 0] == 0


def test_a_reliefs_normals_lean_away_from_a_slope() -> None:
    u, _ = draw.coordinates(64)
    hill = 0.05 * np.sin(2 * np.pi * u)
    normal = draw.relief(hill, 1.0).astype(float) / 127.5 - 1
    assert normal[0, 0, 0] < -0.2  # rising towards the right, so leaning left
    assert normal[0, 32, 0] > 0.2
    assert np.allclose(normal[..., 1], 0, atol=0.01)


def test_linear_colours_are_those_of_the_standard() -> None:
    assert linear((0, 128, 255)) == (0.0, 0.2159, 1.0)


def test_a_png_holds_the_picture() -> None:
    picture = draw.wood(np.random.default_rng(5), *BROWNS)
    image = to_png(picture, "wood")
    assert (image.mime, image.name) == ("image/png", "wood")
    assert np.array_equal(decode_image(image)[..., :3], picture)
    assert to_png(picture, "wood").data == image.data
