"""Formats of others through the whole stage: a folder, its side files, an object."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ingest.config import IngestConfig
from ingest.formats import FORMATS, UPRIGHT
from ingest.stage import Ingest
from partworks import layout
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import Mesh
from partworks.store import Store
from tests.geometry.formats.dae.made_dae import dae
from tests.ingest.running import only, run

SCRIPT = Path(__file__).with_name("make_files.py")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    subprocess.run([sys.executable, str(SCRIPT), str(folder)], check=True, capture_output=True)
    return folder


def brought_in(folder: Path, root: Path) -> Mesh:
    record = only(folder)
    # The files say themselves which axis is up, so that the setting must not turn them again.
    outcome = run(Ingest(IngestConfig(up_axis="z"), store=Store(str(root))), record)
    assert outcome.status == "ok", outcome.message
    assert layout.source(record.uid, record.ext) in outcome.files
    return read_glb(outcome.files[layout.object_glb(record.uid)])


@pytest.mark.parametrize("ext", ["fbx", "blend", "usda", "usdz"])
def test_what_blender_reads_comes_in_with_its_picture(made: Path, tmp_path: Path, ext: str) -> None:
    folder = tmp_path / "source"
    (folder / "textures").mkdir(parents=True)
    shutil.copy(made / f"two.{ext}", folder)
    shutil.copy(made / "wood.png", folder if ext == "blend" else folder / "textures")
    mesh = brought_in(folder, tmp_path / "root")
    assert mesh.face_count == 24
    assert len(mesh.images) == 1
    np.testing.assert_allclose(np.ptp(mesh.bounds, axis=0), [2, 1.5, 1], atol=1e-6)
    assert mesh.extras["to_source"][1][3] == pytest.approx(3, abs=1e-5)


def test_collada_comes_in_upright(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "m.dae").write_bytes(dae(asset="<up_axis>Z_UP</up_axis>"))
    mesh = brought_in(tmp_path / "source", tmp_path / "root")
    np.testing.assert_allclose(np.ptp(mesh.bounds, axis=0), [4 / 3, 2, 4 / 3], atol=1e-6)


def test_every_format_has_one_place() -> None:
    assert len(set(FORMATS)) == len(FORMATS)
    assert set(FORMATS) > UPRIGHT
