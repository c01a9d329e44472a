from __future__ import annotations

import numpy as np
import pytest

from train.frames import Frame, random_rotation


def rows(seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    points = generator.uniform(-1, 1, (50, 3)) * [1.0, 0.5, 0.2] + [3.0, 0.0, -1.0]
    normals = generator.standard_normal((50, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return np.concatenate([points, normals], axis=1).astype(np.float32)


def test_rotations_are_rotations_and_uniform() -> None:
    generator = np.random.default_rng(0)
    rotations = np.stack([random_rotation(generator) for _ in range(4000)])
    identity = np.broadcast_to(np.eye(3), rotations.shape)
    np.testing.assert_allclose(rotations @ rotations.transpose(0, 2, 1), identity, atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(rotations), 1)
    # Of uniform rotations the mean is 0, and the trace 1 + 2 cos has the mean 0 as well.
    assert np.abs(rotations.mean(axis=0)).max() < 0.05
    # Each entry is the coordinate of a uniform unit vector, whose square has the mean 1/3.
    np.testing.assert_allclose((rotations**2).mean(axis=0), 1 / 3, atol=0.02)


def test_a_fitted_frame_spans_the_cube() -> None:
    generator = np.random.default_rng(1)
    given = rows()
    frame = Frame.fitted(given[:, :3], rotation=random_rotation(generator))
    inside = frame.points(given[:, :3])
    low, high = inside.min(axis=0), inside.max(axis=0)
    np.testing.assert_allclose(low + high, 0, atol=1e-6)
    assert (high - low).max() == pytest.approx(2, abs=1e-6)


def test_there_and_back_is_where_it_was() -> None:
    frame = Frame(
        rotation=random_rotation(np.random.default_rng(2)), center=np.array([1.0, 2, 3]), scale=0.3
    )
    given = rows()[:, :3]
    np.testing.assert_allclose(frame.back(frame.points(given)), given, atol=1e-6)


def test_normals_turn_and_keep_their_length() -> None:
    frame = Frame(rotation=random_rotation(np.random.default_rng(3)), center=np.ones(3), scale=0.1)
    given = rows()
    turned = frame.rows(given)
    np.testing.assert_allclose(np.linalg.norm(turned[:, 3:], axis=1), 1, atol=1e-6)
    # The angle between a normal and the way from one point to another stays.
    before = ((given[1:, :3] - given[:-1, :3]) * given[1:, 3:]).sum(axis=1)
    after = ((turned[1:, :3] - turned[:-1, :3]) * turned[1:, 3:]).sum(axis=1) * frame.scale
    np.testing.assert_allclose(after, before, atol=1e-5)
