import numpy as np
import pytest

from partworks.errors import Rejected
from partworks.geometry.formats.obj import read_obj
from partworks.geometry.image_sampling import srgb_to_linear
from partworks.geometry.limits import LoadLimits
from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import Mesh
from partworks.geometry.side_files import SideFiles
from tests.shared_assets import requires_shared, shared

CUBE_CORNERS = "\n".join(
    f"v {x} {y} {z}" for x, y, z in
    [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]
)  # fmt: skip


def read(
    text: str | bytes, files: dict[str, bytes] | None = None, limits: LoadLimits | None = None
) -> tuple[Mesh, list[str]]:
    words: list[str] = []
    data = text.encode() if isinstance(text, str) else text
    side_files = SideFiles(files or {}, max_bytes=1 << 20)
    return read_obj(data, side_files, limits=limits or LoadLimits(), warn=words.append), words


def triangles(mesh: Mesh) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return mesh.vertices[mesh.faces]


def test_quads_become_two_neighbouring_faces_in_file_order() -> None:
    mesh, words = read(f"{CUBE_CORNERS}\nf 1 4 3 2\nf 5 6 7 8\nf 1 2 6\n")
    expected = [[0, 3, 2], [0, 2, 1], [4, 5, 6], [4, 6, 7], [0, 1, 5]]
    corners = np.array([line.split()[1:] for line in CUBE_CORNERS.split("\n")], float)
    np.testing.assert_array_equal(triangles(mesh), corners[expected])
    assert words == []


def test_negative_indices_count_from_the_lines_read_so_far() -> None:
    mesh, _ = read("v 0 0 0\nv 1 0 0\nv 0 1 0\nf -3 -2 -1\nv 0 0 5\nv 1 0 5\nv 0 1 5\nf -3 -2 -1")
    np.testing.assert_array_equal(triangles(mesh)[1], [[0, 0, 5], [1, 0, 5], [0, 1, 5]])


def test_vertices_are_distinct_corners_by_first_use() -> None:
    mesh, _ = read(
        "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 9 9 9\nv 1 1 0\nvt 0 0\nvt 0.25 1 7\nvn 0 0 2\n"
        "f 3/1/1 1/1/1 2/1/1\nf 3/1/1 2/1/1 5/2/1\nf 1/2/1 3/1/1 5/2/1\n"
    )
    (node,) = mesh.nodes
    assert node.faces.tolist() == [[0, 1, 2], [0, 2, 3], [4, 0, 3]]
    assert node.vertices[:, 0].tolist() == [0, 0, 1, 1, 0]
    assert node.uv is not None and node.normals is not None
    np.testing.assert_array_equal(node.uv, [[0, 1], [0, 1], [0, 1], [0.25, 0], [0.25, 0]])
    np.testing.assert_array_equal(node.normals, np.tile([0, 0, 2], (5, 1)))


def test_corners_may_lack_uv_or_normal() -> None:
    mesh, _ = read("v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 1 1\nvn 0 1 0\nf 1//1 2//1 3//1\nf 1/1/ 2/1 3\n")
    node = mesh.nodes[0]
    assert len(node.vertices) == 6
    assert node.normals is not None and node.uv is not None
    np.testing.assert_array_equal(node.normals[:3], np.tile([0, 1, 0], (3, 1)))
    np.testing.assert_array_equal(node.normals[3:], np.zeros((3, 3)))


def test_nodes_by_object_group_and_material_in_order_of_appearance() -> None:
    mesh, words = read(
        f"mtllib none.mtl\n{CUBE_CORNERS}\n"
        "f 1 2 3\n"
        "o table\ng top\nusemtl wood\nf 1 2 4\n"
        "usemtl paint #25\nf 1 2 5\n"
        "g\tleg one\nusemtl wood\nf 1 2 6\n"
        "g top\nf 1 2 7\n"
        "o lamp\nf 1 2 8\n"
    )
    found = [(node.mesh_name, node.name, node.material) for node in mesh.nodes]
    assert found == [
        ("", "", None),
        ("table", "top", 0),
        ("table", "top", 1),
        ("table", "leg one", 0),
        ("lamp", "top", 0),
    ]
    assert [len(node.faces) for node in mesh.nodes] == [1, 2, 1, 1, 1]
    assert [material.name for material in mesh.materials] == ["wood", "paint #25"]
    assert words == ["missing_material_file"]


def test_objects_without_groups_name_their_nodes() -> None:
    mesh, _ = read("v 0 0 0\nv 1 0 0\nv 0 1 0\no стол 1\nf 1 2 3")
    assert (mesh.nodes[0].name, mesh.nodes[0].mesh_name) == ("стол 1", "стол 1")


def test_colours_behind_positions_are_srgb() -> None:
    mesh, _ = read("v 0 0 0 1 0.5 0\nv 1 0 0\nv 0 1 0 nan nan nan\nf 1 2 3")
    colors = mesh.nodes[0].colors
    assert colors is not None
    half = float(srgb_to_linear(np.array(0.5)))
    np.testing.assert_allclose(colors, [[1, half, 0, 1], [1, 1, 1, 1], [1, 1, 1, 1]])
    bytes_mesh, _ = read("v 0 0 0 255 0 0\nv 1 0 0 0 255 0\nv 0 1 0 0 0 51\nf 1 2 3")
    colors = bytes_mesh.nodes[0].colors
    assert colors is not None
    np.testing.assert_allclose(colors[:2, :3], [[1, 0, 0], [0, 1, 0]])
    assert read("v 0 0 0 1\nv 1 0 0 1\nv 0 1 0 1\nf 1 2 3")[0].nodes[0].colors is None


def test_line_ends_continuations_comments_and_utf16() -> None:
    text = "# a comment\r\nv 0 0 0 # first\r\nv 1 0 \\\r\n 0\r\n\tv\t0 1 0\r\n"
    text += "f 1 2 \\ \r\n3 # last\r\n"
    for data in (text.encode(), text.encode("utf-16"), text.encode("utf-16-be")):
        mesh, _ = read(data)
        np.testing.assert_array_equal(triangles(mesh)[0], [[0, 0, 0], [1, 0, 0], [0, 1, 0]])


def test_lines_beside_faces_are_left_out() -> None:
    mesh, words = read("v 0 0 0\nv 1 0 0\nv 0 1 0\nl 1 2\nf 1 2\nf 1 2 3")
    assert mesh.face_count == 1
    assert words == ["ignored_points_or_lines"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4", "index_out_of_range"),
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 0 1 2", "index_out_of_range"),
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf -4 -2 -1", "index_out_of_range"),
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1/1 2/1 3/1", "index_out_of_range"),
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1//2 2//1 3//1", "index_out_of_range"),
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf a b c", "invalid_obj"),
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1/1/1/1 2 3", "invalid_obj"),
        (f"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 {'9' * 5000}", "invalid_obj"),
        ("v 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3", "invalid_obj"),
        ("v 0 0 x\nv 1 0 0\nv 0 1 0\nf 1 2 3", "invalid_obj"),
        ("v 0 0 0\nvt\nv 1 0 0\nv 0 1 0\nvt a\nf 1 2 3", "invalid_obj"),
        ("v 0 0 0\nv 1 0 0", "points_only"),
        ("v 0 0 0\nv 1 0 0\nl 1 2", "lines_only"),
        ("# nothing", "not_a_model"),
        ("hello world", "not_a_model"),
    ],
)
def test_broken_files_are_named(text: str, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        read(text)
    assert caught.value.reason == reason
    assert len(caught.value.message) < 200


def test_limits_hold_before_parsing() -> None:
    text = f"{CUBE_CORNERS}\nf 1 2 3 4 5\nf 1 2 3"
    assert read(text, limits=LoadLimits(max_faces=4))[0].face_count == 4
    with pytest.raises(Rejected, match="too_many_faces"):
        read(text, limits=LoadLimits(max_faces=3))
    with pytest.raises(Rejected, match="too_many_faces"):
        read(text, limits=LoadLimits(max_faces=1))
    with pytest.raises(Rejected, match="too_many_vertices"):
        read(text, limits=LoadLimits(max_vertices=6))


def test_a_hundred_thousand_quads() -> None:
    side = 330
    grid = np.arange(side * side).reshape(side, side) + 1
    corners = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=-1)
    rows = [f"v {k % side} {k // side} 0" for k in range(side * side)]
    rows += [f"f {a}/{a} {b}/{b} {c}/{c} {d}/{d}" for a, b, c, d in corners.reshape(-1, 4).tolist()]
    rows += ["vt 0.5 0.5"] * (side * side)
    mesh, _ = read("\n".join(rows))
    assert mesh.face_count == 2 * (side - 1) ** 2
    assert face_areas(mesh.vertices, mesh.faces).sum() == pytest.approx((side - 1) ** 2)


@requires_shared
def test_a_concave_polygon_keeps_its_area() -> None:
    data = shared("assets/nasty/real/assimp_concave_polygon.obj").read_bytes()
    mesh, _ = read(data)
    rows = [line.split()[1:4] for line in data.decode().splitlines() if line.startswith("v ")]
    points = np.array(rows, float)
    polygon = next(line for line in data.decode().splitlines() if line.startswith("f "))
    own = points[[int(word.split("/")[0]) - 1 for word in polygon.split()[1:]]]
    swept = np.cross(own - own[0], np.roll(own, -1, axis=0) - own[0]).sum(axis=0) / 2
    area = np.linalg.norm(swept)
    count = len(own) - 2
    assert face_areas(mesh.vertices, mesh.faces[:count]).sum() == pytest.approx(area, rel=1e-4)


@requires_shared
def test_a_real_obj_has_its_material_and_picture() -> None:
    folder = shared("assets/dev/spot_cow")
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    mesh, words = read(files["spot_cow.obj"], files)
    assert (mesh.face_count, len(mesh.images), words) == (5856, 1, [])
    assert mesh.materials[0].base_color_texture is not None
