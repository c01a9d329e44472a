from __future__ import annotations

from itertools import product
from math import radians

import numpy as np
import pytest
from PIL import Image

from partworks.geometry.boxes import label_boxes
from partworks.geometry.cameras import Camera, look_at
from partworks.geometry.mesh import Mesh
from partworks.report.colouring import (
    FRONT,
    SIZE,
    default_camera,
    look_at_object,
    paint_boxes,
    paint_labels,
)
from partworks.report.palette import PALETTE, UNLABELLED
from tests.report.made import BACK, LEG, SEAT, box_node, make_mesh

LEFT_AND_RIGHT = Mesh(nodes=(box_node((-1, -1, -1), (0, 1, 1)), box_node((0, -1, -1), (1, 1, 1))))
LABELS = np.repeat(np.array([0, 1], np.int32), 12)


@pytest.fixture
def front() -> Camera:
    """A camera on the z axis, far enough to see both boxes."""
    matrix = look_at((0.0, 0.0, 6.0), (0.0, 0.0, 0.0))
    return Camera(camera_to_world=matrix, fov_y=radians(40), width=64, height=64)


def hue(pixel: np.ndarray) -> np.ndarray:
    return pixel[:3] / np.linalg.norm(pixel[:3])


def pixels(image: Image.Image) -> np.ndarray:
    assert image.mode == "RGBA" and image.size == (SIZE, SIZE)
    return np.asarray(image).astype(float)


def test_each_side_has_the_colour_of_its_label(front: Camera) -> None:
    image, colors = paint_labels(look_at_object(LEFT_AND_RIGHT, front), LABELS, count=2)
    assert colors == list(PALETTE[:2])
    picture = pixels(image)
    for column, label in ((100, 0), (156, 1)):
        np.testing.assert_allclose(
            hue(picture[128, column]), hue(np.array(PALETTE[label])), atol=0.01
        )
    assert picture[128, 5, 3] == 0, "the background is transparent"
    brightness = picture[128, :, :3].sum(axis=-1)
    sides = min(brightness[100], brightness[156])
    assert brightness[126:130].min() < 0.85 * sides, "a dark line parts them"


def test_dropped_faces_are_grey(front: Camera) -> None:
    labels = np.where(LABELS == 1, -1, 0).astype(np.int32)
    picture = pixels(paint_labels(look_at_object(LEFT_AND_RIGHT, front), labels, count=1)[0])
    np.testing.assert_allclose(hue(picture[128, 156]), hue(np.array(UNLABELLED)), atol=0.01)


def test_edges_are_smooth(front: Camera) -> None:
    labels = np.zeros(36, np.int32)
    picture = pixels(paint_labels(look_at_object(make_mesh(), front), labels, count=1)[0])
    partly = (picture[..., 3] > 0) & (picture[..., 3] < 255)
    assert 20 < partly.sum() < 3000


def test_the_default_camera_sees_all_of_the_object_from_the_front() -> None:
    mesh = make_mesh()
    camera = default_camera(mesh)
    np.testing.assert_allclose(camera.forward, -FRONT, atol=1e-9)
    inside = camera.project(mesh.vertices)[:, :2]
    assert inside.min() > 0 and inside.max() < SIZE


def test_boxes_of_labels() -> None:
    labels = np.repeat(np.array([2, 0, -1], np.int32), 12)
    boxes = label_boxes(make_mesh(), labels, count=4)
    np.testing.assert_allclose(boxes[2], SEAT, atol=1e-6)
    np.testing.assert_allclose(boxes[0], BACK, atol=1e-6)
    assert np.isinf(boxes[[1, 3]]).all()
    merged = label_boxes(make_mesh(), np.zeros(36, np.int32), count=1)
    np.testing.assert_allclose(merged[0], [np.min([SEAT, BACK, LEG], (0, 1)), [1, 1, 1]], atol=1e-6)


def test_boxes_are_drawn_where_they_project(front: Camera) -> None:
    look = look_at_object(LEFT_AND_RIGHT, front)
    boxes = np.array([[[-1, -1, -1], [0, 1, 1]], [[np.inf] * 3, [-np.inf] * 3]], float)
    picture = pixels(paint_boxes(look, boxes, [PALETTE[3], PALETTE[4]]))
    corner = front.resized(4).project(np.array([[-1.0, 0.0, 1.0]]))[0]
    beside = picture[int(corner[1]), int(corner[0]) - 1 : int(corner[0]) + 2, :3]
    assert (np.abs(beside - PALETTE[3]).max(axis=1) < 60).any()
    saturation = np.where(picture[..., 3] > 128, np.ptp(picture[..., :3], axis=-1), 0)
    assert saturation[:, 170:].max() < 30, "the second box is infinite and not drawn"


def test_no_box_is_cut_off() -> None:
    mesh = make_mesh()
    camera = default_camera(mesh)
    box = np.array([[[-1, -1, -1], [1, 1, 1]]], float) * 1.2
    corners = np.array(list(product((-1.2, 1.2), repeat=3)))
    assert camera.project(corners)[:, :2].max() > SIZE
    picture = pixels(paint_boxes(look_at_object(mesh, camera), box, [PALETTE[0]]))
    rim = np.concatenate([picture[[0, -1], :, 3].ravel(), picture[:, [0, -1], 3].ravel()])
    assert not rim.any()
    assert picture[3:8, :, 3].any() or picture[-8:-3, :, 3].any(), "and no more room than needed"


def test_an_object_without_faces_is_an_empty_picture(front: Camera) -> None:
    look = look_at_object(Mesh(nodes=()), front)
    picture = pixels(paint_labels(look, np.zeros(0, np.int32), count=0)[0])
    assert not picture.any()
    assert label_boxes(Mesh(nodes=()), np.zeros(0, np.int32), count=0).shape == (0, 2, 3)
