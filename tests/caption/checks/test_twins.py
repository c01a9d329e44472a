import numpy as np
import pytest
import trimesh

from caption.checks.twins import find_twins
from partworks.geometry.mesh import Mesh
from tests.caption.shapes import WHITE, dull, object_of


def mesh_of(*shapes: trimesh.Trimesh) -> Mesh:
    entries = [(shape, (3.0 * index, 0, 0), dull(WHITE)) for index, shape in enumerate(shapes)]
    return object_of(*entries)


def wedge() -> trimesh.Trimesh:
    """A shape without any symmetry."""
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 0.6, 0], [0.1, 0.2, 0.4]])
    return trimesh.convex.convex_hull(points)


def twins(mesh: Mesh, kinds: list[str] | None = None) -> tuple[tuple[int, ...], ...]:
    count = len(mesh.nodes)
    return find_twins(mesh, mesh.face_node.astype(np.int32), kinds=kinds or ["x"] * count)


def test_copies_mirror_images_and_turned_ones_are_twins() -> None:
    mirrored = wedge()
    mirrored.vertices[:, 0] *= -1
    mirrored.invert()
    turned = wedge()
    turned.apply_transform(
        trimesh.transformations.random_rotation_matrix(np.array([0.1, 0.5, 0.8]))
    )
    other = wedge()
    other.apply_scale(1.1)
    assert twins(mesh_of(wedge(), mirrored, other, turned)) == ((0, 1, 3),)


def test_the_second_moments_are_those_of_the_surface() -> None:
    """However a surface is cut into triangles, it is its own twin."""
    coarse = trimesh.creation.box((1, 2, 3))
    fine = coarse.subdivide().subdivide()
    assert twins(mesh_of(coarse, fine)) == ((0, 1),)


@pytest.mark.parametrize("factor", [(1.1, 1, 1), (1, 1.1, 1), (1, 1, 0.9)])
def test_another_form_is_no_twin(factor: tuple[float, float, float]) -> None:
    stretched = trimesh.creation.box((1, 2, 3))
    stretched.vertices *= factor
    assert twins(mesh_of(trimesh.creation.box((1, 2, 3)), stretched)) == ()


def test_other_kinds_are_no_twins() -> None:
    boxes = [trimesh.creation.box() for _ in range(4)]
    assert twins(mesh_of(*boxes), ["leg", "arm", "leg", "arm"]) == ((0, 2), (1, 3))


def test_parts_without_faces_are_no_twins() -> None:
    mesh = mesh_of(trimesh.creation.box(), trimesh.creation.box())
    labels = np.full(len(mesh.faces), -1, np.int32)
    assert find_twins(mesh, labels, kinds=["x", "x"]) == ()
