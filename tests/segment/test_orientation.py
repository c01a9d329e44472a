import numpy as np
import pytest
import trimesh

from partworks.geometry.adjacency import face_adjacency
from segment.orientation import outward_signs


def signs_of(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    points = vertices.astype(np.float32)
    adjacency = face_adjacency(points, faces)
    return outward_signs(points, faces, adjacency, trusted=np.ones(len(adjacency.pairs), bool))


@pytest.mark.parametrize("seed", range(5))
def test_scrambled_winding_of_a_closed_mesh_is_recovered(seed: int) -> None:
    ball = trimesh.creation.torus(major_radius=1, minor_radius=0.3)
    faces = ball.faces.astype(np.int32)
    turned = np.random.default_rng(seed).random(len(faces)) < 0.5
    faces[turned] = faces[turned][:, ::-1]
    assert np.array_equal(signs_of(ball.vertices, faces), np.where(turned, -1, 1))


def test_inside_out_parts_are_turned_one_by_one() -> None:
    outer, inner = trimesh.creation.icosphere(), trimesh.creation.box()
    inner.invert()
    both = trimesh.util.concatenate([outer, inner.apply_translation((5, 0, 0))])
    signs = signs_of(both.vertices, both.faces.astype(np.int32))
    assert (signs[: len(outer.faces)] == 1).all() and (signs[len(outer.faces) :] == -1).all()


def test_open_mesh_keeps_the_winding_of_most_of_its_area() -> None:
    ball = trimesh.creation.icosphere()
    faces = ball.faces[ball.triangles_center[:, 1] > 0].astype(np.int32)[:, ::-1].copy()
    faces[:5] = faces[:5][:, ::-1]
    signs = signs_of(ball.vertices, faces)
    assert (signs[:5] == -1).all() and (signs[5:] == 1).all()


def test_moebius_band_stays_as_authored() -> None:
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    edge = [
        (1 + side * 0.2 * np.cos(turn / 2)) * np.stack([np.cos(turn), np.sin(turn), 0 * turn])
        + np.stack([0 * turn, 0 * turn, side * 0.2 * np.sin(turn / 2)])
        for side in (-1, 1)
    ]
    vertices = np.stack(edge, axis=2).transpose(1, 2, 0).reshape(-1, 3)
    faces = []
    for k in range(12):
        a, b = 2 * k, 2 * k + 1
        c, d = (2 * k + 2, 2 * k + 3) if k < 11 else (1, 0)
        faces += [[a, c, b], [b, c, d]]
    signs = signs_of(vertices, np.asarray(faces, np.int32))
    assert (signs == 1).all()
