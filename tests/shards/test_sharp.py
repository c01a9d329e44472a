from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from shards.sharp import sample_sharp, sharp_edges
from tests.shards.shapes import ball, box, every, plane, surface_of, triangles

ROOT = np.sqrt(0.5)


def test_a_box_has_twelve_sharp_edges() -> None:
    surface = surface_of(box(2, 2, 2))
    edges = sharp_edges(surface, every(surface), angle=30)
    np.testing.assert_allclose(edges.lengths, np.full(12, 2.0))
    # Each lies between two sides: two of its coordinates are ±1 and the normal points there.
    middle = edges.ends.mean(axis=1)
    np.testing.assert_allclose(edges.normals, middle * ROOT, atol=1e-12)
    assert len(np.unique(middle, axis=0)) == 12


def test_the_angle_decides() -> None:
    surface = surface_of(box(1, 1, 1))
    assert len(sharp_edges(surface, every(surface), angle=89).normals) == 12
    assert len(sharp_edges(surface, every(surface), angle=91).normals) == 0


def test_a_turned_face_makes_no_edge_sharper() -> None:
    mesh = box(2, 2, 2)
    mesh.faces[0] = mesh.faces[0, ::-1]
    surface = surface_of(mesh)
    assert len(sharp_edges(surface, every(surface), angle=30).normals) == 12


def test_the_two_sides_of_a_sheet_and_its_rim_are_no_edges() -> None:
    sheet = plane()
    both = triangles(sheet.vertices, [*sheet.faces, *sheet.faces[:, ::-1]])
    assert len(sharp_edges(both, np.arange(4), angle=30).normals) == 0
    assert len(sharp_edges(both, np.arange(2), angle=30).normals) == 0


def test_only_edges_between_chosen_faces_count() -> None:
    mesh = box(2, 2, 2)
    surface = surface_of(mesh)
    sides = np.flatnonzero(np.abs(mesh.face_normals[:, 1]) < 0.5)
    assert len(sharp_edges(surface, sides, angle=30).normals) == 4


def test_points_are_even_by_length_on_the_edges() -> None:
    surface = surface_of(box(2, 1, 0.5))
    points = sample_sharp(
        surface, every(surface), count=7000, angle=30, generator=np.random.default_rng(0)
    ).astype(np.float64)
    assert points.shape == (7000, 6)
    # On an edge two coordinates are at the border, and there the normal is ±√½.
    at_border = np.isclose(np.abs(points[:, :3]), [1, 0.5, 0.25], atol=1e-6)
    inner = ~(np.abs(points[:, 3:]) > 0.5)
    assert (at_border.sum(axis=1) >= 2).all()
    np.testing.assert_allclose(np.abs(points[:, 3:][~inner]), ROOT, atol=1e-6)
    # Four edges along each axis, of lengths 2, 1 and 0.5.
    np.testing.assert_allclose(inner.sum(axis=0), [4000, 2000, 1000], atol=4)
    along = points[inner[:, 0], 0]
    counts, _ = np.histogram(along, bins=20, range=(-1, 1))
    assert scipy.stats.chisquare(counts).pvalue > 0.01
    # In random order: the first tenth is spread like the whole.
    assert inner[:700, 0].mean() == pytest.approx(4 / 7, abs=0.05)


def test_without_sharp_edges_points_are_even_by_area() -> None:
    surface = surface_of(ball())
    draw = {"count": 500, "generator": np.random.default_rng(5)}
    points = sample_sharp(surface, every(surface), angle=30, **draw)
    draw["generator"] = np.random.default_rng(5)
    np.testing.assert_array_equal(points, surface.sample(every(surface), **draw))


def test_an_edge_of_three_faces_comes_once() -> None:
    surface = triangles(
        [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, -1, 0.1]],
        [[0, 1, 2], [1, 0, 3], [1, 0, 4]],
    )
    assert len(sharp_edges(surface, np.arange(3), angle=30).normals) == 1
