from __future__ import annotations

import numpy as np
import pytest

from train.frames import BOUND, Frame, random_rotation
from train.queries import FieldRows, QueryConfig, draw_queries, draw_surface, no_queries

CENTER, RADIUS, TRUNCATION = np.array([0.3, -0.2, 0.1]), 0.2, 0.1


def ball(count: int = 500) -> FieldRows:
    """The field of a ball, whose distances are known everywhere."""
    generator = np.random.default_rng(0)
    normals = generator.standard_normal((count, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    surface = np.concatenate([CENTER + RADIUS * normals, normals], axis=1).astype(np.float32)
    near = surface[:, :3] + generator.normal(scale=0.01, size=(count, 3))
    volume = CENTER + RADIUS * generator.uniform(-BOUND, BOUND, (count, 3))

    def with_distance(points: np.ndarray) -> np.ndarray:
        limit = TRUNCATION * RADIUS
        return np.column_stack([points, distance(points).clip(-limit, limit)]).astype(np.float32)

    return FieldRows(
        surface=surface,
        near=with_distance(near),
        volume=with_distance(volume),
        center=CENTER,
        scale=RADIUS,
        truncation=TRUNCATION * RADIUS,
    )


def distance(points: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.linalg.norm(points - CENTER, axis=1) - RADIUS
    return found


def frames() -> list[Frame]:
    rotation = random_rotation(np.random.default_rng(5))
    return [
        Frame.upright(CENTER, RADIUS),
        Frame.upright(np.zeros(3), 1.0),
        Frame(rotation=rotation, center=rotation @ CENTER, scale=RADIUS),
        Frame(rotation=rotation, center=np.zeros(3), scale=np.sqrt(3.0)),
    ]


@pytest.mark.parametrize("frame", frames(), ids=["part", "object", "turned", "turned object"])
def test_distances_are_those_of_the_ball_in_any_frame(frame: Frame) -> None:
    config = QueryConfig(count=900)
    drawn = draw_queries(ball(), config, frame=frame, generator=np.random.default_rng(1))
    true = distance(frame.back(drawn["queries"])).clip(-TRUNCATION * RADIUS, TRUNCATION * RADIUS)
    np.testing.assert_allclose(drawn["distance"] * frame.scale, true, atol=1e-6)
    surface = drawn["queries"][:300]
    outwards = frame.back(surface) - CENTER
    np.testing.assert_allclose(drawn["normals"], outwards @ frame.rotation.T / RADIUS, atol=1e-5)


def test_a_larger_frame_is_asked_all_over() -> None:
    """In the object's frame a small part has most of the space outside of its own cube."""
    config = QueryConfig(count=4000, surface_share=0, near_share=0)
    frame = Frame.upright(np.zeros(3), 1.0)
    drawn = draw_queries(ball(), config, frame=frame, generator=np.random.default_rng(1))
    octants = (drawn["queries"] > 0) @ [1, 2, 4]
    assert np.bincount(octants, minlength=8).min() > 350
    own = (np.abs(drawn["queries"] - CENTER) < BOUND * RADIUS).all(axis=1).mean()
    # A uniform point is replaced by one of the shards' where those know more.
    assert own == pytest.approx(((1 + TRUNCATION) * RADIUS / BOUND) ** 3, abs=0.005)


def test_shares_make_counts() -> None:
    config = QueryConfig(count=10, surface_share=1, near_share=1, volume_share=1)
    assert config.counts == (3, 4, 3)
    assert QueryConfig(count=7, surface_share=0, near_share=0).counts == (0, 0, 7)
    drawn = draw_queries(ball(), config, frame=frames()[0], generator=np.random.default_rng(0))
    assert drawn["near"].tolist() == [False] * 3 + [True] * 4 + [False] * 3
    empty = no_queries(config)
    assert {name: (array.shape, array.dtype) for name, array in drawn.items()} == {
        name: (array.shape, array.dtype) for name, array in empty.items()
    }


def test_no_row_comes_twice_before_all_came_once() -> None:
    config = QueryConfig(count=750, surface_share=0, volume_share=0)
    drawn = draw_queries(ball(), config, frame=frames()[0], generator=np.random.default_rng(0))
    rows, counts = np.unique(drawn["queries"], axis=0, return_counts=True)
    assert len(rows) == 500
    assert sorted(counts) == [1] * 250 + [2] * 250


def test_the_encoders_points_are_a_choice() -> None:
    rows = ball().surface
    frame = Frame.upright(np.zeros(3), 1.0)
    drawn = draw_surface(rows, 100, frame=frame, generator=np.random.default_rng(0))
    assert drawn.shape == (100, 6)
    assert len({row.tobytes() for row in drawn} & {row.tobytes() for row in rows}) == 100


@pytest.mark.parametrize(("setting", "message"), [
    ({"surface": 0}, r"queries\.surface is 0, expected at least 1"),
    ({"count": -1}, r"queries\.count is -1"),
    ({"near_share": -1}, "none below 0"),
    ({"surface_share": 0, "near_share": 0, "volume_share": 0}, "one above"),
])  # fmt: skip
def test_impossible_settings_are_refused(setting: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        QueryConfig(**setting)  # type: ignore[arg-type]
