from __future__ import annotations

import hashlib
import io
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from ingest import archive
from ingest.artist_parts import MOST_PARTS
from ingest.config import IngestConfig
from ingest.judge import rules
from ingest.judge.config import JudgeConfig
from ingest.samples import SAMPLES, build_sample
from ingest.sources import open_source
from ingest.stage import Ingest
from partworks import layout
from partworks.artifacts.parts import Parts
from partworks.errors import Failed
from partworks.geometry import load
from partworks.geometry.glb import read_glb, write_glb
from partworks.records import SourceRecord
from partworks.store import Store
from tests.ingest.running import only, run
from tests.ingest.surfaces import volume


@pytest.fixture
def stage(tmp_path: Path) -> Ingest:
    made = Ingest(IngestConfig(), store=Store(str(tmp_path / "root")))
    made.open()
    return made


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture(params=SAMPLES)
def sample_record(request: pytest.FixtureRequest) -> SourceRecord:
    records = {record.location: record for record in sample_records()}
    return records[request.param]


@cache
def sample_records() -> tuple[SourceRecord, ...]:
    return tuple(open_source("samples").records())


def test_a_sample_leaves_its_source_its_object_and_its_truth(
    stage: Ingest, sample_record: SourceRecord
) -> None:
    outcome = run(stage, sample_record)
    uid = sample_record.uid
    sample = build_sample(sample_record.location)
    assert outcome.status == "ok"
    made = {layout.source(uid, "glb"), layout.object_glb(uid), layout.truth(uid)}
    if 1 < len(sample.mesh.nodes) <= MOST_PARTS:
        made.add(layout.artist_parts(uid))
        artist = Parts.from_bytes(outcome.files[layout.artist_parts(uid)])
        assert artist.count == len(sample.mesh.nodes) == outcome.metrics["artist_parts"]
    assert set(outcome.files) == made
    source = outcome.files[layout.source(uid, "glb")]
    assert hashlib.sha256(source).hexdigest()[:32] == uid
    mesh = read_glb(outcome.files[layout.object_glb(uid)])
    assert np.array_equal(mesh.faces, sample.mesh.faces)
    assert mesh.images == sample.mesh.images and mesh.materials == sample.mesh.materials
    truth = Parts.from_bytes(outcome.files[layout.truth(uid)])
    assert truth.geometry_hash == mesh.geometry_hash
    assert np.array_equal(truth.face_labels, sample.face_labels)
    assert (truth.part_names, truth.source) == (sample.part_names, "truth")


def test_the_object_lies_in_the_object_frame_and_knows_the_way_back(
    stage: Ingest, sample_record: SourceRecord
) -> None:
    outcome = run(stage, sample_record)
    mesh = read_glb(outcome.files[layout.object_glb(sample_record.uid)])
    source = build_sample(sample_record.location).mesh
    low, high = mesh.bounds
    assert np.allclose(low + high, 0, atol=1e-6)
    assert (high - low).max() == pytest.approx(2, abs=1e-6)
    matrix = np.asarray(mesh.extras["to_source"])
    back = mesh.vertices @ matrix[:3, :3].T + matrix[:3, 3]
    step = np.spacing(np.abs(source.vertices).max())
    assert np.abs(back - source.vertices).max() <= 2 * step


def test_extras_say_where_the_object_comes_from(stage: Ingest) -> None:
    record = next(record for record in sample_records() if record.location == "mug")
    mesh = read_glb(run(stage, record).files[layout.object_glb(record.uid)])
    extras = dict(mesh.extras)
    assert len(extras.pop("to_source")) == 4
    assert extras == {
        "name": "mug",
        "source": "samples",
        "licence": "CC0-1.0",
        "attribution": "Partworks contributors",
        "creator": "",
        "creator_url": "",
        "link": "",
        "categories": [],
        "tags": [],
        "uid": record.uid,
        "location": "mug",
        "face_count": build_sample("mug").mesh.face_count,
        "warnings": [],
        "welded": True,
    }


def test_metrics_count(stage: Ingest) -> None:
    record = next(record for record in sample_records() if record.location == "chair")
    metrics = run(stage, record).metrics
    mesh = build_sample("chair").mesh
    counted = {
        "ext": "glb",
        "format": "glb",
        "licence": "CC0-1.0",
        "faces": mesh.face_count,
        "vertices": len(mesh.vertices),
        "nodes": len(mesh.nodes),
        "materials": len(mesh.materials),
        "images": len(mesh.images),
        "warnings": "",
        "colored": 1,
    }
    assert counted.items() <= metrics.items()


def test_what_the_rules_refuse_is_kept_whole_and_measured(tmp_path: Path) -> None:
    record = sample_records()[0]
    config = IngestConfig(judge=JudgeConfig(min_faces=10**6))
    refused = run(Ingest(config, store=Store(str(tmp_path))), record)
    passed = run(Ingest(IngestConfig(), store=Store(str(tmp_path))), record)
    assert (refused.status, refused.reason) == ("rejected", "too_few_faces")
    assert refused.files == passed.files and refused.metrics == passed.metrics


def test_the_same_bytes_come_out_twice(tmp_path: Path) -> None:
    record = sample_records()[0]
    first, second = (
        run(Ingest(IngestConfig(), store=Store(str(tmp_path / name))), record) for name in "ab"
    )
    assert first.files == second.files


def test_a_folders_place_on_the_machine_stays_out_of_the_object(
    stage: Ingest, tmp_path: Path
) -> None:
    objects = []
    for name in ("here", "there"):
        path = tmp_path / name / "sub" / "m.glb"
        path.parent.mkdir(parents=True)
        path.write_bytes(write_glb(build_sample("chair").mesh))
        record = only(tmp_path / name)
        objects.append(run(stage, record).files[layout.object_glb(record.uid)])
    assert objects[0] == objects[1]
    assert read_glb(objects[0]).extras["location"] == "sub/m.glb"
    assert str(tmp_path).encode() not in objects[0]


def test_a_rejected_object_keeps_its_source_bytes(stage: Ingest, tmp_path: Path) -> None:
    (tmp_path / "m.glb").write_bytes(b"<html>not found</html>")
    record = only(tmp_path)
    outcome = run(stage, record)
    assert (outcome.status, outcome.reason) == ("rejected", "not_a_model")
    assert outcome.files == {layout.source(record.uid, "glb"): b"<html>not found</html>"}
    assert outcome.metrics == {"ext": "glb", "licence": "unknown", "licence_stated": 0}
    assert outcome.message


def test_a_licence_that_may_not_come_in_is_not_even_fetched(tmp_path: Path) -> None:
    (tmp_path / "m.glb").write_bytes(b"x")
    record = only(tmp_path)
    (tmp_path / "m.glb").unlink()
    config = IngestConfig(licences=("CC0-1.0",), unknown_licence="reject")
    outcome = run(Ingest(config, store=Store(str(tmp_path / "root"))), record)
    assert (outcome.status, outcome.reason) == ("rejected", "licence_unknown")
    assert not outcome.files and outcome.metrics["licence"] == record.licence


def test_a_file_that_has_gone_is_a_failure(stage: Ingest, tmp_path: Path) -> None:
    (tmp_path / "m.glb").write_bytes(b"x")
    record = only(tmp_path)
    (tmp_path / "m.glb").unlink()
    with pytest.raises(Failed, match="fetch_failed"):
        run(stage, record)


@pytest.mark.parametrize("up_axis", ["y", "z"])
def test_formats_without_an_up_axis_take_it_from_the_config(
    tmp_path: Path, up_axis: Literal["y", "z"]
) -> None:
    height = {"y": (1, 9, 2), "z": (1, 2, 9)}[up_axis]
    corners = [(x, y, z) for x in (0, height[0]) for y in (0, height[1]) for z in (0, height[2])]
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    lines = ["OFF", "8 6 0", *(" ".join(map(str, corner)) for corner in corners)]
    lines += ["4 " + " ".join(map(str, quad)) for quad in quads]
    (tmp_path / "m.off").write_text("\n".join(lines))
    record = only(tmp_path)
    outcome = run(
        Ingest(IngestConfig(up_axis=up_axis), store=Store(str(tmp_path / "root"))), record
    )
    mesh = read_glb(outcome.files[layout.object_glb(record.uid)])
    size = mesh.bounds[1] - mesh.bounds[0]
    assert size.argmax() == 1
    assert volume(mesh.vertices, mesh.faces) > 0


def test_a_gltf_is_y_up_whatever_the_config_says(tmp_path: Path) -> None:
    record = sample_records()[0]
    turned = Ingest(IngestConfig(up_axis="z"), store=Store(str(tmp_path)))
    plain = Ingest(IngestConfig(), store=Store(str(tmp_path)))
    assert run(turned, record).files == run(plain, record).files


def test_a_zip_is_opened_and_its_textures_found(stage: Ingest, tmp_path: Path) -> None:
    picture = build_sample("chair").mesh.images[0].data
    corners = ("0 0 0", "1 0 0", "0 1 0", "0 0 1")
    lines = [
        "mtllib m.mtl",
        "usemtl wood",
        "vt 0 0",
        "vt 1 0",
        "vt 0 1",
        "vt 1 1",
        *(f"v {corner}" for corner in corners),
    ]
    faces = ((1, 3, 2), (1, 2, 4), (1, 4, 3), (2, 3, 4))
    lines += [f"f {a}/{a} {b}/{b} {c}/{c}" for a, b, c in faces]
    data = zipped(
        {
            "chair/m.obj": "\n".join(lines).encode(),
            "chair/m.mtl": b"newmtl wood\nmap_Kd tex/wood.png\n",
            "chair/tex/wood.png": picture,
        }
    )
    (tmp_path / "m.zip").write_bytes(data)
    record = only(tmp_path)
    outcome = run(stage, record)
    assert outcome.status == "ok"
    assert (outcome.metrics["ext"], outcome.metrics["format"]) == ("zip", "obj")
    made = read_glb(outcome.files[layout.object_glb(record.uid)])
    assert made.images[0].data == picture
    assert made.face_count == 4
    assert outcome.files[layout.source(record.uid, "zip")] == data


def test_a_broken_zip_is_rejected_with_its_bytes_kept(stage: Ingest, tmp_path: Path) -> None:
    (tmp_path / "m.zip").write_bytes(zipped({"../m.glb": b"x"}))
    outcome = run(stage, only(tmp_path))
    assert (outcome.status, outcome.reason) == ("rejected", "unsafe_path")
    assert len(outcome.files) == 1


def test_every_reason_is_in_the_table() -> None:
    expected = {"fetch_failed", *load.REASONS, *archive.REASONS, *rules.REASONS}
    assert set(Ingest.reasons) >= expected
    assert all(text.endswith(".") for text in Ingest.reasons.values())


def test_tools_have_versions(stage: Ingest) -> None:
    assert set(stage.tools()) == {"dracopy", "numpy", "pillow", "pycollada"}


def test_the_files_named_in_a_model_are_never_read_from_the_disk(
    stage: Ingest, tmp_path: Path
) -> None:
    (tmp_path / "secret.bin").write_bytes(bytes(1000))
    folder = tmp_path / "in"
    folder.mkdir()
    document = {
        "asset": {"version": "2.0"},
        "buffers": [{"uri": str(tmp_path / "secret.bin"), "byteLength": 1000}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "nodes": [{"mesh": 0}],
        "scenes": [{"nodes": [0]}],
    }
    (folder / "m.gltf").write_text(json.dumps(document))
    outcome = run(stage, only(folder))
    assert (outcome.status, outcome.reason) == ("rejected", "unsafe_path")
