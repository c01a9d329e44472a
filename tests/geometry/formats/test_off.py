import numpy as np
import pytest

from partworks.errors import Rejected
from partworks.geometry.formats.off import read_off
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Mesh
from partworks.geometry.side_files import SideFiles

SQUARE = "0 0 0\n1 0 0\n1 1 0\n0 1 0\n"


def read(text: str, limits: LoadLimits | None = None) -> tuple[Mesh, list[str]]:
    words: list[str] = []
    files = SideFiles({}, max_bytes=1)
    mesh = read_off(text.encode(), files, limits=limits or LoadLimits(), warn=words.append)
    return mesh, words


@pytest.mark.parametrize(
    "text",
    [
        f"OFF\n4 2 0\n{SQUARE}4 0 1 2 3\n3 0 1 2\n",
        f"OFF 4 2 0\n{SQUARE}4 0 1 2 3\n3 0 1 2\n",
        f"# first\nOFF\r\n# counts\n\n4 2\n{SQUARE}4 0 1 2 3 255 0 0\n3 0 1 2 # last\n",
        f"COFF\n4 2 0\n{SQUARE.replace(chr(10), ' 1 0 0 1' + chr(10))}4 0 1 2 3\n3 0 1 2\n",
    ],
)
def test_polygons_in_file_order(text: str) -> None:
    mesh, words = read(text)
    np.testing.assert_array_equal(mesh.vertices, [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3], [0, 1, 2]]
    assert words == []


def test_two_gons_are_left_out() -> None:
    mesh, words = read(f"OFF\n4 2 0\n{SQUARE}2 0 1\n3 0 1 2\n")
    assert mesh.face_count == 1
    assert words == ["ignored_points_or_lines"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "invalid_off"),
        ("PLY\n", "invalid_off"),
        ("OFF BINARY\n", "invalid_off"),
        ("OFF\n", "invalid_off"),
        ("OFF\n4\n", "invalid_off"),
        ("OFF\n-4 2 0\n", "invalid_off"),
        (f"OFF\n4 3 0\n{SQUARE}3 0 1 2\n", "truncated"),
        ("OFF\n353535235358 6 0\n0 0 0\n", "truncated"),
        ("OFF\n3 1 0\n0 0\n1 0 0\n0 1 0\n3 0 1 2\n", "invalid_off"),
        ("OFF\n3 1 0\n0 0 x\n1 0 0\n0 1 0\n3 0 1 2\n", "invalid_off"),
        (f"OFF\n4 1 0\n{SQUARE}3 0 1\n", "invalid_off"),
        (f"OFF\n4 1 0\n{SQUARE}3 0 1 two\n", "invalid_off"),
        (f"OFF\n4 1 0\n{SQUARE}-3 0 1 2\n", "invalid_off"),
        (f"OFF\n4 1 0\n{SQUARE}3 0 1 4\n", "index_out_of_range"),
        (f"OFF\n4 1 0\n{SQUARE}3 0 1 -1\n", "index_out_of_range"),
        (f"OFF\n4 1 0\n{SQUARE}3 0 1 {'9' * 40}\n", "invalid_off"),
        (f"OFF\n4 0 0\n{SQUARE}", "points_only"),
    ],
)
def test_broken_files_are_named(text: str, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        read(text)
    assert caught.value.reason == reason


def test_limits_hold() -> None:
    with pytest.raises(Rejected, match="too_many_faces"):
        read(f"OFF\n4 1 0\n{SQUARE}4 0 1 2 3\n", LoadLimits(max_faces=1))
