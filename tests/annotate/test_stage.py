from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from annotate.config import AnnotateConfig, Mode
from annotate.exchange.decided import digest_of
from annotate.stage import Annotate
from partworks import layout
from partworks.artifacts.parts import Parts
from partworks.errors import Failed
from partworks.geometry.glb import read_glb, write_glb
from partworks.records import Item
from partworks.store import Store
from tests.annotate.reviewing import DROP_TOP, PAIRS, decided_on, put_decisions, put_table
from tests.annotate.shapes import by_node, table


def prepared(
    tmp_path: Path, config: AnnotateConfig | None = None, *, geometry_hash: str | None = None
) -> Annotate:
    store, mesh = Store(str(tmp_path)), table()
    merges = [(0, 1, 0.84), (5, 2, 0.84), (6, 3, 0.84), (7, 4, 0.84)]
    segments = by_node(mesh, merges)
    if geometry_hash is not None:
        segments = replace(segments, geometry_hash=geometry_hash)
    store.write(layout.object_glb("table"), write_glb(mesh))
    store.write(layout.segments("table"), segments.to_bytes())
    return Annotate(config or AnnotateConfig(), store=store)


def test_leaves_labels_and_a_mesh_per_part(tmp_path: Path) -> None:
    outcome = prepared(tmp_path).process(Item(uid="table"))
    assert outcome.status == "ok"
    assert set(outcome.files) == {layout.parts("table"), layout.parts_glb("table")}
    assert outcome.metrics == {
        "parts": 5,
        "annotator": "auto",
        "holes_at_cuts": 0,
        "parts_with_holes": 0,
    }
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


def reviewing(tmp_path: Path) -> Annotate:
    store = Store(str(tmp_path))
    put_table(store)
    return Annotate(AnnotateConfig(mode="review"), store=store)


def test_a_decision_becomes_parts_that_name_the_reviewers(tmp_path: Path) -> None:
    stage = reviewing(tmp_path)
    decided = decided_on(stage.store, made=(*PAIRS, DROP_TOP))
    put_decisions(stage.store, decided)
    waiting = stage.outside({"mode": "review"}, store=stage.store)
    assert waiting == {"table": digest_of(decided.to_bytes())}
    outcome = stage.process(Item(uid="table", outside=waiting["table"]))
    parts = Parts.from_bytes(outcome.files[layout.parts("table")])
    assert (parts.count, parts.source) == (2, "ada, bob")
    assert outcome.metrics["annotator"] == "review" and outcome.metrics["operations"] == 4
    assert outcome.metrics["dropped_faces"] == 12
    made = read_glb(outcome.files[layout.parts_glb("table")])
    assert {node.name for node in made.nodes} == set(parts.part_names)
    assert made.face_count == 48


def test_a_decision_that_changed_on_the_way_is_not_used(tmp_path: Path) -> None:
    stage = reviewing(tmp_path)
    put_decisions(stage.store, decided_on(stage.store))
    with pytest.raises(Failed, match="decision_changed"):
        stage.process(Item(uid="table", outside="0" * 64))


def test_without_mode_review_nothing_waits(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    assert Annotate.outside({"mode": "auto"}, store=store) is None
    assert Annotate.outside({}, store=store) is None
    assert Annotate.outside({"mode": "review"}, store=store) == {}


def with_given(stage: Annotate, **changes: object) -> Parts:
    mesh = read_glb(stage.store.read(layout.object_glb("table")))
    labels = np.where(mesh.face_node == 0, 1, 0).astype(np.int32)
    labels[:3] = -1
    parts = Parts(
        face_labels=labels,
        part_names=("", "my top"),
        source="partverse",
        geometry_hash=mesh.geometry_hash,
    )
    parts = replace(parts, **changes)
    stage.store.write(layout.given_parts("table"), parts.to_bytes())
    return parts


def test_given_parts_are_taken_as_they_are_and_named_where_they_have_no_name(
    tmp_path: Path,
) -> None:
    stage = prepared(tmp_path)
    given = with_given(stage)
    outcome = stage.process(Item(uid="table"))
    parts = Parts.from_bytes(outcome.files[layout.parts("table")])
    assert np.array_equal(parts.face_labels, given.face_labels)
    assert parts.source == "partverse" and parts.part_names[1] == "my top"
    assert parts.part_names[0] not in ("", "my top")
    assert outcome.metrics["annotator"] == "given" and outcome.metrics["dropped_faces"] == 3


@pytest.mark.parametrize(("mode", "source"), [("auto", "auto"), ("artist", "artist")])
def test_an_artists_parts_are_taken_where_that_is_asked_for(
    tmp_path: Path, mode: Mode, source: str
) -> None:
    stage = prepared(tmp_path, AnnotateConfig(mode=mode))
    given = with_given(stage, source="artist")
    stage.store.delete(layout.given_parts("table"))
    stage.store.write(layout.artist_parts("table"), given.to_bytes())
    outcome = stage.process(Item(uid="table"))
    parts = Parts.from_bytes(outcome.files[layout.parts("table")])
    assert (parts.source, outcome.metrics["annotator"]) == (source, source)
    assert (parts.count == given.count) == (mode == "artist")


def test_in_mode_artist_an_object_without_a_node_tree_is_cut(tmp_path: Path) -> None:
    outcome = prepared(tmp_path, AnnotateConfig(mode="artist")).process(Item(uid="table"))
    assert outcome.metrics["annotator"] == "auto"


def test_given_parts_without_any_face_keep_a_name(tmp_path: Path) -> None:
    stage = prepared(tmp_path)
    with_given(stage, part_names=("", "", ""))
    outcome = stage.process(Item(uid="table"))
    assert all(Parts.from_bytes(outcome.files[layout.parts("table")]).part_names)


def test_given_parts_of_another_mesh_are_refused(tmp_path: Path) -> None:
    stage = prepared(tmp_path)
    with_given(stage, geometry_hash="0" * 64)
    with pytest.raises(Failed, match="given/parts"):
        stage.process(Item(uid="table"))


def test_reviewers_have_the_last_word_over_given_parts(tmp_path: Path) -> None:
    stage = reviewing(tmp_path)
    with_given(stage)
    decided = decided_on(stage.store, made=PAIRS)
    put_decisions(stage.store, decided)
    outcome = stage.process(Item(uid="table", outside=digest_of(decided.to_bytes())))
    assert Parts.from_bytes(outcome.files[layout.parts("table")]).source == "ada, bob"
