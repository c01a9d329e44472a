from __future__ import annotations

import numpy as np
import pytest

from shards.field.body import make_body
from tests.shards.shapes import box, every, object_of, surface_of, triangles


def test_it_is_in_its_own_frame_with_one_vertex_per_position() -> None:
    mesh = box(4, 2, 2)
    mesh.unmerge_vertices()
    mesh.apply_translation([3, 0, 0])
    surface = surface_of(mesh)
    assert len(surface.vertices) == 36
    body = make_body(surface, every(surface), center=np.array([3.0, 0, 0]), scale=2.0)
    assert sorted(map(tuple, body.vertices)) == [
        (x, y, z) for x in (-1, 1) for y in (-0.5, 0.5) for z in (-0.5, 0.5)
    ]
    np.testing.assert_allclose(
        body.vertices[body.faces] * 2 + [3, 0, 0], surface.vertices[surface.faces]
    )
    assert body.rimless
    assert body.oriented


def test_it_has_the_chosen_faces_and_their_vertices_only() -> None:
    surface, selection = object_of(box(1, 1, 1), box(2, 2, 2))
    body = make_body(surface, selection.kept[1].faces, center=np.zeros(3), scale=1.0)
    assert len(body.vertices) == 8
    assert np.abs(body.vertices).min() == 1


def test_faces_without_area_are_left_out_but_close_edges() -> None:
    """A sliver that fills the crack along an edge: no area, but without it there is a rim."""
    mesh = box(2, 2, 2)
    low, high = mesh.faces[0, 0], mesh.faces[0, 1]
    vertices = [*mesh.vertices, mesh.vertices[[low, high]].mean(axis=0)]
    middle = len(vertices) - 1
    split = [[low, middle, mesh.faces[0, 2]], [middle, high, mesh.faces[0, 2]]]
    sliver = [[low, high, middle]]
    cracked = triangles(vertices, [*mesh.faces[1:], *split])
    filled = triangles(vertices, [*mesh.faces[1:], *split, *sliver])
    open_body, closed_body = (
        make_body(surface, every(surface), center=np.zeros(3), scale=1.0)
        for surface in (cracked, filled)
    )
    assert not open_body.rimless
    assert closed_body.rimless
    assert len(closed_body.faces) == len(open_body.faces) == 13


def test_points_without_faces() -> None:
    surface = triangles([[0, 0, 0], [1, 0, 0], [2, 0, 0]], [[0, 1, 2], [0, 0, 1]])
    body = make_body(surface, np.arange(2), center=np.zeros(3), scale=1.0)
    assert body.faces.shape == (0, 3)


def test_samples_are_on_it_in_random_order() -> None:
    surface = surface_of(box(2, 2, 2))
    body = make_body(surface, every(surface), center=np.zeros(3), scale=1.0)
    points, normals = body.sample(600, generator=np.random.default_rng(0))
    np.testing.assert_allclose((points * normals).sum(axis=1), 1, atol=1e-12)
    assert normals[:60].mean(axis=0) == pytest.approx([0, 0, 0], abs=0.3)
