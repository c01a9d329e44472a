from __future__ import annotations

import numpy as np
import pytest

from shards.voxels import clip_to_cubes, cubes_meet, cut_triangles, overlapping_voxels

SOUP = np.random.default_rng(0).uniform(0, 8, (40, 3, 3))
SMALL = SOUP.mean(axis=1, keepdims=True) + (SOUP - SOUP.mean(axis=1, keepdims=True)) / 20


def points_on(triangles: np.ndarray, count: int) -> np.ndarray:
    """(F, count, 3) points spread over triangles, corners among them."""
    weights = np.random.default_rng(1).dirichlet([0.7, 0.7, 0.7], count)
    weights[:3] = np.eye(3)
    return np.einsum("nc,fcd->fnd", weights, triangles)


@pytest.mark.parametrize("triangles", [SOUP, SMALL, np.concatenate([SOUP, SMALL])])
def test_every_point_of_a_triangle_is_in_a_voxel_of_it(triangles: np.ndarray) -> None:
    face, voxel = overlapping_voxels(triangles, resolution=8)
    found = set(zip(face.tolist(), map(tuple, voxel.tolist()), strict=True))
    assert len(found) == len(face)
    for row, points in enumerate(points_on(triangles, 3000)):
        for cell in np.unique(np.floor(points).astype(int).clip(0, 7), axis=0):
            assert (row, tuple(cell.tolist())) in found


def test_every_voxel_of_a_triangle_holds_a_piece_of_it() -> None:
    """Against areas: pieces add up to the triangles, so no voxel is missing; and none is empty."""
    pieces = cut_triangles(SOUP, resolution=8)
    sides = np.diff(SOUP, axis=1)
    areas = np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1) / 2
    np.testing.assert_allclose(np.bincount(pieces.face, pieces.area), areas, rtol=1e-12)
    assert (pieces.area > 0).all()


def test_points_of_pieces_are_on_the_triangle_and_in_the_voxel() -> None:
    pieces = cut_triangles(SOUP, resolution=8)
    assert (pieces.point >= pieces.voxel - 1e-9).all()
    assert (pieces.point <= pieces.voxel + 1 + 1e-9).all()
    corners = SOUP[pieces.face]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    off = ((pieces.point - corners[:, 0]) * normal).sum(axis=1)
    assert np.abs(off).max() < 1e-12


def test_a_triangle_in_a_wall_is_on_both_sides() -> None:
    wall = np.array([[[4.0, 1.2, 1.2], [4.0, 1.8, 1.2], [4.0, 1.2, 1.8]]])
    _, voxel = overlapping_voxels(wall, resolution=8)
    assert voxel.tolist() == [[3, 1, 1], [4, 1, 1]]
    pieces = cut_triangles(wall, resolution=8)
    np.testing.assert_allclose(pieces.area, [0.18, 0.18])


def test_what_lies_on_the_border_is_within() -> None:
    border = np.array([[[0.0, 1.2, 1.2], [0.0, 1.8, 1.2], [0.0, 1.2, 1.8]]])
    assert overlapping_voxels(border, resolution=8)[1].tolist() == [[0, 1, 1]]
    across = np.array([8.0, 0, 0])
    assert overlapping_voxels(border + across, resolution=8)[1].tolist() == [[7, 1, 1]]
    beyond = cut_triangles(border + 1.0001 * across, resolution=8)
    assert beyond.voxel.tolist() == [[7, 1, 1]]


@pytest.mark.parametrize("resolution", [1, 5, 8, 64])
def test_any_resolution(resolution: int) -> None:
    triangle = np.array([[[0, 0, 0], [resolution, 0, 0.5], [0, resolution, 0.5]]], np.float64)
    face, voxel = overlapping_voxels(triangle, resolution=resolution)
    # It lies in the lowest layer, in and below the diagonal.
    expected = [
        (x, y, 0) for x in range(resolution) for y in range(resolution) if x + y <= resolution
    ]
    assert [tuple(cell) for cell in voxel.tolist()] == expected
    assert (face == 0).all()


def test_cubes_that_only_the_nine_axes_tell_apart() -> None:
    """A triangle whose box and plane meet the cube though it passes an edge of it."""
    passing = np.array([[2.2, 0.0, -3], [0.0, 2.2, -3], [1.1, 1.1, 3]])
    meeting = passing - [0.2, 0.2, 0]
    assert cubes_meet(np.stack([passing, meeting]), 1.0).tolist() == [False, True]


def test_pieces_of_a_half_square() -> None:
    triangle = np.array([[[0.0, 0, 0.5], [2, 0, 0.5], [0, 2, 0.5]]])
    low = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]])
    area, point = clip_to_cubes(np.repeat(triangle, 4, axis=0), low)
    np.testing.assert_allclose(area, [1, 0.5, 0.5, 0], atol=1e-15)
    np.testing.assert_allclose(point[3], [1, 1, 0.5])


def test_no_triangles_and_no_area() -> None:
    assert len(cut_triangles(np.zeros((0, 3, 3)), resolution=4).face) == 0
    line = np.array([[[0.5, 0.5, 0.5], [2.5, 0.5, 0.5], [1.5, 0.5, 0.5]]])
    pieces = cut_triangles(line, resolution=4)
    assert pieces.voxel.tolist() == [[0, 0, 0], [1, 0, 0], [2, 0, 0]]
    assert pieces.area.tolist() == [0, 0, 0]
