"""What is written for Blender, and what is refused because Blender would crash at it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from partworks.errors import Failed
from partworks.geometry.mesh import Material, Mesh, TextureRef
from render.blender.pieces import Piece
from render.blender.scene_files import write_scene
from render.blender.server.messages import ARRAYS_FILE, SCENE_FILE
from tests.render.scenes import board

WHOLE = Piece(node=0, faces=np.arange(2), label=0, covered=False)


def changed(**values: Any) -> Mesh:
    mesh = board()
    return replace(mesh, nodes=(replace(mesh.nodes[0], **values),))


def test_arrays_and_images_are_as_the_server_reads_them(tmp_path: Path) -> None:
    mesh = board(colors=np.ones((4, 4)), alpha_mode="MASK")
    write_scene(tmp_path, mesh, [replace_faces(WHOLE, [1])])
    with np.load(tmp_path / ARRAYS_FILE) as arrays:
        assert sorted(arrays) == ["0.colors", "0.corners", "0.uv", "0.vertices"]
        assert np.array_equal(arrays["0.vertices"], mesh.nodes[0].vertices[[0, 2, 3]])
        assert arrays["0.corners"].tolist() == [0, 1, 2] and arrays["0.corners"].dtype == np.int32
        assert arrays["0.uv"].tolist() == [[0, 0], [1, 1], [0, 1]]  # v upwards
    data = json.loads((tmp_path / SCENE_FILE).read_text())
    assert data["pieces"] == [0] and len(data["materials"]) == 2
    assert data["materials"][0]["alpha"] == "MASK" and data["materials"][0]["colored"]
    assert (tmp_path / data["images"][0]).read_bytes() == mesh.images[0].data


def replace_faces(piece: Piece, faces: list[int]) -> Piece:
    return replace(piece, faces=np.array(faces))


def test_a_node_without_a_material_gets_the_last_one(tmp_path: Path) -> None:
    write_scene(tmp_path, changed(material=None), [WHOLE])
    data = json.loads((tmp_path / SCENE_FILE).read_text())
    assert data["pieces"] == [1] and data["materials"][1]["base_color"] == [1, 1, 1, 1]


def test_values_that_are_no_numbers_are_mended(tmp_path: Path) -> None:
    uv = np.full((4, 2), np.nan, np.float32)
    normals = np.array([[np.inf, 0, 0], [0, 0, 0], [0, 0, 3], [np.nan, 1, 0]], np.float32)
    colors = np.full((4, 4), np.nan, np.float32)
    write_scene(tmp_path, changed(uv=uv, normals=normals, colors=colors), [WHOLE])
    with np.load(tmp_path / ARRAYS_FILE) as arrays:
        assert all(np.isfinite(arrays[name]).all() for name in arrays)
        length = np.linalg.norm(arrays["0.normals"], axis=1)
        assert length.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("mesh", "message"),
    [
        (changed(faces=np.array([[0, 1, 4]], np.int32)), "vertices that do not exist"),
        (changed(faces=np.array([[0, 1, -1]], np.int32)), "vertices that do not exist"),
        (changed(vertices=np.full((4, 3), np.nan, np.float32)), "not finite"),
        (changed(vertices=np.full((4, 3), 1e30, np.float32)), "not finite or beyond"),
        (changed(material=1), "material 1 of 1"),
        (
            replace(board(), materials=(Material(normal_texture=TextureRef(image=5)),)),
            "image 5 of 1",
        ),
    ],
)
def test_what_would_crash_blender_is_refused(tmp_path: Path, mesh: Mesh, message: str) -> None:
    with pytest.raises(Failed, match=message) as caught:
        write_scene(tmp_path, mesh, [WHOLE])
    assert caught.value.reason == "blender_error"
    assert not list(tmp_path.iterdir())
