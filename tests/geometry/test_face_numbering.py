"""Face i of our GLB is face i in other tools, by the rule that `write_glb` documents for each."""

import json
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

from partworks.geometry.glb import read_glb, write_glb
from partworks.geometry.load import load_mesh
from partworks.geometry.mesh import Mesh
from tests.geometry.made_gltf import tetrahedron
from tests.geometry.made_mesh import patch, rich_mesh
from tests.shared_assets import SHARED, shared

# Many nodes, several materials a mesh, skins, seams, mirrored and repeated instances.
DEV = ("cesium_milk_truck", "char_knight", "folio_car", "flight_helmet", "robot_arm_jaco", "fox")

Triangles = NDArray[np.float32]


def many_names() -> Mesh:
    """Names that sort differently from their order, repeat, differ by case or tail, or are long."""
    names = [
        "z",
        "a",
        "a",
        "A",
        "",
        "a.001",
        "Z",
        "",
        "a",
        "n" * 90 + "1",
        "n" * 90 + "0",
        "10",
        "9",
    ]
    return Mesh(
        nodes=tuple(
            patch(seed=seed, name=name, mesh_name=names[-seed]) for seed, name in enumerate(names)
        )
    )


def mirrored() -> Mesh:
    made = tetrahedron()
    made.json["nodes"] = [
        {"mesh": 0, "name": "left"},
        {"mesh": 0, "name": "right", "scale": [-1, 1, 1], "translation": [-3, 0, 0]},
        {"mesh": 0, "name": "left", "scale": [1, 2, -1], "translation": [0, 9, 0]},
    ]
    made.json["scenes"] = [{"nodes": [2, 0, 1]}]
    return read_glb(made.to_glb())


def seams() -> Mesh:
    """A grid without a shared vertex: every corner has its own, at the same place as others."""
    node = patch(rich=True)
    corners = node.faces.reshape(-1)
    split = replace(
        node,
        vertices=node.vertices[corners],
        faces=np.arange(len(corners), dtype=np.int32).reshape(-1, 3),
        uv=np.random.default_rng(0).uniform(size=(len(corners), 2)).astype(np.float32),
        colors=None,
        normals=None,
    )
    return Mesh(nodes=(split, replace(split, name="again")))


def broken_faces() -> Mesh:
    """Faces that repeat a vertex, or all the vertices of another face, among sound ones."""
    node = patch()
    repeats = np.array([[3, 3, 4], [5, 6, 5]], np.int32)
    again = node.faces[[2, 2, 7]][:, [1, 2, 0]]
    again[1] = again[1, ::-1]
    faces = np.concatenate([again[:1], node.faces[:9], repeats, node.faces[9:], again])
    return Mesh(nodes=(replace(node, faces=faces), patch(seed=1)))


def cases() -> dict[str, Mesh]:
    found = {"names": many_names(), "rich": rich_mesh(), "mirrored": mirrored(), "seams": seams()}
    if SHARED is not None:
        for name in DEV:
            found[name] = load_mesh(shared(f"assets/dev/{name}.glb").read_bytes(), "glb").mesh
    return found


@pytest.fixture(scope="module")
def meshes() -> dict[str, Mesh]:
    return cases()


def triangles(mesh: Mesh) -> Triangles:
    return mesh.vertices[mesh.faces]


NAMES = ["names", "rich", "mirrored", "seams", *(DEV if SHARED is not None else ())]


@pytest.mark.parametrize("name", NAMES)
def test_trimesh_keeps_our_faces(name: str, meshes: dict[str, Mesh]) -> None:
    scene = trimesh.load_scene(
        trimesh.util.wrap_as_stream(write_glb(meshes[name])), file_type="glb", process=False
    )
    # `Scene.geometry` holds one geometry per glTF mesh, in file order; `to_mesh` would reorder.
    found = np.concatenate([np.asarray(g.triangles, np.float32) for g in scene.geometry.values()])
    np.testing.assert_array_equal(found, triangles(meshes[name]))


def three_js(data: bytes) -> Iterator[Triangles]:
    """What three.js shows: a depth-first walk of the scene, one `Mesh` per primitive.

    Reads the file by itself: none of our reader's code.
    """
    size = struct.unpack_from("<I", data, 12)[0]
    document: dict[str, Any] = json.loads(data[20 : 20 + size])
    binary = data[28 + size :]

    def array(index: int, dtype: str, width: int) -> NDArray[Any]:
        accessor = document["accessors"][index]
        view = document["bufferViews"][accessor["bufferView"]]
        count = accessor["count"] * width
        return np.frombuffer(binary, dtype, count, view["byteOffset"]).reshape(-1, width)

    def walk(index: int) -> Iterator[Triangles]:
        node = document["nodes"][index]
        assert not {"matrix", "translation", "rotation", "scale"} & node.keys()
        for primitive in document["meshes"][node["mesh"]]["primitives"]:
            assert primitive.get("mode", 4) == 4
            positions = array(primitive["attributes"]["POSITION"], "<f4", 3)
            yield positions[array(primitive["indices"], "<u4", 1)].reshape(-1, 3, 3)
        for child in node.get("children", ()):
            yield from walk(child)

    for root in document["scenes"][document["scene"]]["nodes"]:
        yield from walk(root)


@pytest.mark.parametrize("name", NAMES)
def test_three_js_keeps_our_faces(name: str, meshes: dict[str, Mesh]) -> None:
    found = np.concatenate(list(three_js(write_glb(meshes[name]))))
    np.testing.assert_array_equal(found, triangles(meshes[name]))


BLENDER = """
import sys
import bpy
import numpy as np

for path in sys.argv[1:]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=path, merge_vertices=False)
    found = []
    for thing in bpy.context.scene.objects:
        if thing.type != "MESH":
            continue
        assert np.array_equal(np.array(thing.matrix_world), np.eye(4)), thing.name
        positions = np.zeros(3 * len(thing.data.vertices), np.float32)
        thing.data.vertices.foreach_get("co", positions)
        corners = np.zeros(len(thing.data.loops), np.int32)
        thing.data.loops.foreach_get("vertex_index", corners)
        assert len(corners) == 3 * len(thing.data.polygons)
        found.append(positions.reshape(-1, 3)[corners].reshape(-1, 3, 3))
    np.save(path + ".npy", np.concatenate(found))
"""


@pytest.fixture(scope="module")
def blender(
    meshes: dict[str, Mesh], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Triangles]:
    """The triangles of every case as Blender imports them, in `scene.objects` order."""
    folder: Path = tmp_path_factory.mktemp("blender")
    paths = []
    for name, mesh in meshes.items():
        paths.append(folder / f"{name}.glb")
        paths[-1].write_bytes(write_glb(mesh))
    paths.append(folder / "broken_faces.glb")
    paths[-1].write_bytes(write_glb(broken_faces()))
    command = [sys.executable, "-c", BLENDER, *map(str, paths)]
    subprocess.run(command, check=True, timeout=300, capture_output=True)
    return {path.stem: np.load(f"{path}.npy") for path in paths}


@pytest.mark.parametrize("name", NAMES)
def test_blender_keeps_our_faces(
    name: str, meshes: dict[str, Mesh], blender: dict[str, Triangles]
) -> None:
    np.testing.assert_array_equal(y_up(blender[name]), triangles(meshes[name]))


def y_up(found: Triangles) -> Triangles:
    """Undo Blender's turn from y up to z up."""
    x, y, z = np.moveaxis(found, -1, 0)
    return np.stack([x, z, -y], axis=-1)


def test_blender_drops_broken_faces_and_keeps_the_order_of_the_others(
    blender: dict[str, Triangles],
) -> None:
    mesh = broken_faces()
    found = y_up(blender["broken_faces"])
    corners = np.sort(mesh.faces, axis=1)
    sound = corners[(np.diff(corners, axis=1) > 0).all(axis=1)]
    assert len(found) == len(np.unique(sound, axis=0)) == mesh.face_count - 6
    ours = iter(triangles(mesh))
    for triangle in found:  # `in` moves the iterator on: `found` is ours with some left out
        assert any(np.array_equal(triangle, other) for other in ours)
