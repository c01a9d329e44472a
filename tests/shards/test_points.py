from __future__ import annotations

import numpy as np
import pytest

from shards.points import PointsConfig, sample_points
from tests.shards.shapes import ball, box, object_of

SMALL = PointsConfig(part_points=64, object_points=100)
FULL = PointsConfig(part_points=64, object_points=100, sharp_points=32, farthest=16, box_points=24)


def two() -> tuple:
    first, second = box(2, 1, 1), ball(0.5)
    second.apply_translation([0, 1, 0])
    return object_of(first, second)


def draw(config: PointsConfig, *, seed: int = 0) -> dict[str, np.ndarray]:
    surface, selection = two()
    return sample_points(surface, selection, config=config, generator=np.random.default_rng(seed))


def test_what_is_always_there() -> None:
    arrays = draw(SMALL)
    assert {name: array.shape for name, array in arrays.items()} == {
        "part_surface": (2, 64, 6),
        "object_surface": (100, 6),
        "part_box": (2, 2, 3),
        "part_center": (2, 3),
        "part_scale": (2,),
    }
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float32)}


def test_what_is_asked_for() -> None:
    arrays = draw(FULL)
    shapes = {name: array.shape for name, array in arrays.items() if name not in draw(SMALL)}
    assert shapes == {
        "part_sharp": (2, 32, 6),
        "object_sharp": (32, 6),
        "box_surface": (2, 24, 6),
        "part_farthest": (2, 16),
        "object_farthest": (16,),
    }
    assert arrays["part_farthest"].dtype == arrays["object_farthest"].dtype == np.int32


def test_an_option_leaves_the_other_points_alone() -> None:
    plain, full = draw(SMALL), draw(FULL)
    for name, array in plain.items():
        np.testing.assert_array_equal(array, full[name])


def test_center_and_scale_take_a_part_to_the_unit_cube() -> None:
    arrays = draw(SMALL)
    moved = arrays["part_box"] - arrays["part_center"][:, None]
    unit = moved / arrays["part_scale"][:, None, None]
    np.testing.assert_allclose(unit[0], [[-1, -0.5, -0.5], [1, 0.5, 0.5]])
    np.testing.assert_allclose(unit[1], [[-1, -1, -1], [1, 1, 1]], atol=1e-6)


def test_points_of_a_part_are_its_own() -> None:
    arrays = draw(FULL)
    on_ball = np.linalg.norm(arrays["part_surface"][1, :, :3] - [0, 1, 0], axis=1)
    np.testing.assert_allclose(on_ball, 0.5, atol=2e-3)
    on_box = np.abs(arrays["part_sharp"][0, :, :3]) / [1, 0.5, 0.5]
    assert (np.isclose(on_box, 1).sum(axis=1) >= 2).all()
    assert np.isclose(np.abs(arrays["box_surface"][1, :, :3] - [0, 1, 0]).max(axis=1), 0.5).all()


def test_orders_start_at_the_first_row_and_name_the_farthest() -> None:
    arrays = draw(FULL)
    orders = [*arrays["part_farthest"], arrays["object_farthest"]]
    points = [*arrays["part_surface"], arrays["object_surface"]]
    for order, rows in zip(orders, points, strict=True):
        assert order[0] == 0
        assert len(set(order)) == 16
        distance = np.linalg.norm(rows[:, :3] - rows[0, :3], axis=1)
        assert distance[order[1]] == pytest.approx(distance.max())


def test_the_generator_decides() -> None:
    first, again, other = (draw(FULL, seed=seed) for seed in (0, 0, 1))
    assert {name: array.tobytes() for name, array in first.items()} == {
        name: array.tobytes() for name, array in again.items()
    }
    assert first["object_surface"].tobytes() != other["object_surface"].tobytes()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("part_points", 0),
        ("object_points", -1),
        ("sharp_points", -1),
        ("sharp_angle", 181.0),
        ("farthest", 4097),
        ("box_points", 1 << 21),
    ],
)
def test_settings_out_of_range_are_refused(setting: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"shards\.points\.{setting} is {value}, expected"):
        PointsConfig(**{setting: value})
