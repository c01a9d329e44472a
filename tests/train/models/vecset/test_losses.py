from __future__ import annotations

from math import log, log1p

import pytest
import torch

from train.models.vecset.losses import (
    FieldLossConfig,
    autoencoder_losses,
    eikonal_loss,
    field_loss,
    normal_loss,
    truncated,
)
from train.models.vecset.posterior import Posterior

PREDICTED = torch.tensor([[0.5, -1.0], [2.0, 0.0]])
TARGET = torch.tensor([[1.0, 0.0], [1.0, 0.0]])


def test_errors_by_hand() -> None:
    assert float(field_loss(PREDICTED, TARGET, kind="mse")) == pytest.approx(2.25 / 4)
    assert float(field_loss(PREDICTED, TARGET, kind="l1_mse")) == pytest.approx(4.75 / 4)


def test_cross_entropy_by_hand() -> None:
    e = torch.e
    expected = (log1p(e**-0.5) + log1p(e**-1) + log1p(e**-2) + log(2)) / 4
    assert float(field_loss(PREDICTED, TARGET, kind="bce")) == pytest.approx(expected)


def test_shapes_that_would_broadcast_are_refused() -> None:
    with pytest.raises(ValueError, match="squeeze the channel"):
        field_loss(PREDICTED[..., None], TARGET, kind="mse")


def test_the_sum_is_weighted() -> None:
    posterior = Posterior.from_moments(torch.full((1, 2, 4), 0.5))
    losses = autoencoder_losses(
        PREDICTED, TARGET, posterior=posterior, config=FieldLossConfig(kind="mse", kl_weight=0.5)
    )
    assert losses.keys() == {"loss", "field", "kl"}
    assert float(losses["loss"]) == pytest.approx(float(losses["field"] + losses["kl"] / 2))


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="kl_weight"):
        FieldLossConfig(kl_weight=-1)


def test_truncation() -> None:
    distance = torch.tensor([-0.2, -0.025, 0.0, 0.05, 1.0])
    assert truncated(distance, truncation=0.05).tolist() == [-1.0, -0.5, 0.0, 1.0, 1.0]


def test_a_distance_has_slope_one() -> None:
    gradients = torch.tensor([[[0.6, 0.8, 0.0], [0.0, 0.0, -1.0]]])
    assert float(eikonal_loss(gradients)) == pytest.approx(0, abs=1e-12)
    assert float(eikonal_loss(20 * gradients, slope=20)) == pytest.approx(0, abs=1e-12)
    assert float(eikonal_loss(3 * gradients)) == pytest.approx(4)


def test_normals_by_hand() -> None:
    normals = torch.tensor([[[1.0, 0.0, 0.0]] * 3])
    gradients = torch.tensor([[[5.0, 0.0, 0.0], [0.0, 2.0, 0.0], [-0.1, 0.0, 0.0]]])
    assert float(normal_loss(gradients, normals)) == pytest.approx((0 + 1 + 2) / 3)
