from dataclasses import replace
from pathlib import Path

import pytest

from annotate.config import AnnotateConfig
from annotate.stage import Annotate
from partworks import layout
from partworks.artifacts.parts import Parts
from partworks.errors import Failed
from partworks.geometry.glb import read_glb, write_glb
from partworks.records import Item
from partworks.store import Store
from tests.annotate.shapes import by_node, table


def prepared(tmp_path: Path, *, geometry_hash: str | None = None) -> Annotate:
    store, mesh = Store(str(tmp_path)), table()
    merges = [(0, 1, 0.84), (5, 2, 0.84), (6, 3, 0.84), (7, 4, 0.84)]
    segments = by_node(mesh, merges)
    if geometry_hash is not None:
        segments = replace(segments, geometry_hash=geometry_hash)
    store.write(layout.object_glb("table"), write_glb(mesh))
    store.write(layout.segments("table"), segments.to_bytes())
    return Annotate(AnnotateConfig(), store=store)


def test_leaves_labels_and_a_mesh_per_part(tmp_path: Path) -> None:
    outcome = prepared(tmp_path).process(Item(uid="table"))
    assert outcome.status == "ok"
    assert set(outcome.files) == {layout.parts("table"), layout.parts_glb("table")}
    assert outcome.metrics == {"parts": 5, "annotator": "auto"}
    parts = Parts.from_bytes(outcome.files[layout.parts("table")])
    whole = read_glb(outcome.files[layout.parts_glb("table")])
    assert [node.name for node in whole.nodes] == list(parts.part_names)
    assert whole.face_count == len(parts.face_labels)


def test_same_bytes_again(tmp_path: Path) -> None:
    first, second = prepared(tmp_path / "a"), prepared(tmp_path / "b")
    assert first.process(Item(uid="table")).files == second.process(Item(uid="table")).files


def test_segments_of_another_mesh_are_refused(tmp_path: Path) -> None:
    stage = prepared(tmp_path, geometry_hash="0" * 64)
    with pytest.raises(Failed) as caught:
        stage.process(Item(uid="table"))
    assert caught.value.reason in stage.reasons
