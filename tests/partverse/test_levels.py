from __future__ import annotations

import json

import numpy as np

from partworks.geometry.mesh import Mesh
from partworks.partverse.levels import bounds_bytes, info_bytes, level_bounds, part_boxes
from tests.shards.made import box_node

BIG = ((-1.0, 0.0, -1.0), (1.0, 0.5, 1.0))
LOW = ((-0.5, -1.0, -0.1), (-0.3, -0.8, 0.1))
HIGH = ((0.3, 0.6, -0.1), (0.5, 0.8, 0.1))


def made() -> tuple[Mesh, np.ndarray]:
    mesh = Mesh(nodes=tuple(box_node(box) for box in (HIGH, BIG, LOW)))
    return mesh, np.repeat(np.array([0, 1, 3], np.int32), 12)


def test_parts_without_faces_are_left_out() -> None:
    mesh, labels = made()
    found = part_boxes(mesh, labels, count=5)
    assert found.labels.tolist() == [0, 1, 3]
    np.testing.assert_allclose(found.weights, [0.12, 1 + 1 + 4, 0.12], rtol=1e-6)


def test_bounds_are_deciles_of_all_objects_together() -> None:
    bounds = level_bounds([np.arange(0.0, 51), np.arange(51.0, 101)])
    np.testing.assert_allclose(bounds, np.arange(10, 100, 10))
    assert level_bounds([]).tolist() == [0.0] * 9


def test_the_large_come_first_and_of_equals_the_lower() -> None:
    mesh, labels = made()
    parts = part_boxes(mesh, labels, count=5)
    info = json.loads(info_bytes(parts, labels, bounds=np.linspace(1, 5, 9)))
    assert info["ordered_face_label"] == [1, 3, 0]
    assert info["ordered_part_level"] == [9, 0, 0]
    assert [faces[0] for faces in info["ordered_faceid"]] == [12, 24, 0]
    assert json.loads(bounds_bytes(np.arange(9.0), ["b", "a"]))["uids"] == ["a", "b"]
