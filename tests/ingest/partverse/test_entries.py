"""Objects of PartVerse's layout through the stage: whole ones, partial ones, hostile ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.config import IngestConfig
from ingest.sources import open_source
from ingest.stage import Ingest
from partworks import layout
from partworks.artifacts.captions import Captions
from partworks.artifacts.parts import Parts
from partworks.geometry.glb import read_glb
from partworks.records import Item, Outcome
from partworks.store import Store
from tests.ingest.partverse.made import CAPTIONS, LABELS, UID, write_entry


def brought(root: Path, store: Path) -> Outcome:
    (record,) = open_source(f"partverse:{root}").records()
    stage = Ingest(IngestConfig(), store=Store(str(store)))
    return stage.process(Item(uid=record.uid, record=record))


def parts_of(outcome: Outcome) -> Parts:
    assert outcome.status == "ok", outcome.message
    return Parts.from_bytes(outcome.files[layout.given_parts(UID)])


def check_boxes(outcome: Outcome) -> None:
    """Each part is the faces of one box: 12 of them, as high as that box."""
    parts, mesh = parts_of(outcome), read_glb(outcome.files[layout.object_glb(UID)])
    assert parts.geometry_hash == mesh.geometry_hash
    assert np.bincount(parts.face_labels).tolist() == [12, 12, 12]
    heights = []
    for part in range(3):
        corners = mesh.vertices[mesh.faces[parts.face_labels == part]].reshape(-1, 3)
        heights.append(float(np.ptp(corners[:, 0])))
    # In the order of the numbers: a leg, the top, a leg.
    assert np.argmax(heights) == sorted(LABELS).index(4)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_entry(tmp_path / "partverse")
    return tmp_path / "partverse"


def warnings(outcome: Outcome) -> set[str]:
    return set(str(outcome.metrics["warnings"]).split(",")) - {""}


def test_labels_find_their_faces_whatever_became_of_the_mesh(root: Path, tmp_path: Path) -> None:
    outcome = brought(root, tmp_path / "root")
    check_boxes(outcome)
    assert parts_of(outcome).source == "partverse"
    assert not warnings(outcome) & {"labels_of_part_files", "object_of_part_files"}


def test_captions_are_those_of_the_parts(root: Path, tmp_path: Path) -> None:
    outcome = brought(root, tmp_path / "root")
    captions = Captions.from_bytes(outcome.files[layout.given_captions(UID)])
    assert captions.captioner == "partverse"
    told = [[part.short, part.long] for part in captions.parts]
    assert told == [CAPTIONS[str(label)] for label in sorted(LABELS)]
    assert {part.source for part in captions.parts} == {"partverse"}
    assert captions.whole.source == "none" and captions.whole.short == ""


def test_without_captions_the_parts_come_alone(tmp_path: Path) -> None:
    write_entry(tmp_path / "partverse", captions=None)
    outcome = brought(tmp_path / "partverse", tmp_path / "root")
    check_boxes(outcome)
    assert layout.given_captions(UID) not in outcome.files
    assert "missing_captions" in warnings(outcome)


def test_captions_of_some_parts_say_which_lack_one(tmp_path: Path) -> None:
    write_entry(tmp_path / "partverse", captions={"4": CAPTIONS["4"], "9": ["A.", "B."]})
    outcome = brought(tmp_path / "partverse", tmp_path / "root")
    captions = Captions.from_bytes(outcome.files[layout.given_captions(UID)])
    assert [part.source for part in captions.parts] == ["none", "partverse", "none"]
    assert {"missing_captions", "captions_of_no_part"} <= warnings(outcome)


@pytest.mark.parametrize(
    ("gone", "warning"),
    [
        ((f"textured_part_glbs/{UID}/7.glb",), "missing_part_file"),
        ((f"anno_infos/{UID}/{UID}_segmented.glb",), "labels_of_part_files"),
        ((f"anno_infos/{UID}/{UID}_face2label.json",), "labels_of_part_files"),
        ((f"normalized_glbs/{UID}.glb",), "object_of_part_files"),
    ],
)
def test_what_is_missing_is_made_up_for_and_told(
    root: Path, tmp_path: Path, gone: tuple[str, ...], warning: str
) -> None:
    for path in gone:
        (root / path).unlink()
    outcome = brought(root, tmp_path / "root")
    check_boxes(outcome)
    assert warning in warnings(outcome)


@pytest.mark.parametrize(
    "gone",
    [
        (f"anno_infos/{UID}/{UID}_face2label.json", f"textured_part_glbs/{UID}/7.glb"),
        (
            f"normalized_glbs/{UID}.glb",
            *(f"textured_part_glbs/{UID}/{label}.glb" for label in LABELS),
        ),
    ],
)
def test_where_nothing_can_make_up_for_it_the_object_is_refused(
    root: Path, tmp_path: Path, gone: tuple[str, ...]
) -> None:
    for path in gone:
        (root / path).unlink()
    outcome = brought(root, tmp_path / "root")
    if outcome.status == "ok":  # an object of the parts that are there
        assert "object_of_part_files" in warnings(outcome)
        assert np.bincount(parts_of(outcome).face_labels).tolist() == [12, 12]
    else:
        assert outcome.reason == "partverse_incomplete"
        assert layout.source(UID, "zip") in outcome.files


BROKEN_LABELS: dict[str, Any] = {
    "no table": [1, 2],
    "face beyond": {"99999": 1},
    "face below": {"-1": 1},
    "face of words": {"../../etc": 1},
    "part of words": {"0": "top"},
    "part that is true": {"0": True},
    "part beyond": {"0": 1 << 30},
    "no part at all": {},
}


@pytest.mark.parametrize("name", BROKEN_LABELS)
def test_broken_labels_are_refused_by_name(root: Path, tmp_path: Path, name: str) -> None:
    path = root / "anno_infos" / UID / f"{UID}_face2label.json"
    path.write_text(json.dumps(BROKEN_LABELS[name]))
    for label in LABELS:
        (root / "textured_part_glbs" / UID / f"{label}.glb").unlink()
    outcome = brought(root, tmp_path / "root")
    assert (outcome.status, outcome.reason) == ("rejected", "partverse_labels")


@pytest.mark.parametrize(
    "captions",
    [
        [],
        {"4": "A top."},
        {"4": ["A top."]},
        {"4": ["A top.", 3]},
        {"../4": ["A.", "B."]},
        {"4": ["x" * 30_000, "B."]},
    ],
)
def test_broken_captions_are_refused_by_name(tmp_path: Path, captions: Any) -> None:
    write_entry(tmp_path / "partverse", captions=captions)
    outcome = brought(tmp_path / "partverse", tmp_path / "root")
    assert (outcome.status, outcome.reason) == ("rejected", "partverse_captions")


@pytest.mark.parametrize(
    "facts",
    [
        b"{",
        b"[]",
        b'{"format": 1}',
        json.dumps(
            {
                "format": 1, "geometry_hash": "", "part_names": ["one"], "part_source": "",
                "captions": None, "origin": {},
            }
        ).encode(),
        json.dumps(
            {
                "format": 1, "geometry_hash": "", "part_names": ["a"] * 8, "part_source": "",
                "captions": {"whole": {}}, "origin": {},
            }
        ).encode(),
    ],
)  # fmt: skip
def test_a_broken_file_of_ours_is_refused_by_name(root: Path, tmp_path: Path, facts: bytes) -> None:
    (root / "anno_infos" / UID / f"{UID}_partworks.json").write_bytes(facts)
    outcome = brought(root, tmp_path / "root")
    assert (outcome.status, outcome.reason) == ("rejected", "partverse_facts")


def test_another_mesh_of_the_same_name_takes_the_labels_of_the_parts(
    root: Path, tmp_path: Path
) -> None:
    """Labels for a mesh with other places are no labels: the parts' own files decide."""
    segmented = root / "anno_infos" / UID / f"{UID}_segmented.glb"
    segmented.write_bytes((root / "textured_part_glbs" / UID / "4.glb").read_bytes())
    labels = root / "anno_infos" / UID / f"{UID}_face2label.json"
    labels.write_text(json.dumps({str(face): 0 for face in range(12)}))
    outcome = brought(root, tmp_path / "root")
    check_boxes(outcome)
    assert "labels_of_part_files" in warnings(outcome)
