"""Segments must not straddle parts: a reviewer can merge with one click, but not cut."""

import numpy as np
import pytest

from partworks.geometry.mesh import Mesh, MeshNode
from tests.segment.truth import labelled_assets, purity, samples, segmented
from tests.shared_assets import requires_shared


def test_samples_are_cut_along_their_parts() -> None:
    found = {
        name: purity(segments.face_labels, truth, mesh)
        for name, (mesh, truth, segments) in samples().items()
    }
    assert np.mean(list(found.values())) > 0.985, found
    assert min(found.values()) > 0.9, found
    split_by_nodes = [share for name, share in found.items() if len(samples()[name][0].nodes) > 1]
    assert min(split_by_nodes) > 0.999 and len(split_by_nodes) > 5


def test_samples_need_few_segments() -> None:
    counts = {name: segments.count for name, (_, _, segments) in samples().items()}
    assert max(counts.values()) <= 512 and np.median(list(counts.values())) < 250, counts


@pytest.mark.parametrize("name", ["chair", "rocket", "robot"])
def test_samples_without_their_nodes_are_still_cut_along_their_parts(name: str) -> None:
    mesh, truth, _ = samples()[name]
    merged = Mesh(nodes=(MeshNode(vertices=mesh.vertices, faces=mesh.faces),))
    assert purity(segmented(merged).face_labels, truth, merged) > 0.99


@pytest.mark.slow
@requires_shared
def test_assets_are_cut_along_their_nodes_with_and_without_them() -> None:
    with_nodes, without = {}, {}
    for name, mesh, truth in labelled_assets():
        merged = Mesh(nodes=(MeshNode(vertices=mesh.vertices, faces=mesh.faces),))
        with_nodes[name] = purity(segmented(mesh).face_labels, truth, mesh)
        without[name] = purity(segmented(merged).face_labels, truth, merged)
    assert len(with_nodes) == 26
    assert np.mean(list(with_nodes.values())) > 0.99, with_nodes
    assert np.mean(list(without.values())) > 0.97, without
