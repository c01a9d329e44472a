"""What hangs together, and what a flood stops at."""

import numpy as np
import trimesh

from annotate.review.split.components import component_sides, flood_sides
from annotate.review.surface import read_surface
from partworks.geometry.mesh import Material, Mesh
from tests.annotate.review.made import single
from tests.annotate.shapes import boxes


def test_components_are_sorted_by_area() -> None:
    shapes = [trimesh.creation.box(extents=(s, s, s)) for s in (1, 3, 2)]
    for number, shape in enumerate(shapes):
        shape.apply_translation((5 * number, 0, 0))
    surface = read_surface(single(*shapes))
    sides = component_sides(surface, np.ones(36, bool))
    assert sides.reshape(3, 12).tolist() == [[2] * 12, [0] * 12, [1] * 12]
    assert component_sides(surface, np.arange(36) >= 24).tolist() == [0] * 12


def test_a_flood_stops_at_sharp_edges() -> None:
    surface = read_surface(single(trimesh.creation.box(extents=(1, 2, 3))))
    inside = np.ones(12, bool)
    sides = flood_sides(surface, inside, sharpest=np.radians(80))
    assert len(np.unique(sides)) == 6
    for side in range(6):
        normals = surface.normals[sides == side]
        assert len(normals) == 2 and np.allclose(normals[0], normals[1])
    assert len(np.unique(flood_sides(surface, inside, sharpest=np.radians(100)))) == 1


def test_a_flood_stops_at_materials_on_request() -> None:
    mesh = boxes(((1, 1, 1), (0, 0, 0), "a"), ((1, 1, 1), (1, 0, 0), "b"), materials=["x", "y"])
    mesh = Mesh(nodes=mesh.nodes, materials=(Material(name="x"), Material(name="y")))
    surface = read_surface(mesh)
    inside = np.ones(24, bool)
    assert len(np.unique(flood_sides(surface, inside, sharpest=np.pi + 1))) == 1
    kept = flood_sides(surface, inside, sharpest=np.pi + 1, stop_at_material=True)
    assert (kept == kept[0]).tolist() == [True] * 12 + [False] * 12
