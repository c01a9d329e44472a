from __future__ import annotations

import numpy as np
import pytest
import trimesh

from shards.mesh import sample_mesh
from shards.selection import Selection
from tests.shards.shapes import ball, box, object_of


def test_parts_keep_their_volume_and_share_edges() -> None:
    """Boxes whose corners are doubled, as at the seams of textures, are closed again."""
    first, second = ball(0.5), box(1, 2, 1)
    second.unmerge_vertices()
    second.apply_translation([2, 0, 0])
    surface, selection = object_of(first, second)
    arrays = sample_mesh(surface, selection)
    assert [str(arrays[name].dtype) for name in ("vertices", "faces", "face_part")] == [
        "float32", "int32", "int16",
    ]  # fmt: skip
    for index, part in enumerate((first, second)):
        faces = arrays["faces"][arrays["face_part"] == index]
        mesh = trimesh.Trimesh(arrays["vertices"], faces, process=False)
        assert mesh.is_watertight
        assert mesh.volume == pytest.approx(part.volume, rel=1e-6)
    assert len(arrays["vertices"]) == len(first.vertices) + 8


def test_faces_keep_their_order_and_those_of_no_part_stay() -> None:
    surface, selection = object_of(box(1, 1, 1), box(2, 2, 2))
    arrays = sample_mesh(surface, Selection(kept=selection.kept[1:], dropped={0: "tail"}))
    assert arrays["face_part"].tolist() == [-1] * 12 + [0] * 12
    places = arrays["vertices"][arrays["faces"]]
    np.testing.assert_array_equal(places, surface.vertices[surface.faces].astype(np.float32))


def test_vertices_of_no_face_are_left_out() -> None:
    surface, selection = object_of(box(1, 1, 1))
    surface.vertices = np.concatenate([np.full((3, 3), np.nan), surface.vertices])
    surface.faces = surface.faces + 3
    arrays = sample_mesh(surface, selection)
    assert len(arrays["vertices"]) == 8
    assert np.isfinite(arrays["vertices"]).all()
