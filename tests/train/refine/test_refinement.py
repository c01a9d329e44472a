from __future__ import annotations

import numpy as np
import pytest
import trimesh

from partworks.errors import UsageError
from train.metrics.mesh import TriangleMesh
from train.refine.refinement import EnhancerRefinement, Float32, normalisation
from train.refine.voxels import Int64, surface_voxels

IMAGES = np.ones((4, 8, 8, 3), np.float32)
SHAPE = trimesh.creation.icosphere(subdivisions=2).apply_scale((0.3, 0.1, 0.05))
PART = TriangleMesh(
    vertices=np.asarray(SHAPE.vertices) + np.array([2, -3, 0.5]),
    faces=np.asarray(SHAPE.faces, np.int64),
)


class Cubes:
    """An enhancer whose mesh has a vertex in the middle of each voxel."""

    def __init__(self) -> None:
        self.seen: list[Int64] = []

    def enhance(self, images: Float32, voxels: Int64) -> TriangleMesh:
        assert images is IMAGES
        self.seen.append(voxels)
        middles = (voxels + 0.5) / 32 - 1
        return TriangleMesh(vertices=middles, faces=np.array([[0, 1, 2]]))


class Smallest:
    """An enhancer that knows one face alone."""

    def enhance(self, images: Float32, voxels: Int64) -> TriangleMesh:
        corners = np.array([voxels.min(axis=0), voxels.max(axis=0), voxels[0] + [1, 0, 0]])
        return TriangleMesh(vertices=(corners + 0.5) / 32 - 1, faces=np.array([[0, 1, 2]]))


def test_a_part_comes_back_to_its_place() -> None:
    """Equations 8 and 9: each vertex lies within half a voxel, in the part's scale, of the part."""
    enhancer = Cubes()
    found = EnhancerRefinement(enhancer=enhancer)(PART, IMAGES)
    side = 2 * 0.3 / 64
    np.testing.assert_allclose(found.vertices.min(axis=0), [1.7, -3.1, 0.45], atol=side)
    np.testing.assert_allclose(found.vertices.max(axis=0), [2.3, -2.9, 0.55], atol=side)
    frame = normalisation(PART)
    inside = TriangleMesh(vertices=frame.points(PART.vertices).astype(np.float64), faces=PART.faces)
    assert np.abs(inside.vertices).max() == pytest.approx(1)
    assert len(surface_voxels(inside)) == pytest.approx(len(enhancer.seen[0]), rel=0.01)


def test_vertices_that_no_face_has_do_not_count() -> None:
    with_stray = TriangleMesh(
        vertices=np.concatenate([PART.vertices, [[100.0, 0, 0]]]), faces=PART.faces
    )
    assert normalisation(with_stray).scale == normalisation(PART).scale


def test_pictures_are_needed() -> None:
    with pytest.raises(UsageError, match="refined by their pictures too"):
        EnhancerRefinement(enhancer=Cubes())(PART, None)


def test_nothing_cannot_be_normalised() -> None:
    with pytest.raises(ValueError, match="no frame of its own"):
        normalisation(TriangleMesh.empty())
