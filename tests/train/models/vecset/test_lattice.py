from __future__ import annotations

import torch

from train.models.vecset.lattice import lattice_points


def test_corners_in_order() -> None:
    points = lattice_points(2, bound=1.5)
    assert points.shape == (27, 3)
    assert points.dtype == torch.float32
    assert points[0].tolist() == [-1.5, -1.5, -1.5]
    assert points[1].tolist() == [-1.5, -1.5, 0.0], "z runs fastest"
    assert points[9].tolist() == [0.0, -1.5, -1.5], "x runs slowest"


def test_a_lattice_is_symmetric() -> None:
    points = lattice_points(7)
    assert torch.equal(points.flip(0), -points)
