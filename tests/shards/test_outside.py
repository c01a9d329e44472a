from __future__ import annotations

import numpy as np
import trimesh

from partworks.geometry.visibility import EmbreeCaster
from shards.outside import DIRECTIONS, seen_from_outside, sphere_directions
from tests.shards.shapes import ball, box, open_box


def caster(mesh: trimesh.Trimesh) -> EmbreeCaster:
    return EmbreeCaster(np.asarray(mesh.vertices), np.asarray(mesh.faces))


def seen(mesh: trimesh.Trimesh, points: list[list[float]]) -> list[bool]:
    at = np.array(points, np.float64)
    return seen_from_outside(caster(mesh), at, np.arange(len(at)), step=1e-4).tolist()


def test_only_the_outer_of_two_shells_is_seen() -> None:
    both = trimesh.util.concatenate([box(2, 2, 2), box(1, 1, 1)])
    assert seen(both, [[1, 0.2, 0.3], [0.5, 0.2, 0.3], [0, -1, 0], [0, -0.5, 0]]) == [
        True,
        False,
        True,
        False,
    ]


def test_an_open_box_is_seen_from_within() -> None:
    inner = ball(0.3)
    assert seen(trimesh.util.concatenate([open_box(), inner]), [[0, 0.3, 0], [-1, -0.9, 0]]) == [
        True,
        True,
    ]


def test_one_point_of_a_group_suffices() -> None:
    both = trimesh.util.concatenate([box(2, 2, 2), box(1, 1, 1)])
    points = np.array([[0.5, 0.2, 0.3], [1, 0.2, 0.3], [0.5, 0.1, 0.1]])
    found = seen_from_outside(caster(both), points, np.array([0, 0, 1]), step=1e-4)
    assert found.tolist() == [True, False]


def test_no_points() -> None:
    empty = seen_from_outside(
        caster(box(1, 1, 1)), np.zeros((0, 3)), np.zeros(0, np.int64), step=1e-4
    )
    assert empty.shape == (0,)


def test_directions_are_even() -> None:
    vectors = sphere_directions(DIRECTIONS)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1)
    np.testing.assert_allclose(vectors.mean(axis=0), 0, atol=0.01)
    cosine = vectors @ vectors.T - 2 * np.eye(DIRECTIONS)
    nearest = np.degrees(np.arccos(cosine.max(axis=1)))
    assert nearest.min() > 15
    assert nearest.max() < 26
