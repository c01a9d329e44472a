from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from partworks.geometry.glb import read_glb, write_glb
from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import Image, Material, Mesh, MeshNode, TextureRef
from partworks.geometry.submesh import extract_faces, write_parts_glb
from tests.shared_assets import requires_shared, shared


def strip(count: int, *, x: float, name: str, material: int | None, uv: bool = True) -> MeshNode:
    """A strip of `count` unit squares along +x, two faces each."""
    lower = np.stack([np.arange(count + 1), np.zeros(count + 1), np.zeros(count + 1)], axis=1)
    vertices = np.concatenate([lower, lower + np.array([0, 1, 0])]).astype(np.float32) + np.float32(
        [x, 0, 0]
    )
    left = np.arange(count)
    faces = np.stack(
        [left, left + 1, left + count + 2, left, left + count + 2, left + count + 1], axis=1
    )
    return MeshNode(
        vertices=vertices,
        faces=faces.reshape(-1, 3).astype(np.int32),
        uv=vertices[:, :2].copy() if uv else None,
        colors=np.tile(vertices[:, :1], (1, 4)) if uv else None,
        name=name,
        mesh_name=f"{name} mesh",
        material=material,
    )


def images(count: int) -> tuple[Image, ...]:
    return tuple(Image(data=bytes([7, i]), mime="image/png", name=f"i{i}") for i in range(count))


@pytest.fixture
def mesh() -> Mesh:
    return Mesh(
        nodes=(
            strip(3, x=0, name="body", material=2),
            strip(2, x=10, name="lid", material=0),
            strip(1, x=20, name="bare", material=None, uv=False),
        ),
        materials=(
            Material(name="painted", base_color_texture=TextureRef(image=2, wrap_u="clamp")),
            Material(name="unused", base_color_texture=TextureRef(image=0)),
            Material(
                name="worn",
                base_color_texture=TextureRef(image=1),
                normal_texture=TextureRef(image=2),
            ),
        ),
        images=images(4),
        extras={"licence": "CC-BY-4.0", "face_count": 12},
    )


def document(glb: bytes) -> dict:
    (size,) = struct.unpack_from("<I", glb, 12)
    return json.loads(glb[20 : 20 + size])


def corners(mesh: Mesh) -> np.ndarray:
    return mesh.vertices[mesh.faces]


def test_faces_keep_their_order_and_everything_that_belongs_to_them(mesh: Mesh) -> None:
    keep = np.zeros(12, bool)
    keep[[1, 4, 5, 7, 11]] = True
    part = extract_faces(mesh, keep)
    np.testing.assert_array_equal(corners(part), corners(mesh)[keep])
    assert [len(node.faces) for node in part.nodes] == [3, 1, 1]
    assert [node.name for node in part.nodes] == ["body", "lid", "bare"]
    for node in part.nodes:
        assert set(node.faces.reshape(-1)) == set(range(len(node.vertices)))  # no vertex unused
    body = part.nodes[0]
    assert body.uv is not None and body.colors is not None
    np.testing.assert_array_equal(body.uv, body.vertices[:, :2])
    np.testing.assert_array_equal(body.colors[:, 0], body.vertices[:, 0])
    assert part.nodes[2].uv is None and part.nodes[2].material is None


def test_only_the_materials_and_images_in_use_stay(mesh: Mesh) -> None:
    part = extract_faces(mesh, mesh.face_node == 1)
    assert [material.name for material in part.materials] == ["painted"]
    assert [image.name for image in part.images] == ["i2"]
    assert part.nodes[0].material == 0
    assert part.materials[0].base_color_texture == TextureRef(image=0, wrap_u="clamp")

    part = extract_faces(mesh, mesh.face_node == 0)
    assert [image.name for image in part.images] == ["i1", "i2"]
    worn = part.materials[0]
    assert worn.base_color_texture is not None and worn.normal_texture is not None
    assert (worn.base_color_texture.image, worn.normal_texture.image) == (0, 1)
    assert extract_faces(mesh, mesh.face_node == 2).materials == ()


def test_extras_go_along_with_a_true_face_count(mesh: Mesh) -> None:
    part = extract_faces(mesh, np.arange(12) < 5)
    assert part.extras == {"licence": "CC-BY-4.0", "face_count": 5}
    assert mesh.extras["face_count"] == 12


def test_keeping_everything_keeps_the_geometry_hash(mesh: Mesh) -> None:
    assert extract_faces(mesh, np.ones(12, bool)).geometry_hash == mesh.geometry_hash


def test_keeping_nothing_gives_an_empty_mesh(mesh: Mesh) -> None:
    nothing = extract_faces(mesh, np.zeros(12, bool))
    assert (nothing.nodes, nothing.materials, nothing.images) == ((), (), ())


def test_a_mask_of_another_mesh_is_refused(mesh: Mesh) -> None:
    with pytest.raises(ValueError, match="keep must have one entry per face, 12"):
        extract_faces(mesh, np.ones(11, bool))


LABELS = np.array([1, 1, 0, 0, 1, 1, 1, -1, 0, 0, -1, -1], np.int32)


def test_a_parts_glb_has_one_node_a_part_and_one_primitive_a_source_node(mesh: Mesh) -> None:
    table = document(write_parts_glb(mesh, LABELS, ["Lid", "Körper"]))
    assert [node["name"] for node in table["nodes"]] == ["Lid", "Körper"]
    assert table["scenes"] == [{"nodes": [0, 1]}]
    assert [entry["name"] for entry in table["meshes"]] == ["part_00", "part_01"]
    assert [len(entry["primitives"]) for entry in table["meshes"]] == [2, 2]
    assert [material["name"] for material in table["materials"]] == ["painted", "worn"]
    assert table["asset"]["extras"]["licence"] == "CC-BY-4.0"


def test_a_parts_glb_reads_back_part_by_part(mesh: Mesh) -> None:
    read = read_glb(write_parts_glb(mesh, LABELS, ["same", "same"]))
    assert [node.mesh_name for node in read.nodes] == ["part_00", "part_00", "part_01", "part_01"]
    assert {node.name for node in read.nodes} == {"same"}
    for part in (0, 1):
        nodes = [node for node in read.nodes if node.mesh_name == f"part_{part:02d}"]
        found = np.concatenate([node.vertices[node.faces] for node in nodes])
        np.testing.assert_array_equal(found, corners(mesh)[part == LABELS])
    lid = read.nodes[1]
    assert lid.material is not None and read.materials[lid.material].name == "painted"
    assert read.images == (mesh.images[1], mesh.images[2])


def test_a_part_without_faces_is_a_node_without_a_mesh(mesh: Mesh) -> None:
    glb = write_parts_glb(mesh, LABELS, ["a", "b", "ghost"])
    table = document(glb)
    assert table["nodes"][2] == {"name": "ghost"}
    assert len(table["meshes"]) == 2
    assert len(read_glb(glb).nodes) == 4


def test_the_writer_is_deterministic_and_labels_matter(mesh: Mesh) -> None:
    names = ["a", "b"]
    first = write_parts_glb(mesh, LABELS, names)
    assert first == write_parts_glb(mesh, LABELS.copy(), names)
    assert first != write_parts_glb(mesh, np.where(LABELS < 0, 0, LABELS).astype(np.int32), names)


@pytest.mark.parametrize("label", [2, -2])
def test_labels_without_a_name_are_refused(mesh: Mesh, label: int) -> None:
    with pytest.raises(ValueError, match=r"must lie in -1…1"):
        write_parts_glb(mesh, np.full(12, label, np.int32), ["a", "b"])


@requires_shared
@pytest.mark.parametrize("name", ["cesium_milk_truck", "flight_helmet", "sports_car"])
def test_the_parts_of_a_real_object_are_the_object(name: str) -> None:
    mesh = read_glb(shared(f"assets/dev/{name}.glb").read_bytes())
    labels = (np.arange(mesh.face_count) * 5 // mesh.face_count).astype(np.int32)
    read = read_glb(write_parts_glb(mesh, labels, [f"p{i}" for i in range(5)]))
    # Cut along the face order, the parts in turn are the object's faces in order.
    np.testing.assert_array_equal(corners(read), corners(mesh))
    assert face_areas(read.vertices, read.faces).sum() == pytest.approx(
        face_areas(mesh.vertices, mesh.faces).sum()
    )
    whole = extract_faces(mesh, np.ones(mesh.face_count, bool))
    assert set(read.images) == set(whole.images)
    assert len(write_glb(read)) < 1.3 * len(write_glb(whole)) + 20_000  # textures are shared
