"""Planes, brushes and lassos take what they should."""

import numpy as np
import pytest
import trimesh

from annotate.review.split.shapes import brushed_faces, faces_above, lassoed_faces
from annotate.review.surface import read_surface
from tests.annotate.review.made import single

SPHERE = read_surface(single(trimesh.creation.icosphere(subdivisions=3)))
ALL = np.ones(len(SPHERE.faces), bool)
SURFACE_HALF = 2 * np.pi
FLAT = np.diag([0.5, 0.5, -0.1, 1.0])  # looks down -z at [-2, 2]


def test_a_plane_halves_a_ball() -> None:
    taken = faces_above(SPHERE, ALL, point=np.zeros(3), normal=np.array([0, 0, 5.0]))
    assert (SPHERE.centroids[taken, 2] > 0).all()
    rest = faces_above(SPHERE, ALL, point=np.zeros(3), normal=np.array([0, 0, -1.0]))
    assert SURFACE_HALF - 0.3 < SPHERE.areas[taken].sum() < SURFACE_HALF
    assert not set(taken.tolist()) & set(rest.tolist())
    with pytest.raises(ValueError, match="not zero"):
        faces_above(SPHERE, ALL, point=np.zeros(3), normal=np.zeros(3))


def test_a_brush_takes_a_cap() -> None:
    face = int(SPHERE.centroids[:, 2].argmax())
    taken = brushed_faces(SPHERE, ALL, face=face, radius=0.5)
    # A cap within a distance r of a point of the unit sphere has the area π r².
    assert SPHERE.areas[taken].sum() == pytest.approx(np.pi * 0.25, rel=0.05)
    assert brushed_faces(SPHERE, ALL, face=face, radius=0.0).tolist() == [face]
    half = SPHERE.centroids[:, 0] > 0
    assert half[brushed_faces(SPHERE, half, face=int(half.argmax()), radius=1.0)].all()
    with pytest.raises(ValueError, match="not in the group"):
        brushed_faces(SPHERE, ~ALL, face=face, radius=1.0)


def test_a_brush_does_not_reach_through_a_thin_wall() -> None:
    wall = read_surface(
        single(*[trimesh.creation.box(extents=(1, 1, 0.01)).subdivide().subdivide()])
    )
    inside = np.ones(len(wall.faces), bool)
    front = int(
        np.flatnonzero(wall.normals[:, 2] > 0.5)[
            np.linalg.norm(wall.centroids[wall.normals[:, 2] > 0.5, :2], axis=1).argmin()
        ]
    )
    near = brushed_faces(wall, inside, face=front, radius=0.2)
    assert (wall.normals[near, 2] > 0.5).all()
    through = brushed_faces(wall, inside, face=front, radius=0.2, through=True)
    assert len(through) > len(near) and (wall.normals[through, 2] < -0.5).any()


def test_a_lasso_takes_what_is_within_it() -> None:
    square = np.array([[-0.25, -0.25], [0.25, -0.25], [0.25, 0.25], [-0.25, 0.25]])
    taken = lassoed_faces(SPHERE, ALL, to_clip=FLAT, polygon=square)
    within = (np.abs(SPHERE.centroids[:, :2]) < 0.5).all(axis=1)
    assert taken.tolist() == np.flatnonzero(within).tolist()
    seen = np.flatnonzero(SPHERE.normals[:, 2] > 0)
    visible = lassoed_faces(SPHERE, ALL, to_clip=FLAT, polygon=square, visible=seen)
    assert visible.tolist() == np.intersect1d(taken, seen).tolist() and len(visible) < len(taken)
    with pytest.raises(ValueError, match="three corners"):
        lassoed_faces(SPHERE, ALL, to_clip=FLAT, polygon=square[:2])


def test_a_lasso_may_be_hollow_and_sees_nothing_behind_the_camera() -> None:
    bend = np.array([[-1, -1], [1, -1], [1, 1], [0, 0], [-1, 1]]) / 2.0
    taken = lassoed_faces(SPHERE, ALL, to_clip=FLAT, polygon=bend)
    x, y = SPHERE.centroids[taken, :2].T
    assert (y < np.abs(x) + 1e-9).all()
    behind = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, -1, 0.0]])
    wide = np.array([[-9, -9], [9, -9], [9, 9], [-9, 9.0]])
    taken = lassoed_faces(SPHERE, ALL, to_clip=behind, polygon=wide)
    assert (SPHERE.centroids[taken, 2] < 0).all() and len(taken) > 0
