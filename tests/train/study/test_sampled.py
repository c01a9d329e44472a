from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from train.study.objects import COLORS, shaded
from train.study.sampled import brightness, color_of, mean_color


def latent(color: np.ndarray, *, covered: float) -> Tensor:
    """Two views of cells that a colour covers in part, on white."""
    mixed = covered * torch.from_numpy(color) + (1 - covered)
    cell = torch.cat([mixed, torch.tensor([covered])])
    return (2 * cell - 1)[None, :, None, None].expand(2, 4, 8, 8).float()


@pytest.mark.parametrize("covered", [0.1, 0.5, 1.0])
def test_the_background_is_no_part_of_a_color(covered: float) -> None:
    color = np.array([0.3, 0.1, 0.6])
    found = mean_color(latent(color, covered=covered))
    assert found is not None
    np.testing.assert_allclose(found, color, atol=1e-5)


@pytest.mark.parametrize("name", COLORS)
@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("light", [0.75, 0.85, 0.95])
def test_colors_have_their_names_in_any_light(name: str, light: float, *, is_dark: bool) -> None:
    mean = light * shaded(name, is_dark=is_dark)
    assert color_of(mean) == (name, is_dark)
    assert brightness(mean, name) == pytest.approx(light / 0.85 * (0.5 if is_dark else 1.0))


def test_an_empty_picture_has_no_color() -> None:
    assert mean_color(latent(np.ones(3), covered=0.0)) is None
    assert color_of(None) == ("none", False)
    assert brightness(None, "red") == 0.0
