from __future__ import annotations

import numpy as np
import pytest

from train.queries import BOUND, QueryConfig, draw_queries, normalise

CONFIG = QueryConfig(surface=50, near=40, volume=60, near_sigma=0.02)


@pytest.fixture
def surface() -> np.ndarray:
    directions = np.random.default_rng(0).normal(size=(300, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return np.concatenate([directions, directions], axis=1).astype(np.float32)


def test_normalise_takes_the_box_to_the_cube() -> None:
    box = np.array([[1, 2, 3], [5, 4, 4]], np.float32)
    corners = np.concatenate([box, np.tile(np.float32([0, 1, 0]), (2, 1))], axis=1)
    normal = normalise(corners, box)
    np.testing.assert_allclose(normal[:, :3], [[-1, -0.5, -0.25], [1, 0.5, 0.25]])
    np.testing.assert_array_equal(normal[:, 3:], corners[:, 3:])
    assert normal.dtype == np.float32


def test_distance_is_that_of_the_nearest_point(surface: np.ndarray) -> None:
    drawn = draw_queries(surface, CONFIG, generator=np.random.default_rng(0))
    gaps = drawn["queries"][:, None] - surface[None, :, :3]
    expected = np.linalg.norm(gaps, axis=2).min(axis=1)
    np.testing.assert_allclose(drawn["distance"], expected, rtol=1e-5)
    assert {array.dtype for array in drawn.values()} == {np.dtype(np.float32)}


def test_near_points_are_near_and_volume_points_fill_the_cube(surface: np.ndarray) -> None:
    config = QueryConfig(surface=10, near=2000, volume=4000, near_sigma=0.02)
    drawn = draw_queries(surface, config, generator=np.random.default_rng(0))
    near, volume = np.split(drawn["queries"], [2000])
    assert np.abs(np.linalg.norm(near, axis=1) - 1).mean() < 0.02
    assert np.abs(volume).max() <= BOUND
    np.testing.assert_allclose(volume.std(axis=0), 2 * BOUND / np.sqrt(12), rtol=0.03)


def test_the_encoder_gets_points_of_the_surface_without_repeats(surface: np.ndarray) -> None:
    drawn = draw_queries(surface, CONFIG, generator=np.random.default_rng(0))["surface"]
    assert drawn.shape == (50, 6)
    rows = {row.tobytes() for row in surface}
    assert len({row.tobytes() for row in drawn} & rows) == 50


def test_the_generator_decides(surface: np.ndarray) -> None:
    drawn = [
        draw_queries(surface, CONFIG, generator=np.random.default_rng(seed))["queries"].tobytes()
        for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("setting", ["surface", "near", "volume", "near_sigma"])
def test_impossible_settings_are_refused(setting: str) -> None:
    with pytest.raises(ValueError, match=f"queries.{setting} is 0"):
        QueryConfig(**{setting: 0})
