from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from partworks.artifacts.parts import Parts
from partworks.errors import UsageError
from partworks.evaluation.truth import TruthMismatch, list_truth, read_truth
from tests.shared_assets import requires_shared, shared


def write_json(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(values))


def test_labels_of_several_people_go_before_those_of_one(tmp_path: Path) -> None:
    np.save(tmp_path / "chair.npy", np.zeros(4, np.int32))
    np.savez(tmp_path / "chair.all_humans.npz", segs=np.asarray([[0, 0, 1, 1], [0, 1, 1, 1]]))
    write_json(tmp_path / "chair.json", source="human", centroid_first_last=[[0, 0, 0], [1, 2, 3]])
    (entry,) = list_truth(tmp_path)
    assert (entry.name, entry.stem, entry.kind) == ("chair", "chair", "human")
    truth = read_truth(entry)
    assert truth.labels.tolist() == [[0, 0, 1, 1], [0, 1, 1, 1]]
    assert truth.guard is not None and truth.guard.tolist() == [[0, 0, 0], [1, 2, 3]]
    assert truth.centroids is None and truth.geometry_hash == ""


def test_entries_lie_at_any_depth_and_kinds_have_no_remarks(tmp_path: Path) -> None:
    (tmp_path / "toys").mkdir()
    for name in ("toys/car", "boat", "v1.2"):
        np.save(tmp_path / f"{name}.npy", np.zeros(1, int))
    write_json(tmp_path / "toys" / "car.json", source="node hierarchy (split by material)")
    (tmp_path / "manifest.csv").write_text("file,gt_kind\nboat.glb,node\n")
    found = {entry.name: entry.kind for entry in list_truth(tmp_path)}
    assert found == {"boat": "node", "toys/car": "node hierarchy", "v1.2": "unmarked"}


def test_arrays_of_an_npz_are_labelings_and_centroids_are_not(tmp_path: Path) -> None:
    arrays = {"a": np.asarray([0, 1]), "b": np.asarray([1, 1]), "centroids": np.ones((2, 3))}
    np.savez(tmp_path / "x.npz", **arrays)
    truth = read_truth(list_truth(tmp_path)[0])
    assert truth.labels.tolist() == [[0, 1], [1, 1]]
    assert truth.centroids is not None and truth.centroids.shape == (2, 3)


def test_parts_of_a_root_are_truth_for_their_geometry(tmp_path: Path) -> None:
    parts = Parts(
        face_labels=np.asarray([0, 1, -1], np.int32),
        part_names=("a", "b"),
        source="truth",
        geometry_hash="abc",
    )
    (tmp_path / "uid.npz").write_bytes(parts.to_bytes())
    truth = read_truth(list_truth(tmp_path)[0])
    assert truth.labels.tolist() == [[0, 1, -1]] and truth.geometry_hash == "abc"


@pytest.mark.parametrize(
    "array", [np.ones(4), np.zeros((2, 2, 2), int), np.asarray(["a"])], ids=str
)
def test_what_is_no_labels_is_refused(tmp_path: Path, array: Any) -> None:
    np.save(tmp_path / "x.npy", array)
    with pytest.raises(TruthMismatch, match=r"x.npy holds .*expected integers"):
        read_truth(list_truth(tmp_path)[0])


def test_damaged_files_and_wrong_centroids_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"rubbish")
    np.savez(tmp_path / "b.npz", labels=np.zeros(2, int), centroids=np.ones((3, 3)))
    first, second = list_truth(tmp_path)
    with pytest.raises(TruthMismatch, match=r"a\.npy cannot be read"):
        read_truth(first)
    with pytest.raises(TruthMismatch, match=r"expected \(2, 3\)"):
        read_truth(second)


def test_a_folder_without_truth_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a folder"):
        list_truth(tmp_path / "none")
    with pytest.raises(UsageError, match="at any depth"):
        list_truth(tmp_path)
    np.save(tmp_path / "x.npy", np.zeros(1, int))
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(UsageError, match="no JSON"):
        list_truth(tmp_path)


@requires_shared
def test_the_shared_labels_are_of_two_kinds() -> None:
    kinds = [entry.kind for entry in list_truth(shared("assets/dev"))]
    assert (kinds.count("node hierarchy"), kinds.count("human")) == (26, 5)
