import io
import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as Pillow

from annotate.blobs.review_mesh import pack
from annotate.blobs.textures import encode_textures
from partworks.geometry.load import load_mesh
from partworks.geometry.mesh import Image, Material, Mesh, MeshNode, TextureRef
from partworks.geometry.texture import base_color
from tests.annotate.shapes import boxes, table
from tests.shared_assets import requires_shared, shared


def document(glb: bytes) -> dict:
    length, kind = struct.unpack_from("<I4s", glb, 12)
    assert kind == b"JSON"
    return json.loads(glb[20 : 20 + length])


def painted(width: int = 64, height: int = 64, *, seed: int = 0) -> Image:
    colours = np.random.default_rng(seed).integers(0, 256, (2, 2, 3), np.uint8)
    picture = Pillow.fromarray(colours).resize((width, height), Pillow.Resampling.NEAREST)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return Image(data=buffer.getvalue(), mime="image/png")


def quilt() -> Mesh:
    """Four squares: textured, plain, textured with another wrap, textured as the first."""
    corners = np.asarray([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
    faces = np.asarray([[0, 1, 2], [0, 2, 3]], np.int32)
    nodes = [
        MeshNode(
            vertices=corners + np.float32([2 * place, 0, 0]),
            faces=faces,
            uv=None if material == 1 else corners[:, :2].copy(),
            normals=np.tile(np.float32([0, 0, 1]), (4, 1)),
            material=material,
        )
        for place, material in enumerate([0, 1, 2, 0])
    ]
    materials = (
        Material(base_color_texture=TextureRef(image=0)),
        Material(base_color=(0.2, 0.4, 0.6, 1.0)),
        Material(base_color_texture=TextureRef(image=0, wrap_u="clamp")),
    )
    return Mesh(nodes=tuple(nodes), materials=materials, images=(painted(),))


def assert_same_faces(mesh: Mesh, glb: bytes) -> None:
    """Every corner of every face is where it was, in the same order."""
    copy = load_mesh(glb, "glb").mesh
    assert copy.face_count == mesh.face_count and len(document(glb)["nodes"]) == 1
    extent = float(np.ptp(mesh.vertices, axis=0).max())
    difference = copy.vertices[copy.faces] - mesh.vertices[mesh.faces]
    # Half a step of 16 bits, and the rounding of float32 on the way.
    assert np.abs(difference).max() <= extent * (0.5 / 65535 + 2e-7)


def test_faces_stay_where_and_in_the_order_they_are() -> None:
    mesh = table()
    made = pack(mesh)
    assert (made.faces, made.geometry_hash) == (60, mesh.geometry_hash)
    assert_same_faces(mesh, made.glb)
    assert document(made.glb)["asset"]["extras"]["geometry_hash"] == mesh.geometry_hash


def test_the_same_mesh_gives_the_same_bytes() -> None:
    assert pack(quilt()).glb == pack(quilt()).glb


def test_runs_of_one_look_cover_all_faces() -> None:
    made = pack(quilt())
    assert made.runs == ((0, 2, 0), (2, 2, 1), (4, 2, 2), (6, 2, 0))
    primitives = document(made.glb)["meshes"][0]["primitives"]
    assert [primitive["material"] for primitive in primitives] == [0, 1, 2, 0]
    assert len({str(primitive["attributes"]) for primitive in primitives}) == 1
    assert_same_faces(quilt(), made.glb)
    assert len(document(made.glb)["materials"]) == 3
    assert len(document(made.glb)["images"]) == 1, "one image, two ways of wrapping it"
    assert len(document(made.glb)["textures"]) == 2


def test_materials_that_look_alike_are_one() -> None:
    mesh = boxes(
        ((1, 1, 1), (0, 0, 0), "a"), ((1, 1, 1), (2, 0, 0), "b"), materials=("oak", "pine")
    )
    mesh = replace(mesh, materials=(Material(roughness=0.1), Material(roughness=0.9)))
    assert pack(mesh).runs == ((0, 24, 0),)


def test_colours_look_as_before() -> None:
    mesh, corner = quilt(), np.float32([0.2, 0.3, 0.5])
    copy = load_mesh(pack(mesh).glb, "glb").mesh
    for face in range(8):
        expected = base_color(mesh, np.asarray([face]), corner[None])
        found = base_color(copy, np.asarray([face]), corner[None])
        assert np.abs(found - expected).max() < 0.06


def test_normals_and_vertex_colours_survive() -> None:
    mesh = quilt()
    tinted = replace(mesh.nodes[1], colors=np.tile(np.float32([0.1, 0.5, 0.9, 1]), (4, 1)))
    bare = replace(mesh.nodes[2], normals=None)
    mesh = replace(mesh, nodes=(mesh.nodes[0], tinted, bare, mesh.nodes[3]))
    copies = load_mesh(pack(mesh).glb, "glb").mesh.nodes
    for place, copy in enumerate(copies):
        assert copy.normals is not None and copy.colors is not None
        assert np.allclose(copy.normals, [0, 0, 1], atol=0.01), "computed where they were missing"
        tint = [0.1, 0.5, 0.9, 1] if place == 1 else [1, 1, 1, 1]
        assert np.allclose(copy.colors, tint, atol=1e-4)


def test_repeated_textures_keep_coordinates_beyond_one() -> None:
    mesh = quilt()
    wide = replace(mesh.nodes[0], uv=mesh.nodes[0].uv * np.float32(3.5) - np.float32(1))
    mesh = replace(mesh, nodes=(wide, *mesh.nodes[1:]))
    copy = load_mesh(pack(mesh).glb, "glb").mesh.nodes[0]
    assert copy.uv is not None and np.allclose(copy.uv[:4], wide.uv)


def test_a_cut_out_stays_and_glass_becomes_solid() -> None:
    mesh = quilt()
    masked = replace(mesh.materials[0], alpha_mode="MASK", alpha_cutoff=0.3)
    glass = replace(mesh.materials[1], alpha_mode="BLEND", base_color=(1, 1, 1, 0.1))
    made = pack(replace(mesh, materials=(masked, glass, mesh.materials[2])))
    first, second, _ = document(made.glb)["materials"]
    assert (first["alphaMode"], first["alphaCutoff"]) == ("MASK", 0.3)
    assert "alphaMode" not in second
    assert second["pbrMetallicRoughness"]["baseColorFactor"][3] == 1


def test_textures_shrink_to_the_limits() -> None:
    images = [painted(300, 200, seed=1), painted(100, 400, seed=2)]
    for texels, side in ((1 << 20, 256), (30_000, 128), (10, 64)):
        encoded, found = encode_textures(images, most_side=256, most_texels=texels)
        assert found == side
        sizes = [Pillow.open(io.BytesIO(data)).size for data in encoded]
        assert [max(size) for size in sizes] == [side, side]
        assert abs(sizes[0][0] / sizes[0][1] - 1.5) < 0.05


def test_small_textures_keep_their_size_and_broken_ones_are_grey() -> None:
    broken = Image(data=b"\x89PNG\r\n\x1a\n oh", mime="image/png")
    encoded, _ = encode_textures([painted(30, 20), broken], most_side=256, most_texels=1 << 20)
    first, second = (Pillow.open(io.BytesIO(data)) for data in encoded)
    assert first.size == (30, 20) and second.size == (1, 1)


def test_more_vertices_than_16_bits_can_count() -> None:
    random = np.random.default_rng(0)
    vertices = random.normal(size=(66_000, 3)).astype(np.float32)
    faces = np.arange(66_000, dtype=np.int32).reshape(-1, 3)
    mesh = Mesh(nodes=(MeshNode(vertices=vertices, faces=faces),))
    assert_same_faces(mesh, pack(mesh).glb)


def test_a_flat_point_of_a_mesh_does_not_divide_by_zero() -> None:
    node = MeshNode(vertices=np.ones((3, 3), np.float32), faces=np.asarray([[0, 1, 2]], np.int32))
    made = pack(Mesh(nodes=(node,)))
    assert document(made.glb)["nodes"][0]["scale"] == [1.0, 1.0, 1.0]


@requires_shared
@pytest.mark.parametrize("name", ["cesium_milk_truck.glb", "flight_helmet.glb", "alien.glb"])
def test_real_objects(name: str) -> None:
    mesh = load_mesh(shared(f"assets/dev/{name}").read_bytes(), "glb").mesh
    made = pack(mesh)
    assert_same_faces(mesh, made.glb)
    assert sum(count for _, count, _ in made.runs) == mesh.face_count
