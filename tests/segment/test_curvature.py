import numpy as np
import pytest
import trimesh

from partworks.geometry.measures import face_areas
from segment.curvature import mean_curvature
from segment.surface import read_surface
from tests.segment.shapes import box, dumbbell, mesh, node


def curvature(shape) -> np.ndarray:  # type: ignore[no-untyped-def]
    whole = shape if hasattr(shape, "nodes") else mesh(node(shape))
    surface = read_surface(whole, weld_tolerance=0.0, soup_tolerance=1e-4)
    return mean_curvature(surface.pairs, surface.angle, surface.length, areas=surface.areas)


@pytest.mark.parametrize("subdivisions", [2, 3, 4])
@pytest.mark.parametrize("radius", [0.5, 2.0])
def test_a_ball_has_one_over_its_radius_however_fine(subdivisions: int, radius: float) -> None:
    shape = trimesh.creation.icosphere(subdivisions=subdivisions, radius=radius)
    assert curvature(shape) == pytest.approx(1 / radius, rel=0.12)
    assert np.average(curvature(shape), weights=shape.area_faces) * radius == pytest.approx(
        1, rel=0.03
    )


def test_a_column_has_half_of_it_on_its_side() -> None:
    shape = trimesh.creation.cylinder(radius=0.5, height=4, sections=96)
    for _ in range(3):
        shape = shape.subdivide()
    height = np.abs(shape.triangles_center[:, 2])
    side = height < 1.5
    mean = np.average(curvature(shape)[side], weights=shape.area_faces[side])
    assert mean == pytest.approx(1, rel=0.02)
    assert curvature(shape)[height > 1.999].min() >= 0


def test_a_plane_has_none() -> None:
    shape = box((1, 1, 1), cuts=4)
    inside = (np.abs(shape.triangles_center) < 0.35).sum(axis=1) == 2
    assert np.abs(curvature(shape)[inside]).max() == pytest.approx(0, abs=1e-5)


def test_a_waist_is_concave_along_and_seen_from_either_winding() -> None:
    whole = dumbbell()
    along = np.abs(whole.vertices[whole.faces].mean(axis=1)[:, 2])
    found = curvature(whole)
    waist = (along > 0.36) & (along < 0.42)
    assert found[waist].min() < 0 < found[along > 0.6].min()
    turned = trimesh.Trimesh(whole.vertices, whole.faces[:, ::-1], process=False)
    assert np.allclose(curvature(turned), found, atol=1e-4)


def test_faces_alone_and_without_area_have_none() -> None:
    areas = np.array([1.0, 0.0])
    none = mean_curvature(
        np.zeros((0, 2), np.int32), np.zeros(0, np.float32), np.zeros(0, np.float32), areas=areas
    )
    assert none.dtype == np.float32 and none.tolist() == [0, 0]
    assert face_areas(np.zeros((3, 3)), np.array([[0, 1, 2]])).tolist() == [0]
