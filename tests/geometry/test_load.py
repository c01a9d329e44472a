import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import partworks.geometry
from partworks.errors import Rejected
from partworks.geometry.glb import read_glb, write_glb
from partworks.geometry.load import FORMATS, REASONS, WARNINGS, Loaded, LoadLimits, load_mesh
from tests.geometry.made_gltf import CORNERS, tetrahedron, volume
from tests.geometry.made_mesh import assert_same, rich_mesh
from tests.shared_assets import SHARED, requires_shared, shared

ZERO = "zero_area_faces"

# What each file of the shared `nasty` folder must give: a reason, or faces, nodes and warnings.
EXPECTED: dict[str, str | tuple[Any, ...]] = {
    "generated/bitrot.glb": "index_out_of_range",
    "generated/components_20000.glb": (20_000, 1),
    "generated/crlf_and_backslash.obj": (1, 1),
    "generated/empty_file.glb": "empty_file",
    "generated/far_from_origin.glb": (320, 1, ZERO),
    "generated/flattened_to_plane.glb": (320, 1, ZERO),
    "generated/fully_enclosed_part.glb": (1600, 2),
    "generated/gltf_buffer_missing.gltf": "missing_buffer",
    "generated/gltf_json_trailing_comma.gltf": "invalid_json",
    "generated/gltf_path_traversal.gltf": "unsafe_path",
    "generated/grid_of_unrelated_copies.glb": (144, 12),
    "generated/header_says_ascii.stl": (1, 1),
    "generated/huge_scale_1e8.glb": (320, 1),
    "generated/indices_out_of_range.glb": "index_out_of_range",
    "generated/inside_out.glb": (320, 1),
    "generated/lfs_pointer.glb": "lfs_pointer",
    "generated/lines_only.glb": "lines_only",
    "generated/lods_and_collision_together.glb": (412, 3, "lod_or_collision_names"),
    "generated/material_index_missing.glb": "dangling_reference",
    "generated/nan_uv.glb": (12, 1, "nan_uv"),
    "generated/nan_vertices.glb": "non_finite_vertices",
    "generated/negative_scale.glb": (640, 2),
    "generated/no_mesh.glb": "no_mesh",
    "generated/noff_header.off": (2, 1, "ignored_points_or_lines"),
    "generated/nonmanifold_fan.glb": (4, 1),
    "generated/nonmanifold_touching_corner.glb": (24, 1),
    "generated/not_a_glb.glb": "not_a_model",
    "generated/obj with space/вал.obj": (2, 2, "missing_material_file"),
    "generated/open_sheet.glb": (722, 1),
    "generated/points.ply": "points_only",
    "generated/points_only.glb": "points_only",
    "generated/quads_negative_indices.obj": "index_out_of_range",
    "generated/random_winding.glb": (320, 1),
    "generated/scene_empty_mesh_unreferenced.glb": "empty_scene",
    "generated/single_point_extent.glb": "no_area",
    "generated/stray_unreferenced_vertex.glb": (320, 1),
    "generated/texture_16bit_uv_out_of_range.glb": (12, 1, "converted_texture"),
    "generated/texture_uri_missing.glb": (12, 1, "missing_texture"),
    "generated/tiny_scale_1e-7.glb": (320, 1),
    "generated/triangle_soup.glb": (320, 1),
    "generated/triangle_soup_jitter.glb": (320, 1),
    "generated/triangle_strip.glb": (4, 1),
    "generated/truncated_half.glb": "truncated",
    "generated/truncated_real_character.glb": "truncated",
    "generated/unicode_and_evil_names.glb": (132, 11),
    "generated/utf16_bom.obj": (1, 1),
    "generated/wrong_version.glb": "unsupported_version",
    "generated/zero_area_faces.glb": (520, 1, ZERO),
    "generated/zero_faces.glb": "no_faces",
    "generated/ünïcødé — имя 文件 (1).glb": (12, 1),
    "real/aframe_dummy.glb": "not_a_model",
    "real/animated_morph_target.gltf": (
        2412, 2, "dropped_texture", "ignored_animation", "ignored_morph_targets",
    ),
    "real/animated_skinned_rogue.glb": (6377, 12, "ignored_animation"),
    "real/antique_camera_missing_textures/AntiqueCamera.gltf": (20_066, 2, "missing_texture", ZERO),
    "real/assimp_AllIndicesOutOfRange/AllIndicesOutOfRange.gltf": "index_out_of_range",
    "real/assimp_BoxBadNormals.glb": (12, 1, "bad_normals"),
    "real/assimp_BoxTextured.gltf": "missing_buffer",
    "real/assimp_BoxWithInfinites.glb": "non_finite_vertices",
    "real/assimp_Cube/Cube.gltf": "bad_accessor",
    "real/assimp_IndexOutOfRange/IndexOutOfRange.gltf": "index_out_of_range",
    "real/assimp_NoScene.gltf": "no_mesh",
    "real/assimp_OutOfMemory.off": "truncated",
    "real/assimp_RecursiveNodes.gltf": "recursive_nodes",
    "real/assimp_SceneWithoutNodes.gltf": "no_mesh",
    "real/assimp_badArray.gltf": "invalid_gltf",
    "real/assimp_box_UTF16BE.obj": (12, 1),
    "real/assimp_concave_polygon.obj": (64, 1, "missing_material_file"),
    "real/assimp_crash-30d6d0f7c529b3b66b4131700b7a4580cd7082df.ply": "truncated",
    "real/assimp_empty.ply": "empty_file",
    "real/assimp_invalid.off": "invalid_off",
    "real/assimp_malformed.obj": "index_out_of_range",
    "real/assimp_number_formats.obj": "invalid_obj",
    "real/assimp_only_a_part_of_vertexcolors.obj": (3, 1),
    "real/assimp_point_cloud.obj": "points_only",
    "real/broken_json_donut.gltf": "invalid_json",
    "real/draco_bike_276k_faces_361_components.gltf": (276_540, 33, ZERO),
    "real/draco_dragon_348k_faces.gltf": (348_503, 1, ZERO),
    "real/draco_sparse/DracoSparseMesh.gltf": (102, 1),
    "real/draco_taxi.gltf": (1968, 14, ZERO),
    "real/external_buffers_car/car_taxi.gltf": (1256, 5),
    "real/external_buffers_missing_texture/car_sedan.gltf": (1222, 5, "missing_texture"),
    "real/external_texture_in_glb_building.glb": (196, 1, "missing_texture", ZERO),
    "real/gltf1_two_boxes.gltf": "unsupported_version",
    "real/gpu_instancing_teapots/TeapotsGalore.gltf": "too_many_faces",
    "real/many_components_8016.glb": (30_871, 4, ZERO),
    "real/meshopt_box.glb": (12, 1),
    "real/meshopt_no_fallback/meshopt-no-fallback.gltf": (60, 2),
    "real/meshopt_pirate.glb": (5010, 1),
    "real/msft_lod.glb": (4, 2),
    "real/points_only_plane.glb": "points_only",
    "real/strip_mode5_412_meshes.gltf": (2786, 412),
    "real/trimesh_empty_nodes.glb": "no_mesh",
    "real/trimesh_jacked.obj": (12, 1, "missing_material_file"),
    "real/trimesh_nancolor.obj": (12, 1),
    "real/trimesh_obj_wireframe.obj": "lines_only",
    "real/validator_invalid_magic.glb": "not_a_model",
    "real/validator_truncated_chunk_header.glb": "truncated",
    "real/webp_texture/webp.gltf": (5292, 1, "missing_texture"),
}  # fmt: skip


def load_shared(path: Path, **options: Any) -> Loaded:
    """Load a file with all that lies in its folder, unless that is the folder of many models."""
    alone = path.parent.name in ("generated", "real", "dev")
    beside = [] if alone else [other for other in path.parent.rglob("*") if other.is_file()]
    files = {other.relative_to(path.parent).as_posix(): other.read_bytes() for other in beside}
    return load_mesh(path.read_bytes(), path.suffix, files=files, **options)


def nasty_files() -> list[str]:
    if SHARED is None:
        return []
    folder = shared("assets/nasty")
    suffixes = {f".{ext}" for ext in FORMATS}
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in suffixes
    )


@requires_shared
def test_the_table_of_nasty_files_is_whole() -> None:
    assert nasty_files() == sorted(EXPECTED)


@pytest.mark.parametrize("name", nasty_files())
def test_a_nasty_file_is_loaded_or_named(name: str) -> None:
    path = shared("assets/nasty") / name
    expected = EXPECTED[name]
    if isinstance(expected, str):
        with pytest.raises(Rejected) as caught:
            load_shared(path)
        assert caught.value.reason == expected
        assert caught.value.message
        return
    loaded = load_shared(path)
    found = (loaded.mesh.face_count, len(loaded.mesh.nodes), *loaded.warnings)
    assert found == expected
    data = write_glb(loaded.mesh)
    assert_same(read_glb(data), loaded.mesh)
    assert load_mesh(data, "glb").mesh.geometry_hash == loaded.mesh.geometry_hash


@requires_shared
def test_instances_come_out_when_the_limits_let_them() -> None:
    path = shared("assets/nasty/real/gpu_instancing_teapots/TeapotsGalore.gltf")
    mesh = load_shared(path, limits=LoadLimits(max_faces=10**7, max_vertices=10**7)).mesh
    assert len(mesh.nodes) > 1000
    assert mesh.face_count > 5_000_000


@requires_shared
def test_mirrored_and_mistaken_surfaces_keep_their_volume() -> None:
    for name, expected in (("negative_scale", (1, 1)), ("inside_out", (-1,))):
        mesh = load_shared(shared(f"assets/nasty/generated/{name}.glb")).mesh
        signs = [np.sign(volume(node.vertices, node.faces)) for node in mesh.nodes]
        assert signs == list(expected)


@requires_shared
def test_names_come_through_as_they_are() -> None:
    mesh = load_shared(shared("assets/nasty/generated/unicode_and_evil_names.glb")).mesh
    names = [node.name for node in mesh.nodes]
    assert any("/" in name for name in names)
    assert any("\n" in name for name in names)
    assert max(map(len, names)) == 400
    assert len(set(names)) < len(names)


@requires_shared
def test_a_stray_vertex_is_not_kept() -> None:
    mesh = load_shared(shared("assets/nasty/generated/stray_unreferenced_vertex.glb")).mesh
    assert np.abs(mesh.vertices).max() < 10


@requires_shared
def test_every_dev_file_loads() -> None:
    paths = sorted(shared("assets/dev").glob("*.glb"))
    for path in paths:
        loaded = load_shared(path)
        assert loaded.mesh.face_count > 100
        assert all(node.material is None or loaded.mesh.materials for node in loaded.mesh.nodes)


@pytest.mark.parametrize(
    ("data", "ext", "reason"),
    [
        (b"", "glb", "empty_file"),
        (b"glTF", "xyz", "unsupported_format"),
        (b"glTF", "zip", "unsupported_format"),
        (b"\r\n <!DOCTYPE html><html>", "obj", "not_a_model"),
        (b'<?xml version="1.0"?><Error/>', "ply", "not_a_model"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "off", "lfs_pointer"),
        (b"PK\3\4rest", "obj", "not_a_model"),
        (b"\x1f\x8brest", "glb", "not_a_model"),
        (b"just words", "gltf", "not_a_model"),
        (b"solid", "ply", "not_a_model"),
        (b"\0" * 100, "glb", "not_a_model"),
    ],
)
def test_what_is_no_model_is_named(data: bytes, ext: str, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        load_mesh(data, ext)
    assert caught.value.reason == reason


def test_the_bytes_decide_between_glb_and_gltf() -> None:
    made = tetrahedron()
    assert load_mesh(made.to_glb(), ".GLTF").mesh.face_count == 4
    made.json["buffers"][0]["uri"] = "mesh.bin"
    import json

    text = json.dumps(made.json).encode()
    for ext in ("gltf", "glb"):
        mesh = load_mesh(text, ext, files={"mesh.bin": made.binary}).mesh
        np.testing.assert_array_equal(mesh.vertices, CORNERS)


def test_size_limits_hold_for_main_and_side_files() -> None:
    data = tetrahedron().to_glb()
    with pytest.raises(Rejected, match="too_large"):
        load_mesh(data, "glb", limits=LoadLimits(max_bytes=len(data) - 1))
    load_mesh(data, "glb", limits=LoadLimits(max_bytes=len(data)))


def test_our_own_files_load_as_they_are() -> None:
    mesh = rich_mesh()
    loaded = load_mesh(write_glb(mesh), "glb")
    assert loaded.mesh.geometry_hash == mesh.geometry_hash
    assert [node.name for node in loaded.mesh.nodes] == [node.name for node in mesh.nodes]
    assert [material.name for material in loaded.mesh.materials] == ["brass", ""]
    assert len(loaded.mesh.images) == 2
    assert dict(loaded.mesh.extras) == dict(mesh.extras)
    assert loaded.warnings == ()


def test_loading_twice_gives_equal_bytes() -> None:
    data = write_glb(rich_mesh())
    first, second = (write_glb(load_mesh(data, "glb").mesh) for _ in range(2))
    assert first == second


def given_words(call: str) -> set[str]:
    """The first arguments of every `call(…)` in the package, where they are plain strings."""
    words = set()
    for path in Path(partworks.geometry.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name.lstrip("_") == call:
                    words.add(str(node.args[0].value))
    return words


def test_every_reason_and_warning_is_documented_and_given_somewhere() -> None:
    made_up = {f"too_many_{what}" for what in ("faces", "vertices", "nodes")}
    assert given_words("Rejected") | made_up == set(REASONS)
    passed_on = {"nan_uv", "nan_colors"}
    assert given_words("warn") | passed_on == set(WARNINGS)
    for table in (REASONS, WARNINGS):
        for word, meaning in table.items():
            assert word.islower() and " " not in word
            assert meaning[0].isupper() and meaning.endswith(".")
