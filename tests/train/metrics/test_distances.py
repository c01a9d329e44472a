from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.train.metrics.solids import EMPTY, ball, tile
from train.metrics import distances
from train.metrics.distances import (
    Match,
    all_pairs,
    chamfer,
    f_score,
    match,
    nearest,
    normal_consistency,
)
from train.metrics.mesh import TriangleMesh
from train.metrics.sampling import SurfacePoints, sample_surface


def cloud(
    *points: tuple[float, float, float], normal: tuple[float, ...] = (0, 1, 0)
) -> SurfacePoints:
    places = np.array(points, np.float64).reshape(-1, 3)
    return SurfacePoints(
        points=places, normals=np.tile(np.array(normal, np.float64), (len(places), 1))
    )


def compare(first: TriangleMesh, second: TriangleMesh, *, count: int = 20_000) -> Match:
    generator = np.random.default_rng(0)
    return match(
        sample_surface(first, count=count, generator=generator),
        sample_surface(second, count=count, generator=generator),
    )


def test_two_points_are_twice_their_distance_apart() -> None:
    found = chamfer(match(cloud((0, 0, 0)), cloud((3, 4, 0))))
    assert found.summed == 10
    assert found.halved == 5


def test_the_means_are_taken_over_each_side() -> None:
    found = match(cloud((0, 0, 0)), cloud((1, 0, 0), (4, 0, 0)))
    assert chamfer(found).summed == 1 + (1 + 4) / 2
    assert chamfer(match(found.second, found.first)).summed == chamfer(found).summed


def test_a_translated_plane_is_as_far_as_it_was_moved() -> None:
    """Points of one square lie straight over those of the other but for the gaps between them."""
    found = compare(tile(0.0), tile(0.25), count=100_000)
    assert chamfer(found).summed == pytest.approx(0.5, rel=1e-3)
    assert f_score(found, threshold=0.26) == 1
    assert f_score(found, threshold=0.2) == 0
    assert normal_consistency(found) == pytest.approx(1)


def test_spheres_of_two_radii() -> None:
    found = compare(ball(0.5), ball(0.6))
    assert chamfer(found).halved == pytest.approx(0.1, rel=1e-2)
    assert normal_consistency(found) == pytest.approx(1, abs=1e-3)


def test_identical_meshes_are_as_near_as_their_points_are_to_one_another() -> None:
    """Two draws of n points on area A: the mean distance to the nearest is √(A / n) / 2."""
    mesh = tile()
    found = compare(mesh, mesh)
    assert chamfer(found).halved == pytest.approx(0.5 * np.sqrt(4 / 20_000), rel=0.03)
    assert f_score(found, threshold=0.05) == 1
    same = sample_surface(mesh, count=100, generator=np.random.default_rng(0))
    assert chamfer(match(same, same)).summed == 0


def test_the_f_score_is_the_harmonic_mean_of_precision_and_recall() -> None:
    predicted = cloud((0, 0, 0), (9, 0, 0))
    true = cloud((0, 0, 0.01), (0, 0, -0.01), (0, 5, 0), (0, -5, 0))
    # Half of what is predicted is right, half of what is true is found.
    assert f_score(match(predicted, true), threshold=0.02) == 0.5
    lone = match(cloud((0, 0, 0)), true)
    assert f_score(lone, threshold=0.02) == pytest.approx(2 * 1 * 0.5 / 1.5)
    assert f_score(lone, threshold=0.001) == 0


def test_normals_count_as_lines() -> None:
    level, slanted = cloud((0, 0, 0)), cloud((0, 0, 0), normal=(0, 0.6, 0.8))
    assert normal_consistency(match(level, cloud((0, 0, 0), normal=(0, -1, 0)))) == 1
    assert normal_consistency(match(level, slanted)) == pytest.approx(0.6)
    assert normal_consistency(compare(tile(), tile(turned=True))) == pytest.approx(1)


def test_nothing_agrees_with_nothing_alone() -> None:
    both, one = compare(EMPTY, EMPTY), compare(EMPTY, ball(subdivisions=1))
    assert chamfer(both).summed == 0
    assert f_score(both, threshold=0.1) == normal_consistency(both) == 1
    assert chamfer(one).summed == chamfer(one).halved == np.inf
    assert f_score(one, threshold=0.1) == normal_consistency(one) == 0


def test_all_pairs_find_what_the_tree_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "_CHUNK", 5000)
    generator = np.random.default_rng(0)
    points, others = generator.normal(size=(300, 3)), generator.normal(size=(700, 3))
    tree = nearest(points, others)
    pairs = all_pairs(points, others, device=torch.device("cpu"))
    assert np.array_equal(pairs.index, tree.index)
    assert pairs.distance == pytest.approx(tree.distance, abs=1e-6)
    by_hand = np.linalg.norm(points[:, None] - others, axis=2)
    assert np.array_equal(tree.index, by_hand.argmin(axis=1))
    assert tree.distance == pytest.approx(by_hand.min(axis=1))


def test_all_pairs_tell_near_points_far_from_the_origin_apart() -> None:
    points = np.array([[1.0, 1.0, 1.0]])
    found = all_pairs(points, points + np.array([2e-4, 0, 0]), device=torch.device("cpu"))
    assert found.distance[0] == pytest.approx(2e-4, rel=1e-3)
