from typing import Any

import numpy as np
import pytest

from partworks.errors import Rejected
from partworks.geometry.glb import read_glb
from partworks.geometry.gltf import constants as gl
from partworks.geometry.gltf.primitives import triangles
from partworks.geometry.load import load_mesh
from tests.geometry.made_gltf import CORNERS, FACES, MadeGltf, tetrahedron, volume


def test_strips_alternate_and_fans_share_their_first_corner() -> None:
    """The equations of glTF 2.0, section 3.7.2.1."""
    corners = np.arange(5, dtype=np.int32)
    strip = triangles(corners, gl.TRIANGLE_STRIP, where="")
    assert strip.tolist() == [[0, 1, 2], [1, 3, 2], [2, 3, 4]]
    fan = triangles(corners, gl.TRIANGLE_FAN, where="")
    assert fan.tolist() == [[1, 2, 0], [2, 3, 0], [3, 4, 0]]
    for topology in (gl.TRIANGLE_STRIP, gl.TRIANGLE_FAN):
        assert triangles(corners[:2], topology, where="").shape == (0, 3)


def test_a_strip_around_a_tetrahedron_is_closed() -> None:
    made = MadeGltf()
    strip = np.array([0, 2, 1, 3, 0, 2], np.uint16)
    made.mesh(
        {"attributes": {"POSITION": made.array(CORNERS)}, "indices": made.array(strip), "mode": 5}
    )
    mesh = read_glb(made.to_glb())
    assert mesh.faces.tolist() == [[0, 2, 1], [2, 3, 1], [1, 3, 0], [3, 2, 0]]
    assert volume(mesh.vertices, mesh.faces) == pytest.approx(1 / 6)


def test_degenerate_faces_of_a_strip_stay_in_the_numbering() -> None:
    faces = triangles(np.array([0, 1, 2, 2, 3, 4], np.int32), gl.TRIANGLE_STRIP, where="")
    assert len(faces) == 4


def test_without_indices_vertices_come_in_threes() -> None:
    made = MadeGltf()
    made.mesh({"attributes": {"POSITION": made.array(CORNERS[FACES.reshape(-1)])}})
    mesh = read_glb(made.to_glb())
    assert mesh.faces.tolist() == np.arange(12).reshape(4, 3).tolist()
    assert volume(mesh.vertices, mesh.faces) == pytest.approx(1 / 6)


def test_quantised_attributes() -> None:
    """KHR_mesh_quantization: integers as they are, or normalised where the accessor says so."""
    made = tetrahedron()
    attributes = made.json["meshes"][0]["primitives"][0]["attributes"]
    attributes["POSITION"] = made.array((CORNERS * 100).astype(np.int16))
    attributes["TEXCOORD_0"] = made.array(
        np.array([[0, 255], [51, 102], [0, 0], [255, 0]], np.uint8), normalized=True
    )
    attributes["COLOR_0"] = made.array(np.full((4, 3), 65535, np.uint16), normalized=True)
    node = read_glb(made.to_glb()).nodes[0]
    np.testing.assert_array_equal(node.vertices, CORNERS * 100)
    assert node.uv is not None and node.colors is not None
    np.testing.assert_allclose(node.uv[1], [0.2, 0.4], rtol=1e-6)
    np.testing.assert_array_equal(node.colors, np.ones((4, 4)))


def shared_buffer() -> bytes:
    """Two primitives with one face each, over one buffer of five vertices."""
    made = MadeGltf()
    positions = made.array(np.vstack([CORNERS, [[9, 9, 9]]]).astype(np.float32))
    uv = made.array(np.arange(10, dtype=np.float32).reshape(5, 2))
    made.mesh(
        *(
            {
                "attributes": {"POSITION": positions, "TEXCOORD_0": uv},
                "indices": made.array(np.array(face, np.uint8)),
            }
            for face in ([3, 1, 2], [0, 2, 1])
        )
    )
    return made.to_glb()


def test_load_keeps_the_vertices_that_faces_use_in_their_order() -> None:
    mesh = load_mesh(shared_buffer(), "glb").mesh
    first, second = mesh.nodes
    np.testing.assert_array_equal(first.vertices, CORNERS[1:])
    assert first.faces.tolist() == [[2, 0, 1]]
    assert first.uv is not None
    np.testing.assert_array_equal(first.uv, [[2, 3], [4, 5], [6, 7]])
    np.testing.assert_array_equal(second.vertices, CORNERS[:3])
    assert [len(node.vertices) for node in read_glb(shared_buffer()).nodes] == [5, 5]


def broken(**changes: Any) -> bytes:
    made = tetrahedron()
    primitive = made.json["meshes"][0]["primitives"][0]
    arrays = {
        "short": lambda: made.array(CORNERS[:3]),
        "signed": lambda: made.array(FACES.reshape(-1).astype(np.int16)),
        "eleven": lambda: made.array(FACES.reshape(-1)[:11]),
        "beyond": lambda: made.array(np.array([0, 1, 4], np.uint16)),
        "lonely": lambda: made.array(np.zeros((4, 4), np.uint8)),
    }
    for key, value in changes.items():
        entry = primitive["attributes"] if key.isupper() or "_" in key else primitive
        entry[key] = arrays[value]() if isinstance(value, str) else value
    return made.to_glb()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"attributes": {}}, "no_positions"),
        ({"NORMAL": "short"}, "bad_accessor"),
        ({"NORMAL": 99}, "dangling_reference"),
        ({"POSITION": 1}, "bad_accessor"),
        ({"indices": "signed"}, "bad_accessor"),
        ({"indices": "eleven"}, "bad_accessor"),
        ({"indices": "beyond"}, "index_out_of_range"),
        ({"indices": 0}, "bad_accessor"),
        ({"mode": 7}, "invalid_gltf"),
        ({"mode": 0}, "points_only"),
        ({"mode": 3}, "lines_only"),
        ({"material": 0}, "dangling_reference"),
        ({"JOINTS_0": "lonely"}, "bad_skin"),
    ],
)
def test_broken_primitives_are_named(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        load_mesh(broken(**changes), "glb")
    assert caught.value.reason == reason
