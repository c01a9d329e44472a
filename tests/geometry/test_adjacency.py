from typing import Any

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

from partworks.geometry.adjacency import (
    MAX_FAN,
    FaceAdjacency,
    connected_components,
    face_adjacency,
    number_by_first,
    weld_vertices,
)


def arrays(mesh: trimesh.Trimesh) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    return mesh.vertices.astype(np.float32), mesh.faces.astype(np.int32)


def soup(
    vertices: NDArray[Any], faces: NDArray[Any]
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Every face with three vertices of its own."""
    loose = np.arange(faces.size, dtype=np.int32).reshape(-1, 3)
    return vertices[faces.reshape(-1)], loose


def fan(count: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """`count` triangles around one edge, like the pages of a book."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    pages = np.stack([np.cos(turn), np.zeros(count), np.sin(turn)], axis=1)
    vertices = np.concatenate([[[0, 0, 0], [0, 1, 0]], pages]).astype(np.float32)
    faces = np.stack([np.zeros(count), np.ones(count), np.arange(count) + 2], axis=1)
    return vertices, faces.astype(np.int32)


def same(left: FaceAdjacency, right: FaceAdjacency) -> None:
    assert np.array_equal(left.pairs, right.pairs)
    assert np.allclose(left.angle, right.angle, atol=1e-5)
    assert np.allclose(left.length, right.length)


def test_cube_has_twelve_right_angles_and_six_flat_diagonals() -> None:
    adjacency = face_adjacency(*arrays(trimesh.creation.box(extents=(1, 2, 3))))
    assert adjacency.pairs.shape == (18, 2)
    assert (adjacency.pairs[:, 0] < adjacency.pairs[:, 1]).all()
    sharp = adjacency.angle > 0.1
    assert np.allclose(adjacency.angle[sharp], np.pi / 2) and sharp.sum() == 12
    assert np.abs(adjacency.angle[~sharp]).max() == 0
    assert sorted(adjacency.length[sharp].tolist()) == [1] * 4 + [2] * 4 + [3] * 4
    assert adjacency.consistent.all()
    # Steiner: half the sum of length times angle is the mean curvature of a box, π(a + b + c).
    assert (adjacency.length * adjacency.angle).sum() / 2 == pytest.approx(6 * np.pi)


def test_sphere_meets_euler_and_steiner() -> None:
    vertices, faces = arrays(trimesh.creation.icosphere(subdivisions=4, radius=3.0))
    adjacency = face_adjacency(vertices, faces)
    assert len(vertices) - len(adjacency.pairs) + len(faces) == 2
    assert len(np.unique(adjacency.edge, axis=0)) == len(adjacency.edge)
    assert (adjacency.angle > 0).all()
    mean_curvature = (adjacency.length.astype(float) * adjacency.angle).sum() / 2
    assert mean_curvature == pytest.approx(4 * np.pi * 3, rel=2e-3)


def test_agrees_with_trimesh_on_a_mesh_with_concave_edges() -> None:
    body = trimesh.creation.annulus(r_min=1, r_max=2, height=1, sections=24)
    adjacency = face_adjacency(*arrays(body))
    theirs = {
        tuple(sorted(pair)): angle if convex else -angle
        for pair, angle, convex in zip(
            body.face_adjacency.tolist(),
            body.face_adjacency_angles,
            body.face_adjacency_convex,
            strict=True,
        )
    }
    ours = dict(zip(map(tuple, adjacency.pairs.tolist()), adjacency.angle.tolist(), strict=True))
    assert ours.keys() == theirs.keys()
    for pair, angle in ours.items():
        assert abs(angle) == pytest.approx(abs(theirs[pair]), abs=1e-3)
        if abs(angle) > 0.01:
            assert angle == pytest.approx(theirs[pair], abs=1e-3)
    assert (adjacency.angle < -0.1).any() and (adjacency.angle > 0.1).any()


def test_turning_a_mesh_inside_out_negates_the_angles() -> None:
    vertices, faces = arrays(trimesh.creation.icosphere(subdivisions=2))
    outside = face_adjacency(vertices, faces)
    inside = face_adjacency(vertices, np.ascontiguousarray(faces[:, ::-1]))
    assert np.array_equal(outside.pairs, inside.pairs)
    assert np.allclose(outside.angle, -inside.angle, atol=1e-6)


def test_seams_do_not_matter() -> None:
    vertices, faces = arrays(trimesh.creation.icosphere(subdivisions=3))
    loose = face_adjacency(*soup(vertices, faces))
    same(face_adjacency(vertices, faces), loose)


def test_jittered_soup_needs_the_tolerance() -> None:
    vertices, faces = arrays(trimesh.creation.icosphere(subdivisions=3))
    loose_vertices, loose_faces = soup(vertices, faces)
    jitter = np.random.default_rng(0).uniform(-1e-5, 1e-5, loose_vertices.shape)
    moved = loose_vertices + jitter.astype(np.float32)
    assert len(face_adjacency(moved, loose_faces).pairs) == 0
    found = face_adjacency(moved, loose_faces, tolerance=1.5e-5)
    assert np.array_equal(found.pairs, face_adjacency(vertices, faces).pairs)


def test_mixed_winding_is_flagged_and_does_not_change_how_sharp_edges_are() -> None:
    vertices, faces = arrays(trimesh.creation.box())
    turned = np.random.default_rng(1).random(len(faces)) < 0.5
    mixed = faces.copy()
    mixed[turned] = mixed[turned][:, ::-1]
    before, after = face_adjacency(vertices, faces), face_adjacency(vertices, mixed)
    assert np.array_equal(before.pairs, after.pairs)
    assert np.array_equal(after.consistent, turned[after.pairs[:, 0]] == turned[after.pairs[:, 1]])
    # The first face decides which side is seen: where it is turned, convex reads as concave.
    expected = np.where(turned[after.pairs[:, 0]], -before.angle, before.angle)
    assert np.allclose(after.angle, expected, atol=1e-6)


@pytest.mark.parametrize("count", [3, 5, MAX_FAN])
def test_small_fan_gives_all_pairs(count: int) -> None:
    adjacency = face_adjacency(*fan(count))
    assert len(adjacency.pairs) == count * (count - 1) // 2
    assert len(np.unique(adjacency.pairs, axis=0)) == len(adjacency.pairs)


def test_large_fan_is_a_chain_that_stays_connected() -> None:
    adjacency = face_adjacency(*fan(1000))
    assert adjacency.pairs.tolist() == [[i, i + 1] for i in range(999)]
    assert connected_components(1000, adjacency.pairs).max() == 0


def test_back_to_back_faces_share_three_edges() -> None:
    vertices = np.eye(3, dtype=np.float32)
    faces = np.asarray([[0, 1, 2], [2, 1, 0]], np.int32)
    adjacency = face_adjacency(vertices, faces)
    assert adjacency.pairs.tolist() == [[0, 1]] * 3
    assert np.allclose(np.abs(adjacency.angle), np.pi)
    assert adjacency.edge.tolist() == [[0, 1], [0, 2], [1, 2]]


def test_degenerate_faces_are_harmless() -> None:
    vertices = np.asarray([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0.5, 0, 0], [5, 5, 5]], np.float32)
    faces = np.asarray([[0, 1, 2], [0, 3, 1], [0, 0, 1], [4, 4, 4]], np.int32)
    adjacency = face_adjacency(vertices, faces)
    assert np.isfinite(adjacency.angle).all() and not adjacency.angle.any()
    assert {tuple(pair) for pair in adjacency.pairs.tolist()} == {(0, 1), (0, 2), (1, 2)}


def test_no_faces() -> None:
    empty = face_adjacency(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    assert empty.pairs.shape == (0, 2) and empty.angle.shape == (0,) and empty.edge.shape == (0, 2)


def test_weld_numbers_by_first_occurrence_and_knows_no_negative_zero() -> None:
    points = np.asarray([[9, 0, 0], [1, 0, -0.0], [9, -0.0, 0], [1, 0, 0], [2, 0, 0]], np.float32)
    assert weld_vertices(points).tolist() == [0, 1, 0, 1, 2]
    assert weld_vertices(points.astype(np.float64)).tolist() == [0, 1, 0, 1, 2]


def test_weld_tells_neighbouring_floats_apart_unless_told_otherwise() -> None:
    near = np.nextafter(np.float32(1), np.float32(2))
    points = np.asarray([[1, 1, 1], [near, 1, 1], [0, 0, 0]], np.float32)
    assert weld_vertices(points).tolist() == [0, 1, 2]
    assert weld_vertices(points, tolerance=1e-6).tolist() == [0, 0, 1]


def test_tolerance_holds_its_promise_wherever_the_grid_lies() -> None:
    generator = np.random.default_rng(2)
    anchors = generator.uniform(-1, 1, (300, 3))
    points = np.concatenate([anchors, anchors + generator.uniform(-1, 1, (300, 3)) * 1e-4])
    extent = np.ptp(points, axis=0).max()
    found = weld_vertices(points, tolerance=1e-4 / extent)
    assert np.array_equal(found[:300], found[300:])
    gaps = np.abs(anchors[:, None] - anchors[None]).max(axis=2)
    far = gaps > 6e-4
    assert (found[:300][:, None] != found[:300][None])[far].all()


def test_components_are_numbered_by_their_first_member() -> None:
    pairs = np.asarray([[5, 1], [4, 2], [2, 4], [2, 4]])
    assert connected_components(6, pairs).tolist() == [0, 1, 2, 3, 2, 1]
    assert connected_components(0, np.zeros((0, 2), np.int32)).shape == (0,)
    assert connected_components(2, np.zeros((0, 2), np.int32)).tolist() == [0, 1]


def test_many_repeats_of_a_link_are_one_link() -> None:
    assert connected_components(2, np.tile([0, 1], (512, 1))).tolist() == [0, 0]


def test_number_by_first() -> None:
    assert number_by_first(np.asarray([7, 7, 3, 9, 3])).tolist() == [0, 0, 1, 2, 1]


def test_a_million_faces() -> None:
    vertices, faces = arrays(trimesh.creation.icosphere(subdivisions=8))
    adjacency = face_adjacency(*soup(vertices, faces))
    assert len(adjacency.pairs) == 3 * len(faces) // 2 and len(faces) > 1_000_000
