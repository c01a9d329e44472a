from dataclasses import replace

import numpy as np
import trimesh

from partworks.geometry.adjacency import face_adjacency, weld_vertices
from partworks.geometry.measures import face_normals
from partworks.geometry.mesh import Mesh
from segment.shading import Corners, find_corners
from tests.segment.shapes import box, mesh, node, soup


def corners(whole: Mesh, *, tolerance: float = 0.0) -> Corners:
    return find_corners(
        whole,
        face_adjacency(whole.vertices, whole.faces, tolerance=tolerance),
        np.ones(whole.face_count, np.int8),
        welded=weld_vertices(whole.vertices, tolerance=tolerance),
    )


def normals(whole: Mesh) -> np.ndarray:
    return corners(whole).normals(face_normals(whole.vertices, whole.faces))


def column(sections: int) -> trimesh.Trimesh:
    return trimesh.creation.cylinder(radius=1, height=2, sections=sections)


def radial(shape: trimesh.Trimesh) -> np.ndarray:
    return (shape.vertices * [1, 1, 0] / 1.0).astype(np.float32)


def test_a_ball_is_smooth_and_so_is_its_soup() -> None:
    ball = mesh(node(trimesh.creation.icosphere(subdivisions=3)))
    for whole in (ball, soup(ball)):
        found = normals(whole)
        assert np.allclose(found, whole.vertices[whole.faces], atol=0.01)


def test_a_box_is_sharp_whatever_normals_it_was_given() -> None:
    plain = mesh(node(box((1, 1, 1))))
    averaged = (plain.vertices / np.linalg.norm(plain.vertices, axis=1)[:, None]).astype(np.float32)
    given = replace(plain, nodes=(replace(plain.nodes[0], normals=averaged),))
    for whole in (plain, given):
        flat = face_normals(whole.vertices, whole.faces)
        assert np.allclose(normals(whole), flat[:, None], atol=1e-6)


def test_a_coarse_column_is_round_only_if_it_was_meant_to_be() -> None:
    shape = column(8)  # its sides turn by 45°
    plain = mesh(node(shape))
    side = np.abs(face_normals(plain.vertices, plain.faces)[:, 2]) < 0.5
    flat = face_normals(plain.vertices, plain.faces)[:, None]
    assert np.allclose(normals(plain), flat, atol=1e-5)
    smooth = replace(plain, nodes=(replace(plain.nodes[0], normals=radial(shape)),))
    found = normals(smooth)
    rim = np.linalg.norm(radial(shape)[plain.faces], axis=2) > 0.5
    both = side[:, None] & rim
    assert np.allclose(found[both], radial(shape)[plain.faces][both], atol=1e-5)
    assert np.allclose(np.abs(found[~side][..., 2]), 1, atol=1e-5)


def test_a_fine_column_is_round_with_a_sharp_rim() -> None:
    whole = mesh(node(column(48)))
    side = np.abs(face_normals(whole.vertices, whole.faces)[:, 2]) < 0.5
    found = normals(whole)
    assert np.abs(found[side][..., 2]).max() < 1e-5
    assert np.allclose(np.abs(found[~side][..., 2]), 1, atol=1e-5)


def test_means_are_taken_over_smooth_places_only() -> None:
    whole = mesh(node(box((1, 1, 1))))
    value = np.arange(whole.face_count, dtype=np.float64)
    found = corners(whole).means(value)
    flat = face_normals(whole.vertices, whole.faces)
    for face in range(whole.face_count):
        same_side = np.flatnonzero((np.abs(flat - flat[face]) < 1e-6).all(axis=1))
        assert found[face].min() >= value[same_side].min()
        assert found[face].max() <= value[same_side].max()
    assert np.allclose(corners(whole).means(np.full(12, 3.0)), 3)


def test_faces_wound_against_their_neighbours_do_not_cancel() -> None:
    shape = trimesh.creation.icosphere(subdivisions=3)
    faces = shape.faces.copy()
    faces[::3] = faces[::3, ::-1]
    whole = mesh(node(trimesh.Trimesh(shape.vertices, faces, process=False)))
    signs = np.ones(len(faces), np.int8)
    signs[::3] = -1
    found = find_corners(
        whole,
        face_adjacency(whole.vertices, whole.faces),
        signs,
        welded=weld_vertices(whole.vertices),
    ).normals(face_normals(whole.vertices, whole.faces) * signs[:, None])
    assert np.allclose(found, whole.vertices[whole.faces], atol=0.01)


def test_a_face_without_area_gets_no_normal() -> None:
    points = np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 1, 0]], np.float32)
    triangles = np.array([[0, 1, 2], [0, 1, 3]], np.int32)
    found = normals(mesh(replace(node(box((1, 1, 1))), vertices=points, faces=triangles)))
    assert np.isfinite(found).all() and np.allclose(found[1], [0, 0, 1])
