import numpy as np
import pytest
import trimesh

from annotate.holes import holes_at_cuts
from partworks.geometry.mesh import Mesh, MeshNode
from tests.annotate.shapes import table


def mesh_of(shape: trimesh.Trimesh) -> Mesh:
    node = MeshNode(vertices=shape.vertices.astype(np.float32), faces=shape.faces.astype(np.int32))
    return Mesh(nodes=(node,))


def count(mesh: Mesh, labels: np.ndarray) -> tuple[int, int]:
    found = holes_at_cuts(mesh, labels.astype(np.int32))
    return found.count, found.parts


def test_a_sphere_in_two_halves_has_a_hole_in_each() -> None:
    mesh = mesh_of(trimesh.creation.icosphere(subdivisions=3))
    upper = mesh.vertices[mesh.faces].mean(axis=1)[:, 1] > 0
    assert count(mesh, upper) == (2, 2)
    assert count(mesh, np.where(upper, 0, -1)) == (1, 1), "dropped faces leave a hole too"
    assert count(mesh, np.zeros(len(upper))) == (0, 0)


def test_a_tube_in_three_rings_has_two_holes_in_the_middle() -> None:
    mesh = mesh_of(trimesh.creation.torus(2, 0.5))
    turn = np.arctan2(*mesh.vertices[mesh.faces].mean(axis=1)[:, :2].T)
    thirds = np.digitize(turn, [-2 * np.pi / 6, 2 * np.pi / 6])
    assert count(mesh, thirds) == (6, 3)


def test_parts_that_only_touch_have_none_and_borders_of_the_object_are_none() -> None:
    mesh = table()
    assert count(mesh, mesh.face_node) == (0, 0)
    sheet = mesh_of(trimesh.creation.annulus(1, 2, 0.5))
    assert count(sheet, np.zeros(len(sheet.faces))) == (0, 0)


@pytest.mark.parametrize("cut", [False, True])
def test_seams_are_no_holes(cut: bool) -> None:
    shape = trimesh.creation.box()
    shape.unmerge_vertices()
    mesh = mesh_of(shape)
    top = (mesh.vertices[mesh.faces][:, :, 2] > 0).all(axis=1)
    assert count(mesh, top if cut else np.zeros(12)) == ((2, 2) if cut else (0, 0))
