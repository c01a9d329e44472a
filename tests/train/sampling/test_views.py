from __future__ import annotations

from math import radians

import numpy as np
import pytest

from partworks.geometry.boxes import draw_boxes
from partworks.geometry.cameras import bounding_sphere, ring
from tests.train.sampling.made import CHAIR
from train.sampling.views import project, ring_cameras
from train.sampling.wireframes import PALETTE, box_corners, wireframes

POINTS = {
    "plate": np.array([[0.1, 0.2, 0.3], [0.9, 0.25, 0.8], [0.4, 0.2, 0.7]]),
    "cube": box_corners(np.array([[[-1.0] * 3, [1.0] * 3]]))[0],
}


@pytest.mark.parametrize("shape", POINTS)
@pytest.mark.parametrize("views", [4, 8])
def test_the_cameras_are_those_of_the_render_stage(shape: str, views: int) -> None:
    points = POINTS[shape]
    center, radius = bounding_sphere(points)
    theirs = ring(
        views,
        elevation=radians(30),
        fov_y=radians(40),
        center=center,
        radius=radius,
        size=64,
        nearest=2 * float(np.ptp(points, axis=0).max()),
    )
    ours = ring_cameras(points, views=views, pixels=64)
    for own, camera in zip(ours.camera_to_world_N44.numpy(), theirs, strict=True):
        np.testing.assert_allclose(own, camera.camera_to_world, atol=1e-12)
    for own, camera in zip(project(points, ours), theirs, strict=True):
        np.testing.assert_allclose(own, camera.project(points), atol=1e-9)


def test_nothing_is_cut_off() -> None:
    points = np.random.default_rng(0).uniform(-1, 1, (500, 3)) * [0.2, 1, 0.4]
    pixels = project(points, ring_cameras(points, views=8, pixels=100))[..., :2]
    assert pixels.min() >= 0
    assert pixels.max() <= 100


def test_nothing_is_seen_as_the_whole_cube_is() -> None:
    cube = ring_cameras(POINTS["cube"], views=4, pixels=32)
    nothing = ring_cameras(np.zeros((0, 3)), views=4, pixels=32)
    assert bool((cube.camera_to_world_N44 == nothing.camera_to_world_N44).all())


@pytest.mark.parametrize("count", [5, 20])
def test_wireframes_are_those_of_the_shards(count: int) -> None:
    # Nothing of it lies between two pixels, where rounding decides.
    low = np.random.default_rng(count).uniform(-1, 0.5, (count, 3))
    boxes = np.stack([low, low + 0.37], axis=1)
    center, radius = bounding_sphere(box_corners(boxes).reshape(-1, 3))
    theirs = ring(8, fov_y=radians(40), center=center, radius=radius, size=256, nearest=4.0)
    ours = wireframes(boxes, ring_cameras(box_corners(boxes).reshape(-1, 3), views=8, pixels=256))
    for own, camera in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(own, draw_boxes(boxes, camera))


def test_every_pixel_is_white_or_the_colour_of_one_part() -> None:
    cameras = ring_cameras(box_corners(CHAIR.fitted_boxes).reshape(-1, 3), views=4, pixels=128)
    found = {tuple(color) for color in wireframes(CHAIR.boxes / 5, cameras).reshape(-1, 3).tolist()}
    assert found <= {(255, 255, 255), *PALETTE[:4]}
    assert len(found) > 1
