"""Which surfaces have an inside, how that is known, and whether it is right."""

from __future__ import annotations

from collections.abc import Iterator

import igl
import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

from shards.field.body import Body, make_body
from shards.field.native import surface_distances
from shards.field.sign import REASONS, Signs, find_signs
from shards.surface import Surface
from tests.shards.shapes import (
    ball,
    box,
    box_distance,
    every,
    hemisphere,
    inverted,
    only,
    open_box,
    plane,
    surface_of,
    tube,
)
from tests.shared_assets import requires_shared, shared

COUNT = 3000


def judge(mesh: trimesh.Trimesh | Body, *, count: int = COUNT) -> tuple[Signs, NDArray[np.float64]]:
    """The signs of points near a mesh and around it, and these points."""
    body = mesh if isinstance(mesh, Body) else body_of(surface_of(mesh))
    generator = np.random.default_rng(0)
    near, _ = body.sample(count, generator=generator)
    near += generator.standard_normal(near.shape) * np.resize([0.02, 0.005], count)[:, None]
    around = generator.uniform(-1.05, 1.05, (count, 3))
    points = np.concatenate([near, around])
    distances = surface_distances(body.vertices, body.faces, points)
    return find_signs(body, near, around, distances=distances, generator=generator), points


def body_of(surface: Surface, chosen: NDArray[np.int64] | None = None) -> Body:
    faces = every(surface) if chosen is None else chosen
    bounds = surface.box(faces)
    scale = float((bounds[1] - bounds[0]).max() / 2)
    return make_body(surface, faces, center=bounds.mean(axis=0), scale=scale)


def wrong(signs: Signs, distance: NDArray[np.float64], *, margin: float = 0.003) -> float:
    """The share of wrong signs among points farther than `margin` from the true surface.

    The margin is more than the corners of round shapes stand out of their faces.
    """
    assert signs.inside is not None
    return float(np.mean((signs.inside != (distance < 0)) & (np.abs(distance) > margin)))


def to_ball(points: NDArray[np.float64], radius: float = 1.0) -> NDArray[np.float64]:
    """(N,) signed distance."""
    distance: NDArray[np.float64] = np.linalg.norm(points, axis=1) - radius
    return distance


def test_a_ball() -> None:
    signs, points = judge(ball(subdivisions=6))
    assert signs.method == "closed"
    assert wrong(signs, to_ball(points), margin=1e-4) == 0


def test_a_ball_inside_out() -> None:
    signs, points = judge(inverted(ball()))
    assert signs.method == "closed"
    assert wrong(signs, to_ball(points)) == 0


def test_seams_of_a_texture_do_not_open_a_body() -> None:
    mesh = box(2, 2, 2)
    mesh.unmerge_vertices()
    assert judge(mesh)[0].method == "closed"


def test_two_nested_shells_are_solid() -> None:
    signs, points = judge(trimesh.util.concatenate([ball(), ball(0.6)]))
    assert signs.method == "closed"
    assert wrong(signs, to_ball(points)) == 0


def test_a_shell_inside_out_within_another_is_a_cavity() -> None:
    signs, points = judge(trimesh.util.concatenate([ball(), inverted(ball(0.6))]))
    assert signs.method == "closed"
    assert wrong(signs, np.maximum(to_ball(points), -to_ball(points, 0.6))) == 0


def test_bodies_that_overlap_are_their_union() -> None:
    first, second = box(2, 0.5, 0.5), box(0.5, 2, 0.5)
    signs, points = judge(trimesh.util.concatenate([first, second]))
    assert signs.method == "closed"
    to_boxes = [box_distance(points, half) for half in ((1, 0.25, 0.25), (0.25, 1, 0.25))]
    assert wrong(signs, np.minimum(*to_boxes), margin=1e-6) == 0


def test_faces_turned_at_random_are_turned_back() -> None:
    mesh = ball()
    turned = np.random.default_rng(0).random(len(mesh.faces)) < 0.5
    mesh.faces[turned] = mesh.faces[turned][:, ::-1]
    signs, points = judge(mesh)
    assert signs.method == "closed"
    assert wrong(signs, to_ball(points)) == 0


def test_a_pin_hole_leaves_the_winding_number() -> None:
    mesh = ball()
    signs, points = judge(only(mesh, np.arange(len(mesh.faces)) > 10))
    assert signs.method == "winding"
    assert wrong(signs, to_ball(points)) < 0.001


def test_one_of_two_bodies_inside_out_needs_a_proxy() -> None:
    first, second = ball(0.5), ball(0.5)
    first.apply_translation([-0.7, 0, 0])
    second.apply_translation([0.7, 0, 0])
    signs, points = judge(trimesh.util.concatenate([first, inverted(second)]))
    assert signs.method == "proxy"
    points = points * 1.2
    to_balls = [to_ball(points - center, 0.5) for center in ([-0.7, 0, 0], [0.7, 0, 0])]
    assert wrong(signs, np.minimum(*to_balls)) < 0.001


def test_a_wall_inside_needs_a_proxy() -> None:
    wall = plane()
    wall.apply_scale(0.9)
    signs, points = judge(trimesh.util.concatenate([box(2, 2, 2), wall]))
    assert signs.method == "proxy"
    assert wrong(signs, box_distance(points, (1, 1, 1)), margin=1e-6) < 0.002


@pytest.mark.parametrize("mesh", [plane(), hemisphere(), tube(), open_box()])
@pytest.mark.parametrize("fine", [False, True])
def test_an_open_surface_has_no_inside(mesh: trimesh.Trimesh, fine: bool) -> None:
    signs, _ = judge(mesh.subdivide() if fine else mesh)
    assert signs.inside is None
    assert signs.method in ("open", "sheet")


def test_a_sheet_with_two_sides_has_no_inside() -> None:
    signs, _ = judge(trimesh.util.concatenate([plane(), inverted(plane())]))
    assert signs.inside is None
    assert signs.method == "no_volume"


def test_one_face_has_no_inside() -> None:
    signs, _ = judge(only(plane(), np.array([True, False])))
    assert signs.method == "open"


def test_a_part_cut_out_of_a_closed_body() -> None:
    """A quarter of a ball is a bowl; a ball without a quarter has no inside that can be trusted."""
    mesh = ball()
    quarter = (mesh.triangles_center[:, :2] > 0).all(axis=1)
    for kept in (quarter, ~quarter):
        signs, _ = judge(only(mesh, kept))
        assert signs.inside is None
        assert signs.method in REASONS


def test_the_same_points_give_the_same_signs() -> None:
    mesh = trimesh.util.concatenate([box(2, 2, 2), plane()])
    first, second = (judge(mesh)[0] for _ in range(2))
    assert first.method == second.method
    np.testing.assert_array_equal(first.inside, second.inside)


def labelled_bodies() -> Iterator[tuple[str, Body]]:
    """The parts of the labelled assets that are closed and wound one way."""
    for path in sorted(shared("assets/dev/labels").glob("*.npy")):
        asset = shared("assets/dev") / f"{path.stem}.glb"
        if asset.exists():
            mesh = trimesh.load(asset, force="mesh", process=False)
            surface, labels = surface_of(mesh), np.load(path)
            for label in range(labels.max() + 1):
                chosen = np.flatnonzero(labels == label)
                body = body_of(surface, chosen)
                if body.rimless and len(body.faces):
                    yield f"{path.stem} {label}", body


@requires_shared
def test_signs_of_the_closed_labelled_assets() -> None:
    """Against exact winding numbers, solid angle by solid angle."""
    count, misses, points_seen = 0, 0, 0
    for name, body in labelled_bodies():
        signs, points = judge(body, count=300)
        exact = igl.winding_number(body.vertices, body.faces, points)
        if exact[np.abs(exact) > 0.5].sum() < 0:
            exact = -exact
        np.testing.assert_allclose(exact, np.round(exact), atol=1e-5, err_msg=name)
        if signs.inside is None:
            assert signs.method == "no_volume", name
            assert np.mean(exact > 0.5) < 0.002, name
            continue
        assert signs.method == "closed", name
        count += 1
        misses += int(np.sum(signs.inside != (exact > 0.5)))
        points_seen += len(points)
    assert count >= 70
    assert misses <= 0.001 * points_seen
