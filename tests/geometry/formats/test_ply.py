import struct
from typing import Any

import numpy as np
import pytest
import trimesh

from partworks.errors import Rejected
from partworks.geometry.formats.ply import read_ply
from partworks.geometry.image_sampling import srgb_to_linear
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Mesh, MeshNode
from partworks.geometry.side_files import SideFiles
from tests.geometry.made_gltf import volume
from tests.geometry.made_mesh import png

CORNERS = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0.5, 0.5, 1)]
PYRAMID = [(0, 3, 2, 1), (0, 1, 4), (1, 2, 4), (2, 3, 4), (3, 0, 4)]


def read(data: bytes, files: dict[str, bytes] | None = None) -> tuple[Mesh, list[str]]:
    words: list[str] = []
    side_files = SideFiles(files or {}, max_bytes=9999)
    return read_ply(data, side_files, limits=LoadLimits(), warn=words.append), words


def node_of(data: bytes) -> MeshNode:
    return read(data)[0].nodes[0]


def header(form: str, *lines: str) -> bytes:
    return "\n".join(["ply", f"format {form} 1.0", *lines, "end_header", ""]).encode()


XYZ = ("property float x", "property float y", "property float z")
MIXED = ("element vertex 5", *XYZ, "element face 5", "property list uchar int vertex_indices")


def mixed(form: str) -> bytes:
    """A pyramid: a quad and four triangles, so records differ in length."""
    if form == "ascii":
        rows = [" ".join(map(str, corner)) for corner in CORNERS]
        rows += [" ".join(map(str, (len(face), *face))) for face in PYRAMID]
        return header(form, *MIXED) + "\n".join(rows).encode()
    order = "<" if "little" in form else ">"
    body = b"".join(struct.pack(f"{order}3f", *corner) for corner in CORNERS)
    body += b"".join(struct.pack(f"{order}B{len(f)}i", len(f), *f) for f in PYRAMID)
    return header(form, *MIXED) + body


@pytest.mark.parametrize("form", ["ascii", "binary_little_endian", "binary_big_endian"])
def test_mixed_polygons_in_every_form(form: str) -> None:
    node = node_of(mixed(form))
    np.testing.assert_array_equal(node.vertices, CORNERS)
    expected = [[0, 3, 2], [0, 2, 1], [0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]]
    assert node.faces.tolist() == expected
    assert volume(node.vertices, node.faces) == pytest.approx(1 / 3)


@pytest.mark.parametrize("encoding", ["ascii", "binary_little_endian"])
def test_what_trimesh_writes_is_read(encoding: str) -> None:
    sphere = trimesh.creation.icosphere(subdivisions=2)
    colors = np.random.default_rng(0).integers(0, 256, (len(sphere.vertices), 4)).astype(np.uint8)
    sphere.visual.vertex_colors = colors
    data = trimesh.exchange.ply.export_ply(sphere, encoding=encoding, vertex_normal=True)
    node = node_of(data)
    np.testing.assert_allclose(node.vertices, sphere.vertices, atol=1e-6)
    np.testing.assert_array_equal(node.faces, sphere.faces)
    assert node.normals is not None and node.colors is not None
    np.testing.assert_allclose(node.normals, sphere.vertex_normals, atol=1e-6)
    np.testing.assert_allclose(node.colors[:, :3], srgb_to_linear(colors[:, :3] / 255), atol=1e-6)
    np.testing.assert_allclose(node.colors[:, 3], colors[:, 3] / 255, atol=1e-6)


def test_face_colours_and_corner_uvs_give_every_corner_a_vertex() -> None:
    data = header(
        "ascii",
        "comment TextureFile  my map.png",
        *MIXED[:-2],
        "element face 2",
        "property list uchar int vertex_indices",
        "property list uchar float texcoord",
        "property uchar red",
        "property uchar green",
        "property uchar blue",
    )
    rows = [" ".join(map(str, corner)) for corner in CORNERS]
    rows += ["3 0 1 4 6 0 0 1 0 0.5 1 255 0 0", "4 0 3 2 1 8 0 0 0 1 1 1 1 0 0 255 0"]
    mesh, words = read(data + "\n".join(rows).encode(), {"my map.png": png()})
    (node,) = mesh.nodes
    assert node.faces.tolist() == [[0, 1, 2], [3, 4, 5], [3, 5, 6]]
    np.testing.assert_array_equal(node.vertices[:3], np.array(CORNERS)[[0, 1, 4]])
    assert node.uv is not None and node.colors is not None
    np.testing.assert_array_equal(node.uv[:3], [[0, 1], [1, 1], [0.5, 0]])
    np.testing.assert_array_equal(node.colors[2:4], [[1, 0, 0, 1], [0, 1, 0, 1]])
    assert (len(mesh.images), node.material, words) == (1, 0, [])
    assert read(data + "\n".join(rows).encode())[1] == ["missing_texture"]


def test_vertex_uvs_and_elements_that_nobody_needs() -> None:
    data = header(
        "ascii",
        "obj_info made by hand",
        "element camera 1",
        "property float view_x",
        "element vertex 3",
        "property double s",
        "property double t",
        *XYZ,
        "element face 1",
        "property int flags",
        "property list uint8 uint32 vertex_index",
        "element edge 0",
    )
    mesh, _ = read(data + b"7\n0 0 0 0 0\n1 0 1 0 0\n0 0.25 0 1 0\n5 3 0 1 2\n")
    np.testing.assert_array_equal(mesh.nodes[0].uv, [[0, 1], [1, 1], [0, 0.75]])
    assert mesh.materials == ()


def changed(old: bytes, new: bytes, form: str = "ascii") -> bytes:
    data = mixed(form)
    assert old in data
    return data.replace(old, new)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"ply\nformat ascii 1.0\n", "truncated"),
        (header("ebcdic", *MIXED), "invalid_ply"),
        (header("ascii", "property float x"), "invalid_ply"),
        (header("ascii", "nonsense"), "invalid_ply"),
        (changed(b"float x", b"quaternion x"), "invalid_ply"),
        (changed(b"element vertex 5", b"element vertex -5"), "invalid_ply"),
        (changed(b"element vertex 5", b"element vertex 99999999999999"), "truncated"),
        (changed(b"element face 5", b"element face 6"), "truncated"),
        (changed(b"element face 5", b"element face 0"), "points_only"),
        (changed(b"element face 5", b"element faces 5"), "points_only"),
        (changed(b"float z", b"float w"), "no_positions"),
        (changed(b"vertex_indices", b"other"), "invalid_ply"),
        (changed(b"3 3 0 4", b"3 3 0 5"), "index_out_of_range"),
        (changed(b"3 3 0 4", b"3 3 0 -1"), "index_out_of_range"),
        (changed(b"3 3 0 4", b"3 3 0 nan"), "index_out_of_range"),
        (changed(b"3 3 0 4", b"-3 3 0 4"), "invalid_ply"),
        (changed(b"3 3 0 4", b"1e9 3 0 4"), "invalid_ply"),
        (changed(b"3 3 0 4", b"3 3 0 four"), "invalid_ply"),
        (mixed("binary_little_endian")[:-1], "truncated"),
        (mixed("binary_big_endian")[:-40], "truncated"),
    ],
)
def test_broken_files_are_named(data: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        read(data)
    assert caught.value.reason == reason


def test_limits_hold() -> None:
    side_files: Any = SideFiles({}, max_bytes=1)
    with pytest.raises(Rejected, match="too_many_faces"):
        read_ply(mixed("ascii"), side_files, limits=LoadLimits(max_faces=5), warn=lambda word: None)
