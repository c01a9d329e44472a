from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from ingest.normalise import normalise
from partworks.evaluation.face_order import (
    labels_in_object_order,
    move_labels,
    source_centroids,
)
from partworks.evaluation.truth import Truth, TruthMismatch, list_truth, read_truth
from partworks.geometry.load import load_mesh
from partworks.geometry.mesh import Mesh, MeshNode
from tests.evaluation.grids import grid_mesh
from tests.shared_assets import requires_shared, shared


def strip(cells: int = 6) -> Mesh:
    vertices, faces = grid_mesh(cells, 1)
    return Mesh(nodes=(MeshNode(vertices=vertices, faces=faces),))


def unread() -> tuple[bytes, str]:
    raise AssertionError("there is no need to read the source")


LABELS = np.arange(12, dtype=np.int32)[None]


def test_labels_without_a_hint_are_in_the_order_of_the_loader() -> None:
    found = labels_in_object_order(Truth(labels=LABELS), strip(), read_source=unread)
    assert found.tolist() == LABELS.tolist()


@pytest.mark.parametrize("z_up", [False, True])
def test_a_guard_is_checked_in_the_frame_of_the_source(z_up: bool) -> None:
    mesh, to_source = normalise(strip(), z_up=z_up)
    placed = replace(mesh, extras={"to_source": to_source.tolist()})
    centroids = source_centroids(strip())
    assert np.allclose(source_centroids(placed), centroids, atol=1e-5)
    truth = Truth(labels=LABELS, guard=np.round(centroids[[0, -1]], 5))
    assert labels_in_object_order(truth, placed, read_source=unread).tolist() == LABELS.tolist()


def test_centroids_say_which_face_is_which() -> None:
    order = np.random.default_rng(0).permutation(12)
    truth = Truth(labels=LABELS[:, order], centroids=source_centroids(strip())[order])
    found = labels_in_object_order(truth, strip(), read_source=unread)
    assert found.tolist() == LABELS.tolist()


def test_labels_for_another_mesh_are_refused() -> None:
    with pytest.raises(TruthMismatch, match="12 labels, and the object has 10 faces"):
        labels_in_object_order(Truth(labels=LABELS), strip(5), read_source=unread)
    elsewhere = Truth(labels=LABELS, centroids=source_centroids(strip()) + 1)
    with pytest.raises(TruthMismatch, match="for another mesh"):
        labels_in_object_order(elsewhere, strip(), read_source=unread)
    hashed = Truth(labels=LABELS, geometry_hash="another")
    with pytest.raises(TruthMismatch, match="another geometry"):
        labels_in_object_order(hashed, strip(), read_source=unread)


def test_faces_on_one_another_are_told_apart_by_the_order() -> None:
    base = source_centroids(strip(20))
    ours = np.concatenate(
        [base, base[:5] + np.asarray([0, 9, 0]), base[:3]]
    )  # the last three lie on others
    theirs = np.concatenate([ours[40:], ours[:40]])
    labels = np.concatenate([np.arange(40, 48), np.arange(40)]).astype(np.int32)[None]
    assert move_labels(labels, theirs, ours).tolist() == [list(range(48))]


def test_faces_in_doubt_have_no_label_and_many_of_them_are_refused() -> None:
    base = source_centroids(strip(100))
    ours = np.concatenate([base, base[[50]]])
    turned = ours[::-1]  # nothing follows what it did
    labels = np.arange(201, dtype=np.int32)[None]
    found = move_labels(labels[:, ::-1], turned, ours)
    assert np.flatnonzero(found[0] == -1).tolist() == [50, 200]
    alike = np.where(labels == 200, 50, labels)
    assert move_labels(alike[:, ::-1], turned, ours).tolist() == alike.tolist()
    doubled = np.concatenate([base, base])
    with pytest.raises(TruthMismatch, match="lie on others with other labels"):
        move_labels(np.arange(400, dtype=np.int32)[None, ::-1], doubled[::-1], doubled)


def test_an_unknown_order_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = Truth(labels=LABELS, guard=np.full((2, 3), 7.0))
    stl = b"solid\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\n"
    source = (stl + b"endloop\nendfacet\nendsolid\n", "stl")
    with pytest.raises(TruthMismatch, match="store `centroids`"):
        labels_in_object_order(truth, strip(), read_source=lambda: source)
    monkeypatch.setitem(sys.modules, "trimesh", None)
    with pytest.raises(TruthMismatch, match="install trimesh"):
        labels_in_object_order(truth, strip(), read_source=lambda: source)


@requires_shared
@pytest.mark.parametrize("name", ["birthday_cake", "char_knight", "truck_red", "oven"])
def test_labels_of_node_trees_fall_on_whole_nodes(name: str) -> None:
    data = shared(f"assets/dev/{name}.glb").read_bytes()
    mesh = load_mesh(data, "glb").mesh
    (entry,) = (e for e in list_truth(shared("assets/dev/labels")) if e.name == name)
    found = labels_in_object_order(read_truth(entry), mesh, read_source=lambda: (data, "glb"))
    assert found.min() >= 0
    for node in range(len(mesh.nodes)):
        assert len(np.unique(found[0, mesh.face_node == node])) == 1
