from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch

from shards.reader import Points, ShardIndex
from tests.train.metrics.solids import ball
from tests.train.validation.made import Boxes
from train.encode.config import EncodeConfig
from train.validation.reconstruction import (
    ReconstructionConfig,
    fitted,
    placed,
    reconstruct_parts,
)


@pytest.fixture(scope="module")
def points(tables: str) -> Points:
    index = ShardIndex(tables)
    decoded: Points = index.decode(index.keys("val")[0], ["points.npz"])["points.npz"]
    return decoded


def config(frame: Literal["part", "object"]) -> ReconstructionConfig:
    return ReconstructionConfig(
        encoding=EncodeConfig(frame=frame), resolution=None, sharp=False,
        device=torch.device("cpu"),
    )  # fmt: skip


@pytest.mark.parametrize("frame", ["part", "object"])
def test_parts_are_back_where_they_were(points: Points, frame: Literal["part", "object"]) -> None:
    module = Boxes()
    meshes = reconstruct_parts(module, points, key="a", parts=[4, 1], config=config(frame))
    largest = module.seen[0][..., :3].abs().max().item()
    own = points.part_surface[4, :, :3]
    assert largest == pytest.approx(1.0 if frame == "part" else np.abs(own).max(), abs=1e-5)
    for mesh, part in zip(meshes, (4, 1), strict=True):
        surface = points.part_surface[part, :, :3]
        assert mesh.vertices.min(axis=0) == pytest.approx(surface.min(axis=0), abs=1e-6)
        assert mesh.vertices.max(axis=0) == pytest.approx(surface.max(axis=0), abs=1e-6)


def test_placing_and_fitting_are_inverse() -> None:
    mesh, center = ball(), np.array([0.1, -0.4, 0.2], np.float32)
    there = placed(mesh, center=center, scale=0.25)
    assert there.vertices.mean(axis=0) == pytest.approx(center, abs=1e-6)
    assert np.ptp(there.vertices, axis=0) == pytest.approx(0.25 * np.ptp(mesh.vertices, axis=0))
    assert fitted(there, center=center, scale=0.25).vertices == pytest.approx(mesh.vertices)
