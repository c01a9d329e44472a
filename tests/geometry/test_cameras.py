from __future__ import annotations

import json
from math import pi, radians, tan

import numpy as np
import pytest

from partworks.geometry.cameras import (
    Camera,
    bounding_sphere,
    direction,
    fit_distance,
    hammersley,
    icosahedron,
    look_at,
    random_fov,
    read_transforms,
    ring,
    transforms_table,
)

CENTER = (0.3, -0.2, 0.7)


def camera(width: int = 6, height: int = 4, fov_y: float = radians(50)) -> Camera:
    return Camera(
        camera_to_world=look_at((1.0, 2.0, 3.0), CENTER), fov_y=fov_y, width=width, height=height
    )


def every_rig() -> dict[str, tuple[Camera, ...]]:
    fit = {"center": CENTER, "radius": 0.8, "size": 64}
    return {
        "ring": ring(8, **fit),
        "hammersley": hammersley(20, **fit, offset=(0.3, 0.9)),
        "icosahedron": icosahedron(**fit),
        "random_fov": random_fov(9, generator=np.random.default_rng(1), **fit),
    }


def test_rays_go_through_the_pixel_centres_that_project_gives() -> None:
    view = camera()
    rays = view.rays()
    assert rays.shape == (4, 6, 3)
    np.testing.assert_allclose(np.linalg.norm(rays, axis=-1), 1, atol=1e-12)
    distance = np.linspace(0.5, 9, 24)
    points = view.position + distance[:, None] * rays.reshape(-1, 3)
    pixel = view.project(points)
    rows, columns = np.divmod(np.arange(24), 6)
    np.testing.assert_allclose(pixel[:, 0], columns + 0.5, atol=1e-9)
    np.testing.assert_allclose(pixel[:, 1], rows + 0.5, atol=1e-9)
    np.testing.assert_allclose(pixel[:, 2], distance * (rays.reshape(-1, 3) @ view.forward))


def test_row_0_is_the_top_and_column_0_the_left() -> None:
    view = Camera(camera_to_world=np.eye(4), fov_y=pi / 2, width=2, height=2)
    np.testing.assert_allclose(view.rays()[0, 0] * np.sqrt(1.5), [-0.5, 0.5, -1])
    np.testing.assert_allclose(view.project(np.array([[0.5, 0.5, -1.0]])), [[1.5, 0.5, 1.0]])


def test_a_point_behind_the_camera_has_no_pixel() -> None:
    view = Camera(camera_to_world=np.eye(4), fov_y=1.0, width=2, height=2)
    x, y, depth = view.project(np.array([[0.0, 0.0, 2.0]]))[0]
    assert np.isnan(x) and np.isnan(y) and depth == -2


def test_resizing_keeps_the_field_of_view() -> None:
    small, large = camera(), camera().resized(3)
    assert (large.width, large.height) == (18, 12)
    assert large.fov_x == pytest.approx(small.fov_x)
    np.testing.assert_allclose(large.rays()[1::3, 1::3], small.rays(), atol=1e-12)


@pytest.mark.parametrize(
    "position", [(1, 2, 3), (0, 5, 0), (0, -5, 0), (-2, 0, 0), (1e-9, 3, 0), (0, 0, -4)]
)
def test_look_at_is_a_rotation_that_looks_at_the_target(position: tuple[float, ...]) -> None:
    target = np.zeros(3)
    matrix = look_at(position, target)
    rotation = matrix[:3, :3]
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)
    backward = np.asarray(position) / np.linalg.norm(position)
    np.testing.assert_allclose(rotation[:, 2], backward, atol=1e-12)
    assert rotation[1, 1] >= -1e-9  # up is up
    np.testing.assert_array_equal(matrix[:3, 3], position)


def test_looking_at_oneself_is_refused() -> None:
    with pytest.raises(ValueError, match="its own position"):
        look_at((1, 1, 1), (1, 1, 1))


@pytest.mark.parametrize("name", ["ring", "hammersley", "icosahedron", "random_fov"])
def test_the_bounding_sphere_is_wholly_in_every_frame(name: str) -> None:
    points = np.random.default_rng(0).normal(size=(4000, 3))
    points = np.asarray(CENTER) + 0.8 * points / np.linalg.norm(points, axis=1, keepdims=True)
    for view in every_rig()[name]:
        pixel = view.project(points)
        assert (pixel[:, 2] > 0).all()
        assert pixel[:, :2].min() > 0 and pixel[:, :2].max() < 64
        # Not so far off, either, that pixels are wasted.
        assert pixel[:, :2].min() < 4 and pixel[:, :2].max() > 60


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
def test_fit_distance_touches_the_narrower_side(aspect: float) -> None:
    distance = fit_distance(2.0, 0.7, aspect=aspect, margin=1.0)
    narrow = np.arctan(tan(0.35) * min(aspect, 1.0))
    assert np.arcsin(2.0 / distance) == pytest.approx(narrow)


def test_a_box_fits_whose_corners_a_fixed_radius_would_cut() -> None:
    box = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
    center, radius = bounding_sphere(box)
    assert radius == pytest.approx(np.sqrt(3))
    for view in icosahedron(center=center, radius=radius, size=100, fov_y=radians(60)):
        pixel = view.project(box)[:, :2]
        assert pixel.min() >= 0 and pixel.max() <= 100


def test_the_ring_starts_at_plus_z_and_turns_to_plus_x() -> None:
    views = ring(4, elevation=0.0)
    heading = [view.position / np.linalg.norm(view.position) for view in views]
    np.testing.assert_allclose(heading, [[0, 0, 1], [1, 0, 0], [0, 0, -1], [-1, 0, 0]], atol=1e-12)
    shifted = ring(4, elevation=0.0, azimuth_offset=pi / 2)
    np.testing.assert_allclose(shifted[0].position, views[1].position, atol=1e-12)
    assert ring(8)[0].position[1] / np.linalg.norm(ring(8)[0].position) == pytest.approx(0.5)
    np.testing.assert_allclose(direction(0.0, pi / 2), [0, 1, 0], atol=1e-12)


def test_hammersley_covers_the_sphere_evenly() -> None:
    heading = np.array([view.position for view in hammersley(256)])
    heading /= np.linalg.norm(heading, axis=1, keepdims=True)
    assert np.abs(heading.mean(axis=0)).max() < 0.02
    # Each octant holds its share of the 256 directions.
    octant = (heading > 0) @ [1, 2, 4]
    assert np.bincount(octant, minlength=8).min() >= 28


def test_the_icosahedron_is_regular() -> None:
    heading = np.array([view.position for view in icosahedron()])
    heading /= np.linalg.norm(heading, axis=1, keepdims=True)
    cosines = np.sort(heading @ heading.T, axis=1)
    expected = [-1, *[-1 / np.sqrt(5)] * 5, *[1 / np.sqrt(5)] * 5, 1]
    np.testing.assert_allclose(cosines, np.tile(expected, (12, 1)), atol=1e-12)


def test_random_fields_of_view_keep_to_their_range_and_generator() -> None:
    limits = (radians(20), radians(60))
    first, again, other = (
        random_fov(200, generator=np.random.default_rng(seed), fov_range=limits)
        for seed in (3, 3, 4)
    )
    fields = np.array([view.fov_y for view in first])
    assert limits[0] <= fields.min() < radians(25) and radians(55) < fields.max() <= limits[1]
    np.testing.assert_array_equal(first[7].camera_to_world, again[7].camera_to_world)
    assert (first[7].camera_to_world != other[7].camera_to_world).any()


def test_transforms_round_trip_through_json() -> None:
    views = (camera(), camera())
    paths = ["object/000.png", "object/001.png"]
    table = json.loads(json.dumps(transforms_table(views, paths, scale=2.0)))
    assert (table["w"], table["h"], table["scale"]) == (6, 4, 2.0)
    assert [frame["file_path"] for frame in table["frames"]] == paths
    # NeRF's own formula for the focal length.
    assert 0.5 * 6 / tan(table["camera_angle_x"] / 2) == pytest.approx(camera().focal)
    for before, after in zip(views, read_transforms(table), strict=True):
        np.testing.assert_array_equal(before.camera_to_world, after.camera_to_world)
        assert after.fov_y == pytest.approx(before.fov_y, abs=1e-15)


def test_views_of_several_lenses_have_no_shared_angle() -> None:
    views = random_fov(3, generator=np.random.default_rng(0), size=8)
    table = transforms_table(views, ["a", "b", "c"])
    assert "camera_angle_x" not in table
    assert [view.fov_y for view in read_transforms(table)] == pytest.approx(
        [view.fov_y for view in views]
    )


def test_cameras_of_several_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="one size"):
        transforms_table([camera(), camera(8, 8)], ["a", "b"])


@pytest.mark.parametrize(("fov_y", "width"), [(0.0, 4), (pi, 4), (1.0, 0)])
def test_impossible_cameras_are_refused(fov_y: float, width: int) -> None:
    with pytest.raises(ValueError, match=r"fov_y|pixels"):
        camera(width=width, fov_y=fov_y)


def test_a_point_gets_a_camera_too() -> None:
    center, radius = bounding_sphere(np.full((3, 3), 5.0))
    assert radius == 0
    pixel = ring(1, center=center, radius=radius, size=8)[0].project(np.full((1, 3), 5.0))
    np.testing.assert_allclose(pixel[0, :2], [4, 4], atol=1e-9)
    assert bounding_sphere(np.zeros((0, 3)))[1] == 0
