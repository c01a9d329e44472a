"""A root with segments of objects, and folders of truth for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from ingest.config import IngestConfig
from ingest.sources import open_source
from ingest.stage import Ingest
from partworks import dataset, layout
from partworks.dataset import Dataset
from partworks.errors import UsageError
from partworks.evaluation.root import evaluate_root
from partworks.geometry.glb import write_glb
from partworks.geometry.mesh import Mesh, MeshNode
from partworks.ledger import Ledger
from partworks.records import Attempt, Item
from partworks.store import Store
from segment.config import SegmentConfig
from segment.stage import Segment
from tests.evaluation.grids import cells, grid_mesh
from tests.evaluation.roots import TRUTH, put
from tests.shared_assets import requires_shared, shared


def test_truth_is_found_by_path_name_or_uid(store: Store, folder: Path) -> None:
    for name in ("car", "toys/car", "aa11"):
        path = folder / name.replace("/", "_") / f"{name}.npy"
        path.parent.mkdir(parents=True)
        np.save(path, TRUTH)
        found = evaluate_root(store, path.parents[name.count("/")])
        assert [row.uid for row in found.objects] == ["aa11"], name
        assert found.objects[0].name == "car" and found.without_truth == 1


def test_segments_tree_and_parts_are_measured(store: Store, folder: Path) -> None:
    np.save(folder / "car.npy", TRUTH)
    np.savez(folder / "boat.all_humans.npz", segs=np.stack([TRUTH, cells(0, 0, 0, 0)]))
    np.save(folder / "ghost.npy", TRUTH)
    found = evaluate_root(store, folder)
    boat, car = (row.scores for row in found.objects)
    assert car.segments.effort == 2 and car.one_piece.effort == 3
    assert car.parts is not None and car.parts.effort == 3
    assert boat.parts is None, "annotate has not run for it"
    assert (boat.truths, boat.segments.effort) == (2, 2.5)
    assert boat.tree is not None and boat.tree.effort.value == 0
    assert (found.without_truth, found.without_object) == (0, ["ghost"])
    assert found.means["unmarked"].segments.effort == 2.25


def test_truth_that_does_not_fit_is_named_and_the_rest_goes_on(store: Store, folder: Path) -> None:
    np.save(folder / "car.npy", TRUTH[1:])
    np.save(folder / "boat.npy", TRUTH)
    put(store, "dd44", "more/bike.glb")
    put(store, "ee55", "bike.ply")
    np.save(folder / "bb22.npy", cells(-1, -1, -1, -1))
    (folder / "x").mkdir()
    np.save(folder / "x" / "bike.npy", TRUTH)
    found = evaluate_root(store, folder)
    assert [row.uid for row in found.objects] == ["bb22"]
    assert "7 labels" in found.unfit["car"]
    assert "some of them not negative" in found.unfit["bb22"]
    assert "bike, more/bike" in found.unfit["x/bike"]


def test_stale_segments_are_named(store: Store, folder: Path) -> None:
    np.save(folder / "boat.npy", TRUTH)
    vertices, faces = grid_mesh(4, 1)
    moved = Mesh(nodes=(MeshNode(vertices=vertices + 1, faces=faces),))
    store.write(layout.object_glb("bb22"), write_glb(moved))
    assert "geometry_mismatch" in evaluate_root(store, folder).unfit["boat"]


def test_truth_for_nothing_is_a_wrong_call(store: Store, folder: Path, tmp_path: Path) -> None:
    np.save(folder / "ghost.npy", TRUTH)
    with pytest.raises(UsageError, match=r"ghost.*boat, car"):
        evaluate_root(store, folder)
    with pytest.raises(UsageError, match="no object is segmented"):
        evaluate_root(Store(str(tmp_path / "empty")), folder)


@requires_shared
def test_labels_in_another_order_are_matched_by_way_of_the_source(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    shutil.copy(shared("assets/dev/birthday_cake.glb"), tmp_path / "assets")
    store = Store(str(tmp_path / "root"))
    dataset.save(store, Dataset())
    (record,) = open_source(f"folder:{tmp_path / 'assets'}").records()
    item = Item(uid=record.uid, record=record)
    for stage in (Ingest(IngestConfig(), store=store), Segment(SegmentConfig(), store=store)):
        stage.open()
        outcome = stage.process(item)
        store.write_all(outcome.files.items())
        words = {**outcome.metrics, "location": record.metadata["path"]}
        row = Attempt(uid=item.uid, stage=stage.name, status="ok", fingerprint="", metrics=words)
        with Ledger(store).writer(stage.name) as writer:
            writer.append(row)
    found = evaluate_root(store, shared("assets/dev/labels"))
    assert [(row.name, row.kind) for row in found.objects] == [("birthday_cake", "node hierarchy")]
    assert found.objects[0].scores.segments.accuracy == pytest.approx(1), "it sees the nodes"
    assert len(found.without_object) == 25 and not found.unfit
