import numpy as np
import pytest
import trimesh

from partworks.errors import Rejected
from partworks.geometry.formats.stl import read_stl
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Mesh
from partworks.geometry.side_files import SideFiles
from tests.geometry.made_gltf import volume

SPHERE = trimesh.creation.icosphere(subdivisions=2)
BINARY: bytes = trimesh.exchange.stl.export_stl(SPHERE)
ASCII: bytes = trimesh.exchange.stl.export_stl_ascii(SPHERE).encode()


def read(data: bytes, limits: LoadLimits | None = None) -> Mesh:
    files = SideFiles({}, max_bytes=1)
    return read_stl(data, files, limits=limits or LoadLimits(), warn=lambda word: None)


@pytest.mark.parametrize(
    "data", [BINARY, b"solid".ljust(80) + BINARY[80:], BINARY + b"more", ASCII, b"\n" + ASCII]
)
def test_faces_in_file_order(data: bytes) -> None:
    mesh = read(data)
    np.testing.assert_allclose(mesh.vertices[mesh.faces], SPHERE.triangles, atol=1e-6)
    assert volume(mesh.vertices, mesh.faces) == pytest.approx(SPHERE.volume, rel=1e-5)


def test_solids_are_nodes_with_their_names() -> None:
    facet = "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nVertex 1 0 0\nvertex 0 1E0 0\nendloop\n"
    text = f"solid Left Wheel\n{facet}{facet}endsolid Left Wheel\nSOLID\n{facet}endsolid\n"
    mesh = read(text.encode())
    assert [node.name for node in mesh.nodes] == ["Left Wheel", ""]
    assert [len(node.faces) for node in mesh.nodes] == [2, 1]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"short", "invalid_stl"),
        (BINARY[:-1], "truncated"),
        (b"solid a\nfacet\nvertex 0 0 0\nvertex 1 0 0\nendsolid", "truncated"),
        (b"solid a\nfacet\nvertex 0 0 x\nvertex 1 0 0\nvertex 0 0 0\nendsolid", "invalid_stl"),
        (b"solidfacet endsolid", "invalid_stl"),
    ],
)
def test_broken_files_are_named(data: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        read(data)
    assert caught.value.reason == reason


@pytest.mark.parametrize("data", [BINARY, ASCII])
def test_limits_hold(data: bytes) -> None:
    with pytest.raises(Rejected, match="too_many_faces"):
        read(data, LoadLimits(max_faces=319))
    assert read(data, LoadLimits(max_faces=320)).face_count == 320
