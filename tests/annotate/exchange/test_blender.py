"""Parts through Blender itself: renamed and joined there, and every face found again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from annotate.exchange.part_glb import read_parts_glb
from partworks.geometry.load import load_mesh
from partworks.geometry.submesh import write_parts_glb
from tests.shared_assets import requires_shared, shared

EDIT = """
import sys, bpy
source, target = sys.argv[-2:]
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.gltf(filepath=source)
parts = [one for one in bpy.context.scene.objects if one.type == "MESH"]
for one in parts:
    one.select_set(one in parts[1:3])
bpy.context.view_layer.objects.active = parts[1]
bpy.ops.object.join()
parts[0].name = "renamed"
bpy.ops.export_scene.gltf(filepath=target, export_format="GLB")
"""


@pytest.mark.slow
@requires_shared
@pytest.mark.parametrize("name", ["cesium_milk_truck.glb", "camp_scene.glb"])
def test_parts_edited_in_blender_come_back(tmp_path: Path, name: str) -> None:
    mesh = load_mesh(shared(f"assets/dev/{name}").read_bytes(), "glb").mesh
    across = mesh.vertices[mesh.faces].mean(axis=1)[:, 0]
    labels = np.digitize(across, np.quantile(across, [0.25, 0.5, 0.75])).astype(np.int32)
    source, target = tmp_path / "parts.glb", tmp_path / "edited.glb"
    source.write_bytes(write_parts_glb(mesh, labels, ["one", "two", "three", "four"]))
    command = [sys.executable, "-c", EDIT, str(source), str(target)]
    subprocess.run(command, check=True, timeout=300, capture_output=True)
    edited = read_parts_glb(mesh, target.read_bytes())
    found = np.asarray(edited.names)[edited.face_labels]
    wanted = np.asarray(["renamed", "two", "two", "four"])[labels]
    assert (found == wanted).all()
