from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from ingest.blender.config import BlenderImportConfig
from ingest.blender.confinement import supported
from ingest.blender.importer import FORMATS, Converted, convert
from partworks.errors import Failed, Rejected
from partworks.geometry.load import Loaded, LoadLimits, load_mesh
from tests.geometry.made_gltf import volume

# Not imported: Blender in this process would change where Python looks for modules.
SCRIPT = Path(__file__).with_name("make_files.py")
MARKER = "script-has-run"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    subprocess.run([sys.executable, str(SCRIPT), str(folder)], check=True, capture_output=True)
    return folder


def converted(path: Path, side: Mapping[str, bytes] | None = None) -> Converted:
    return convert(
        path.read_bytes(),
        path.suffix[1:],
        files=side or {},
        config=BlenderImportConfig(),
        limits=LoadLimits(),
    )


def load(path: Path, side: Mapping[str, bytes] | None = None) -> tuple[Loaded, tuple[str, ...]]:
    made = converted(path, side)
    return load_mesh(made.glb, "glb"), made.warnings


@pytest.mark.parametrize("ext", ["fbx", "blend", "usdc", "usda", "usdz"])
def test_two_boxes_come_out_upright_and_outside_out(files: Path, ext: str) -> None:
    side = {} if ext == "usdz" else {"textures/wood.png": (files / "wood.png").read_bytes()}
    loaded, warnings = load(files / f"two.{ext}", side)
    nodes = loaded.mesh.nodes
    assert [len(node.faces) for node in nodes] == [12, 12]
    names = {node.name for node in nodes} | {node.mesh_name for node in nodes}
    assert {"Tall", "Small"} <= names or {"Tall mesh", "Small mesh"} <= {
        name.replace("_", " ") for name in names
    }
    np.testing.assert_allclose(loaded.mesh.bounds, [[-1, 0, -2], [7, 6, 2]], atol=1e-5)
    volumes = sorted(volume(node.vertices, node.faces) for node in nodes)
    np.testing.assert_allclose(volumes, [8, 48], rtol=1e-5)
    assert "missing_texture" not in warnings
    assert len(loaded.mesh.images) == 1


def test_the_same_file_gives_the_same_bytes(files: Path) -> None:
    assert converted(files / "two.fbx") == converted(files / "two.fbx")


def test_a_scene_stands_still_and_runs_nothing(files: Path) -> None:
    loaded, warnings = load(files / "lively.blend")
    assert not (files / MARKER).exists()
    by_name = {node.name: node for node in loaded.mesh.nodes}
    assert set(by_name) == {"Smooth", "Keyed", "Arm"}
    assert len(by_name["Smooth"].faces) == 4 * 12, "the modifier is applied"
    assert by_name["Keyed"].vertices[:, 1].max() == pytest.approx(1), "the key is at rest"
    assert by_name["Arm"].vertices[:, 1].max() == pytest.approx(1), "the bone is at rest"
    assert "ignored_morph_targets" in warnings


def test_what_lies_elsewhere_stays_there(files: Path) -> None:
    with pytest.raises(Rejected, match=r"import_refused.*library\.blend"):
        converted(files / "linking.blend")
    loaded, warnings = load(files / "spying.blend")
    assert warnings == ("missing_texture",)
    assert loaded.mesh.images == ()


@pytest.mark.skipif(not supported(), reason="this system cannot confine a process")
def test_a_layer_outside_cannot_be_reached(files: Path) -> None:
    with pytest.raises(Rejected, match="import_refused"):
        converted(files / "reaching.usda")


def test_a_layer_beside_is_reached(files: Path) -> None:
    beside = {"outside/secret.usda": (files / "outside" / "secret.usda").read_bytes()}
    text = (files / "reaching.usda").read_text().replace(f"{files}/", "./")
    made = convert(
        text.encode(), "usda", files=beside, config=BlenderImportConfig(), limits=LoadLimits()
    )
    assert load_mesh(made.glb, "glb").mesh.face_count == 12


def test_an_empty_scene_is_refused(files: Path) -> None:
    with pytest.raises(Rejected, match="import_refused"):
        converted(files / "empty.blend")


def reason(data: bytes, ext: str, limits: LoadLimits | None = None) -> str:
    with pytest.raises(Rejected) as caught:
        convert(data, ext, files={}, config=BlenderImportConfig(), limits=limits or LoadLimits())
    return caught.value.reason


@pytest.mark.parametrize("ext", FORMATS)
def test_what_is_no_model_never_reaches_blender(ext: str) -> None:
    assert reason(b"", ext) == "empty_file"
    assert reason(b"<html>", ext) == "not_a_model"
    assert reason(b"<html>", ext, LoadLimits(max_bytes=3)) == "too_large"


def test_broken_files_are_refused(files: Path) -> None:
    whole = (files / "two.fbx").read_bytes()
    assert reason(whole[: len(whole) // 2], "fbx") == "import_refused"
    assert (
        reason(b"; FBX 7.4.0 project file\nFBXHeaderExtension: {", "fbx") == "unsupported_version"
    )


def test_side_files_stay_in_their_folder(files: Path) -> None:
    with pytest.raises(Rejected, match="unsafe_path"):
        converted(files / "two.fbx", {"../escaped.png": b"!"})


def test_a_deadline_ends_blender(files: Path) -> None:
    with pytest.raises(Failed) as caught:
        convert(
            (files / "two.fbx").read_bytes(),
            "fbx",
            files={},
            config=BlenderImportConfig(deadline_s=0.001),
            limits=LoadLimits(),
        )
    assert caught.value.reason == "import_deadline"


def test_a_limit_of_memory_ends_blender(files: Path) -> None:
    """A box of six faces whose modifiers make a hundred million of it."""
    with pytest.raises(Failed) as caught:
        convert(
            (files / "growing.blend").read_bytes(),
            "blend",
            files={},
            config=BlenderImportConfig(memory_mb=512),
            limits=LoadLimits(),
        )
    assert caught.value.reason == "import_memory"


def test_nothing_is_left_behind(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    converted(files / "two.fbx")
    assert list(tmp_path.iterdir()) == []
