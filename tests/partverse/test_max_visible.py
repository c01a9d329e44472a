from __future__ import annotations

import numpy as np

from partworks.geometry.mesh import Mesh
from partworks.partverse.max_visible import NEVER, SCALE, cameras, max_visible
from tests.shards.made import box_node

OUTER = ((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0))
INNER = ((-0.5, -0.5, -0.5), (0.5, 0.5, 0.5))
BUMP = ((1.0, -0.2, -0.2), (1.3, 0.2, 0.2))
"""On the side of +x."""


def test_a_part_inside_another_is_never_seen() -> None:
    mesh = Mesh(nodes=(box_node(OUTER), box_node(INNER)))
    outer, inner = max_visible(mesh, mesh.face_node, count=2, size=64)
    assert inner == {"max_visible_view_id": -1, "bbox2d_max_visible": NEVER}
    assert outer["max_visible_view_id"] >= 0


def test_a_part_is_best_seen_from_its_own_side_and_inside_its_box() -> None:
    mesh = Mesh(nodes=(box_node(OUTER), box_node(BUMP)))
    _, bump = max_visible(mesh, mesh.face_node, count=2, size=128)
    camera = cameras(128)[bump["max_visible_view_id"]]
    assert camera.position[0] > 0.9
    corners = camera.project(mesh.nodes[1].vertices.astype(np.float64) * SCALE)
    left, top, right, bottom = bump["bbox2d_max_visible"]
    assert corners[:, 0].min() - 1 <= left <= right <= corners[:, 0].max() + 1
    assert corners[:, 1].min() - 1 <= top <= bottom <= corners[:, 1].max() + 1


def test_the_rig_looks_down_at_the_origin_from_eight_sides() -> None:
    places = np.stack([camera.position for camera in cameras()])
    np.testing.assert_allclose(np.linalg.norm(places, axis=1), 1.59)
    np.testing.assert_allclose(places[:, 1], 1.59 / 2)
    np.testing.assert_allclose(places.sum(axis=0)[[0, 2]], 0, atol=1e-12)
    np.testing.assert_allclose(places[0, [0, 2]], [-1.59 * np.cos(np.pi / 6), 0], atol=1e-12)
