"""Real assets, sound and hostile: they come in, or a reason says what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest.config import IngestConfig
from ingest.sources import open_source
from ingest.stage import Ingest
from partworks import layout
from partworks.geometry.glb import read_glb
from partworks.geometry.load import load_mesh
from partworks.store import Store
from tests.ingest.running import folder_records, only, run
from tests.ingest.surfaces import volume
from tests.shared_assets import requires_shared, shared


@pytest.fixture
def stage(tmp_path: Path) -> Ingest:
    return Ingest(IngestConfig(), store=Store(str(tmp_path / "root")))


@requires_shared
def test_every_development_asset_comes_in(stage: Ingest) -> None:
    records = list(folder_records(shared("assets/dev")))
    assert len(records) == 61
    for record in records:
        outcome = run(stage, record)
        assert outcome.status == "ok", f"{record.name}: {outcome.reason} {outcome.message}"
        mesh = read_glb(outcome.files[layout.object_glb(record.uid)])
        low, high = mesh.bounds
        assert np.abs(mesh.vertices).max() <= 1 + 1e-6
        assert (high - low).max() == pytest.approx(2, abs=1e-6)
        assert np.allclose(low + high, 0, atol=1e-6)
        assert mesh.extras["face_count"] == mesh.face_count > 0


@requires_shared
@pytest.mark.parametrize("name", ["fox.glb", "locomotive.glb", "char_mage.glb"])
def test_normalising_keeps_the_loaders_numbering(stage: Ingest, tmp_path: Path, name: str) -> None:
    data = shared(f"assets/dev/{name}").read_bytes()
    (tmp_path / name).write_bytes(data)
    record = only(tmp_path)
    mesh = read_glb(run(stage, record).files[layout.object_glb(record.uid)])
    loaded = load_mesh(data, "glb").mesh
    assert np.array_equal(mesh.faces, loaded.faces)
    matrix = np.asarray(mesh.extras["to_source"])
    back = mesh.vertices @ matrix[:3, :3].T + matrix[:3, 3]
    assert np.allclose(back, loaded.vertices, atol=1e-6 * np.abs(loaded.vertices).max())


@requires_shared
def test_a_mirrored_instance_is_wound_outward(stage: Ingest) -> None:
    records = {r.name: r for r in folder_records(shared("assets/nasty/generated"))}
    for name in ("negative_scale", "huge_scale_1e8", "tiny_scale_1e-7"):
        record = records[name]
        mesh = read_glb(run(stage, record).files[layout.object_glb(record.uid)])
        for node in mesh.nodes:
            assert volume(node.vertices, node.faces) > 0


NASTY = {
    "generated/bitrot.glb": "index_out_of_range",
    "generated/components_20000.glb": "too_many_components",
    "generated/crlf_and_backslash.obj": "too_few_faces",
    "generated/empty_file.glb": "empty_file",
    "generated/far_from_origin.glb": "lost_precision",
    "generated/flattened_to_plane.glb": "flat",
    "generated/fully_enclosed_part.glb": "ok",
    "generated/gltf_buffer_missing.gltf": "missing_buffer",
    "generated/gltf_json_trailing_comma.gltf": "invalid_json",
    "generated/gltf_path_traversal.gltf": "unsafe_path",
    "generated/grid_of_unrelated_copies.glb": "scene",
    "generated/header_says_ascii.stl": "too_few_faces",
    "generated/huge_scale_1e8.glb": "ok",
    "generated/indices_out_of_range.glb": "index_out_of_range",
    "generated/inside_out.glb": "ok",
    "generated/lfs_pointer.glb": "lfs_pointer",
    "generated/lines_only.glb": "lines_only",
    "generated/lods_and_collision_together.glb": "ok",
    "generated/material_index_missing.glb": "dangling_reference",
    "generated/nan_uv.glb": "ok",
    "generated/nan_vertices.glb": "non_finite_vertices",
    "generated/negative_scale.glb": "ok",
    "generated/no_mesh.glb": "no_mesh",
    "generated/noff_header.off": "too_few_faces",
    "generated/nonmanifold_fan.glb": "ok",
    "generated/nonmanifold_touching_corner.glb": "ok",
    "generated/not_a_glb.glb": "not_a_model",
    "generated/obj with space/вал.obj": "too_few_faces",
    "generated/open_sheet.glb": "flat",
    "generated/points.ply": "points_only",
    "generated/points_only.glb": "points_only",
    "generated/quads_negative_indices.obj": "index_out_of_range",
    "generated/random_winding.glb": "ok",
    "generated/scene_empty_mesh_unreferenced.glb": "empty_scene",
    "generated/single_point_extent.glb": "no_area",
    "generated/stray_unreferenced_vertex.glb": "ok",
    "generated/texture_16bit_uv_out_of_range.glb": "ok",
    "generated/texture_uri_missing.glb": "missing_textures",
    "generated/tiny_scale_1e-7.glb": "ok",
    "generated/triangle_soup.glb": "ok",
    "generated/triangle_soup_jitter.glb": "ok",
    "generated/triangle_strip.glb": "flat",
    "generated/truncated_half.glb": "truncated",
    "generated/truncated_real_character.glb": "truncated",
    "generated/unicode_and_evil_names.glb": "ok",
    "generated/utf16_bom.obj": "too_few_faces",
    "generated/wrong_version.glb": "unsupported_version",
    "generated/zero_area_faces.glb": "ok",
    "generated/zero_faces.glb": "no_faces",
    "generated/ünïcødé — имя 文件 (1).glb": "ok",
    "real/aframe_dummy.glb": "not_a_model",
    "real/animated_morph_target.gltf": "ok",
    "real/animated_skinned_rogue.glb": "ok",
    "real/antique_camera_missing_textures/AntiqueCamera.gltf": "missing_textures",
    "real/assimp_AllIndicesOutOfRange/AllIndicesOutOfRange.gltf": "index_out_of_range",
    "real/assimp_BoxBadNormals.glb": "ok",
    "real/assimp_BoxTextured.gltf": "missing_buffer",
    "real/assimp_BoxWithInfinites.glb": "non_finite_vertices",
    "real/assimp_Cube/Cube.gltf": "bad_accessor",
    "real/assimp_IndexOutOfRange/IndexOutOfRange.gltf": "index_out_of_range",
    "real/assimp_NoScene.gltf": "no_mesh",
    "real/assimp_OutOfMemory.off": "truncated",
    "real/assimp_RecursiveNodes.gltf": "recursive_nodes",
    "real/assimp_SceneWithoutNodes.gltf": "no_mesh",
    "real/assimp_badArray.gltf": "invalid_gltf",
    "real/assimp_box_UTF16BE.obj": "ok",
    "real/assimp_concave_polygon.obj": "flat",
    "real/assimp_crash-30d6d0f7c529b3b66b4131700b7a4580cd7082df.ply": "truncated",
    "real/assimp_invalid.off": "invalid_off",
    "real/assimp_malformed.obj": "index_out_of_range",
    "real/assimp_number_formats.obj": "invalid_obj",
    "real/assimp_only_a_part_of_vertexcolors.obj": "too_few_faces",
    "real/assimp_point_cloud.obj": "points_only",
    "real/broken_json_donut.gltf": "invalid_json",
    "real/draco_bike_276k_faces_361_components.gltf": "ok",
    "real/draco_dragon_348k_faces.gltf": "single_blob",
    "real/draco_sparse/DracoSparseMesh.gltf": "ok",
    "real/draco_taxi.gltf": "ok",
    "real/external_buffers_car/car_taxi.gltf": "ok",
    "real/external_buffers_missing_texture/car_sedan.gltf": "missing_textures",
    "real/external_texture_in_glb_building.glb": "missing_textures",
    "real/gltf1_two_boxes.gltf": "unsupported_version",
    "real/gpu_instancing_teapots/TeapotsGalore.gltf": "too_many_faces",
    "real/many_components_8016.glb": "ok",
    "real/meshopt_box.glb": "ok",
    "real/meshopt_no_fallback/meshopt-no-fallback.gltf": "ok",
    "real/meshopt_pirate.glb": "ok",
    "real/msft_lod.glb": "flat",
    "real/points_only_plane.glb": "points_only",
    "real/strip_mode5_412_meshes.gltf": "ok",
    "real/trimesh_cap.zip": "ok",
    "real/trimesh_empty_nodes.glb": "no_mesh",
    "real/trimesh_jacked.obj": "ok",
    "real/trimesh_nancolor.obj": "ok",
    "real/trimesh_obj_wireframe.obj": "lines_only",
    "real/validator_invalid_magic.glb": "not_a_model",
    "real/validator_truncated_chunk_header.glb": "truncated",
    "real/webp_texture/webp.gltf": "missing_textures",
}


@requires_shared
def test_the_hostile_assets_are_all_listed() -> None:
    source = open_source(f"folder:{shared('assets/nasty')}")
    found = {record.metadata["path"] for record in source.records()}
    assert found == set(NASTY)
    # both empty files are one object
    assert list(source.duplicates) == ["real/assimp_empty.ply"]
    text = shared("assets/nasty/README.md").read_text(encoding="utf-8")
    for path in (*NASTY, *source.duplicates):
        assert f"`{path}`" in text


@requires_shared
def test_the_hostile_assets_end_as_they_should(stage: Ingest) -> None:
    for record in folder_records(shared("assets/nasty")):
        outcome = run(stage, record)
        found = outcome.reason or outcome.status
        path = record.metadata["path"]
        assert found == NASTY[path], f"{path}: {outcome.message}"
        if outcome.status == "ok":
            mesh = read_glb(outcome.files[layout.object_glb(record.uid)])
            assert np.isfinite(mesh.vertices).all()
            assert (mesh.bounds[1] - mesh.bounds[0]).max() == pytest.approx(2, abs=1e-5)
        else:
            assert outcome.message and outcome.reason in Ingest.reasons


@requires_shared
def test_truncated_at_any_place_an_asset_is_refused(stage: Ingest, tmp_path: Path) -> None:
    data = shared("assets/dev/water_bottle.glb").read_bytes()
    for index, size in enumerate(np.linspace(1, len(data) - 1, 25).astype(int)):
        folder = tmp_path / str(index)
        folder.mkdir()
        (folder / "m.glb").write_bytes(data[:size])
        assert run(stage, only(folder)).status == "rejected"
