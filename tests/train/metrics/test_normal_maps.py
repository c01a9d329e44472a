from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.train.metrics.solids import EMPTY, tile
from tests.train.rendering.shapes import cameras
from train.metrics.normal_maps import normal_maps, normal_psnr
from train.rendering.portable import TorchRenderer

CPU = torch.device("cpu")


@pytest.mark.parametrize("turned", [False, True])
def test_normals_are_told_in_the_camera_s_frame_and_face_it(turned: bool) -> None:
    views = cameras((0, 2, 0.0), (0, -2, 0.0), (0, 2, 2), size=8)
    maps = normal_maps(tile(half=9, turned=turned), views, renderer=TorchRenderer(), device=CPU)
    assert maps.shape == (3, 8, 8, 3) and maps.dtype == np.float32
    assert maps[0] == pytest.approx(np.broadcast_to([0, 0, 1], (8, 8, 3)), abs=1e-6)
    assert maps[1] == pytest.approx(np.broadcast_to([0, 0, 1], (8, 8, 3)), abs=1e-6)
    half = np.sqrt(0.5)
    assert maps[2] == pytest.approx(np.broadcast_to([0, half, half], (8, 8, 3)), abs=1e-6)


def test_an_empty_mesh_is_all_background() -> None:
    views = cameras((0, 2, 0), size=8)
    assert not normal_maps(EMPTY, views, renderer=TorchRenderer(), device=CPU).any()


def test_psnr_in_closed_form() -> None:
    up = np.zeros((2, 4, 4, 3), np.float32)
    up[..., 1] = 1
    assert normal_psnr(up, up) == 100
    # Opposite normals differ by 1 in one channel of three.
    assert normal_psnr(up, -up) == pytest.approx(-10 * np.log10(1 / 3))
    other = up.copy()
    other[0, 0, 0] = 0
    # Seen against background, in one pixel of 32: 1/4 in one channel of three.
    assert normal_psnr(up, other) == pytest.approx(-10 * np.log10(1 / 4 / 3 / 32))
    assert normal_psnr(0 * up, 0 * up) == 100


def test_maps_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        normal_psnr(np.zeros((1, 2, 2, 3), np.float32), np.zeros((1, 2, 3, 3), np.float32))
