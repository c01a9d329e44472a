from __future__ import annotations

import numpy as np
import torch

from train.commands.generated import Box, GeneratedDataset, GeneratedParts
from train.metrics.mesh import TriangleMesh
from train.queries import QueryConfig

QUERIES = QueryConfig(surface=50, sharp=20, count=90)
BOX = Box(half=np.array([1.0, 0.5, 0.25]))


def test_distances_are_those_of_a_box() -> None:
    points = np.array([[0, 0, 0], [1, 0.5, 0.25], [1.3, 0.9, 0], [0.9, 0, 0], [0, 0, -1.25]])
    assert np.allclose(BOX.distance(points), [-0.25, 0, 0.5, -0.1, 1.0])


def test_surfaces_and_edges_lie_on_it() -> None:
    generator = np.random.default_rng(0)
    surface, edges = BOX.surface(4000, generator), BOX.edges(500, generator)
    for points in (surface, edges):
        assert np.allclose(BOX.distance(points[:, :3]), 0)
        assert np.allclose(np.linalg.norm(points[:, 3:], axis=1), 1)
        # Outwards: a step along the normal leaves the box by its length, or by √½ of it.
        assert (BOX.distance(points[:, :3] + 0.01 * points[:, 3:]) > 0.007).all()
    at_bounds = np.isclose(np.abs(edges[:, :3]), BOX.half).sum(axis=1)
    assert (at_bounds >= 2).all()
    # Sides 1 × 0.5, 1 × 0.25 and 0.5 × 0.25 have shares 4 : 2 : 1.
    share = np.abs(surface[:, 3:]).mean(axis=0)
    assert np.allclose(share, np.array([1, 2, 4]) / 7, atol=0.03)


def test_an_item_is_consistent() -> None:
    data = GeneratedDataset(3, queries=QUERIES, truncation=0.1, seed=0)
    item = data[2]
    half = item["mesh"][0].abs().amax(dim=0)
    box = Box(half=half.double().numpy())
    assert half.max() == 1
    expected = box.distance(item["queries"].double().numpy()).clip(-0.1, 0.1)
    assert np.allclose(item["distance"].numpy(), expected, atol=1e-6)
    assert item["near"].sum() == 30
    assert item["normals"].shape == (30, 3) and item["sharp"].shape == (20, 6)
    assert (item["distance"][~item["near"]][30:].abs() == 0.1).any()
    mesh = TriangleMesh(vertices=item["mesh"][0].double().numpy(), faces=item["mesh"][1].numpy())
    assert ((mesh.crossed * mesh.corners.mean(axis=1)).sum(axis=1) > 0).all()
    assert np.isclose(np.linalg.norm(mesh.crossed, axis=1).sum() / 2, _area(box.half))


def test_boxes_hang_on_their_number_alone() -> None:
    first, again = (
        GeneratedDataset(count, queries=QUERIES, truncation=0.1, seed=0) for count in (3, 9)
    )
    assert torch.equal(first[1]["queries"], again[1]["queries"])
    assert not torch.equal(first[1]["queries"], first[2]["queries"])


def test_batches_have_what_training_wants() -> None:
    data = GeneratedParts(queries=QUERIES, truncation=0.1, batch_size=2, batches=3)
    batches = list(data.train_dataloader())
    assert [batch["place"].tolist() for batch in batches] == [[0, 1], [2, 3], [4, 5]]
    assert batches[0]["surface"].shape == (2, 50, 6)
    assert batches[0]["key"] == ["box0", "box1"]


def _area(half: np.ndarray) -> float:
    return float(8 * (half[0] * half[1] + half[1] * half[2] + half[2] * half[0]))
