from dataclasses import replace

import numpy as np
import pytest
import trimesh

from partworks.geometry.mesh import Mesh
from partworks.geometry.visibility import EmbreeCaster
from segment.shape_diameter import cone, shape_diameter
from tests.segment.shapes import box, dumbbell, mesh, node


def diameter(whole: Mesh, *, points: int = 5000, seed: int = 0, sign: int = 1) -> np.ndarray:
    return shape_diameter(
        whole.vertices,
        whole.faces,
        caster=EmbreeCaster(whole.vertices, whole.faces),
        signs=np.full(whole.face_count, sign, np.int8),
        diagonal=float(np.linalg.norm(np.ptp(whole.bounds, axis=0))),
        points=points,
        rays=30,
        generator=np.random.default_rng(seed),
    )


def ball(subdivisions: int = 3) -> Mesh:
    return mesh(node(trimesh.creation.icosphere(subdivisions=subdivisions)))


def test_a_ball_is_as_thick_as_its_median_chord() -> None:
    # A chord that leaves at angle t from the normal is 2 r cos t long; over the cone of 60° about
    # it, cos t is uniform in [1/2, 1], and the diagonal is 2 r times the root of three.
    assert diameter(ball()) == pytest.approx(0.75 / np.sqrt(3), rel=0.03)


def test_a_slab_is_thinner_than_its_sides_are_long() -> None:
    whole = mesh(node(box((2, 0.1, 2), cuts=3)))
    found = diameter(whole)
    flat = np.abs(np.cross(*np.moveaxis(np.diff(whole.vertices[whole.faces], axis=1), 1, 0))[:, 1])
    middle = np.abs(whole.vertices[whole.faces].mean(axis=1)[:, [0, 2]]).max(axis=1) < 0.5
    thick = found[(flat > 1e-6) & middle] * np.linalg.norm([2, 0.1, 2])
    assert thick == pytest.approx(0.1 / 0.75, rel=0.1)


def test_the_bar_of_a_dumbbell_is_thinner_than_its_balls() -> None:
    whole = dumbbell()
    found, along = diameter(whole), np.abs(whole.vertices[whole.faces].mean(axis=1)[:, 2])
    bar, balls = found[along < 0.3], found[(along > 0.5) & (along < 0.9)]
    assert bar.max() < 0.5 * balls.min()


def test_an_open_sheet_has_no_thickness() -> None:
    sheet = box((1, 1, 1)).submesh([[0, 1]])[0]
    assert not diameter(mesh(node(sheet))).any()


def test_signs_tell_which_side_is_inside() -> None:
    inside_out = replace(ball().nodes[0], faces=ball().faces[:, ::-1].copy())
    turned = Mesh(nodes=(inside_out,))
    assert not diameter(turned).any()
    assert diameter(turned, sign=-1) == pytest.approx(diameter(ball()), rel=0.05)


def test_the_unit_does_not_matter() -> None:
    whole = dumbbell()
    large = Mesh(nodes=(replace(whole.nodes[0], vertices=whole.vertices * np.float32(128)),))
    assert np.allclose(diameter(large), diameter(whole), rtol=1e-3)


def test_few_points_give_much_what_a_point_for_every_face_gives() -> None:
    whole = dumbbell()
    every, few = diameter(whole, points=20_000), diameter(whole, points=2000)
    assert np.median(np.abs(few - every) / every) < 0.02
    assert np.percentile(np.abs(few - every) / every, 95) < 0.15


def test_seeded() -> None:
    assert diameter(ball(), seed=1).tobytes() == diameter(ball(), seed=1).tobytes()
    assert diameter(ball(), seed=1).tobytes() != diameter(ball(), seed=2).tobytes()


def test_directions_fill_their_cone() -> None:
    axes = np.random.default_rng(0).standard_normal((50, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    directions = cone(axes, rays=64, generator=np.random.default_rng(1))
    assert np.linalg.norm(directions, axis=2) == pytest.approx(1)
    heights = np.einsum("nrc,nc->nr", directions, axes)
    assert heights.min() >= 0.5 and heights.mean() == pytest.approx(0.75, abs=0.01)
    sideways = directions.mean(axis=1) - axes * heights.mean(axis=1)[:, None]
    assert np.linalg.norm(sideways, axis=1).max() < 0.05


@pytest.mark.parametrize("faces", [[[0, 1, 1]], []])
def test_meshes_without_area_have_no_thickness(faces: list[list[int]]) -> None:
    points = np.array([[0, 0, 0], [1, 0, 0]], np.float32)
    triangles = np.array(faces, np.int32).reshape(-1, 3)
    whole = Mesh(nodes=(replace(ball().nodes[0], vertices=points, faces=triangles),))
    assert diameter(whole).tolist() == [0.0] * len(faces)
