from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from annotate.config import AnnotateConfig
from annotate.stage import Annotate
from ingest.config import IngestConfig
from ingest.samples import SAMPLES
from ingest.sources import open_source
from ingest.stage import Ingest
from partworks import layout
from partworks.artifacts.captions import Captions
from partworks.artifacts.parts import Parts
from partworks.artifacts.segments import Segments
from partworks.errors import UsageError
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import Mesh
from partworks.partverse import files
from partworks.partverse.export import export_root
from partworks.records import Item, SourceRecord
from partworks.store import Store
from tests.partverse.made_root import make_root, sample_records

NAMES = ("chair", "teapot")


def exported(tmp_path: Path, names: tuple[str, ...] = NAMES) -> tuple[Store, Store]:
    root, target = Store(str(tmp_path / "root")), Store(str(tmp_path / "partverse"))
    done = export_root(root, make_root(root, names), target)
    assert len(done.objects) == len(names) and not done.uncaptioned and not done.left_out
    return root, target


def read_json(store: Store, path: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(store.read(path))
    return found


def one_segment(mesh: Mesh) -> Segments:
    return Segments(
        face_labels=np.zeros(mesh.face_count, np.int32),
        merge_children=np.zeros((0, 2), np.int32),
        merge_height=np.zeros(0, np.float32),
        segment_area=np.ones(1, np.float32),
        segment_score=np.ones(1, np.float32),
        geometry_hash=mesh.geometry_hash,
        method="structure",
    )


def brought_back(record: SourceRecord, store: Store) -> tuple[Mesh, Parts, Captions]:
    """An object after ingest and annotate, and the captions that came with it."""
    uid = record.uid
    outcome = Ingest(IngestConfig(), store=store).process(Item(uid=uid, record=record))
    assert outcome.status == "ok", outcome.message
    store.write_all(outcome.files.items())
    mesh = read_glb(store.read(layout.object_glb(uid)))
    store.write(layout.segments(uid), one_segment(mesh).to_bytes())
    annotated = Annotate(AnnotateConfig(), store=store).process(Item(uid=uid))
    assert annotated.metrics["annotator"] == "given"
    parts = Parts.from_bytes(annotated.files[layout.parts(uid)])
    return mesh, parts, Captions.from_bytes(store.read(layout.given_captions(uid)))


def check_round_trip(tmp_path: Path, names: tuple[str, ...]) -> None:
    root, target = exported(tmp_path, names)
    again = Store(str(tmp_path / "again"))
    records = {record.uid: record for record in open_source(f"partverse:{target.url}").records()}
    for original in sample_records(names):
        uid = original.uid
        mesh, parts, captions = brought_back(records[uid], again)
        first = Parts.from_bytes(root.read(layout.parts(uid)))
        assert np.array_equal(parts.face_labels, first.face_labels)
        assert parts.part_names == first.part_names and parts.source == first.source
        assert parts.geometry_hash == first.geometry_hash == mesh.geometry_hash
        assert captions == Captions.from_bytes(root.read(layout.captions(uid)))
        for name in ("name", "licence", "attribution"):
            assert mesh.extras[name] == getattr(original, name)


def test_what_goes_out_comes_back(tmp_path: Path) -> None:
    check_round_trip(tmp_path, NAMES)


@pytest.mark.slow
def test_every_sample_comes_back(tmp_path: Path) -> None:
    check_round_trip(tmp_path, tuple(SAMPLES))


def test_labels_are_those_of_the_segmented_mesh_as_others_load_it(tmp_path: Path) -> None:
    root, target = exported(tmp_path, ("chair",))
    (uid,) = target.read(files.INSTANCES).decode().split()
    parts = Parts.from_bytes(root.read(layout.parts(uid)))
    mesh = read_glb(root.read(layout.object_glb(uid)))
    loaded = trimesh.load(Path(target.url) / files.segmented_glb(uid), process=False, force="mesh")
    assert np.array_equal(loaded.vertices[loaded.faces], mesh.vertices[mesh.faces])
    table = read_json(target, files.face_labels(uid))
    assert [table[str(face)] for face in range(len(loaded.faces))] == parts.face_labels.tolist()


def test_each_part_has_its_textured_faces_its_name_and_its_licence(tmp_path: Path) -> None:
    root, target = exported(tmp_path, ("chair",))
    (uid,) = target.read(files.INSTANCES).decode().split()
    parts = Parts.from_bytes(root.read(layout.parts(uid)))
    mesh = read_glb(root.read(layout.object_glb(uid)))
    for part, name in enumerate(parts.part_names):
        own = read_glb(target.read(files.part_glb(uid, part)))
        inside = parts.face_labels == part
        assert np.array_equal(own.vertices[own.faces], mesh.vertices[mesh.faces[inside]])
        assert {node.name for node in own.nodes} == {name}
        assert own.extras["licence"] == "CC0-1.0"
        materials = {mesh.materials[m].name for m in mesh.face_material[inside] if m >= 0}
        assert {material.name for material in own.materials} == materials


def test_ranked_lists_run_parallel_and_follow_the_rule(tmp_path: Path) -> None:
    root, target = exported(tmp_path)
    bounds = np.asarray(read_json(target, files.LEVELS)["weight_bound"])
    weights = []
    for uid in target.read(files.INSTANCES).decode().split():
        info = json.loads(target.read(files.info(uid)))
        labels = Parts.from_bytes(root.read(layout.parts(uid))).face_labels
        boxes = np.asarray(info["bboxes"])
        x, y, z = (boxes[:, 1] - boxes[:, 0]).T
        np.testing.assert_allclose(info["weights"], x * y + y * z + z * x, rtol=1e-8)
        assert info["ordered_part_level"] == [
            int((weight >= bounds).sum()) for weight in info["weights"]
        ]
        heights = boxes.mean(axis=1)[:, 1].tolist()
        keys = list(zip([-level for level in info["ordered_part_level"]], heights, strict=True))
        assert keys == sorted(keys)
        for label, faces in zip(info["ordered_face_label"], info["ordered_faceid"], strict=True):
            assert np.array_equal(np.flatnonzero(labels == label), faces)
        weights += info["weights"]
    np.testing.assert_allclose(bounds, np.quantile(weights, np.arange(1, 10) / 10), rtol=1e-8)


def test_objects_without_captions_are_told(tmp_path: Path) -> None:
    root, target = Store(str(tmp_path / "root")), Store(str(tmp_path / "partverse"))
    done = export_root(root, make_root(root, ("chair",), captioned=False), target, uids=("nobody",))
    assert done.objects == () and set(done.left_out) == {"nobody"}
    done = export_root(
        root, make_root(root, ("chair",), captioned=False), Store(str(tmp_path / "b"))
    )
    assert done.uncaptioned == done.objects and len(done.objects) == 1


def test_parts_of_another_mesh_stay_behind(tmp_path: Path) -> None:
    root = Store(str(tmp_path / "root"))
    made = make_root(root, ("chair",))
    (uid,) = (record.uid for record in sample_records(("chair",)))
    parts = Parts.from_bytes(root.read(layout.parts(uid)))
    root.write(layout.parts(uid), replace(parts, geometry_hash="0" * 64).to_bytes())
    done = export_root(root, made, Store(str(tmp_path / "partverse")))
    assert done.objects == () and "geometry_mismatch" in done.left_out[uid]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    root, target = exported(tmp_path, ("chair",))
    with pytest.raises(UsageError, match="not empty"):
        export_root(root, make_root(root, ("chair",)), target)


def test_the_same_root_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (exported(tmp_path / name, ("chair",))[1] for name in "ab")
    assert first.list("") == second.list("")
    assert all(first.read(path) == second.read(path) for path in first.list(""))
