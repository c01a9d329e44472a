from __future__ import annotations

import pytest
import torch

from train.models.part_vae.model import PartVAEConfig
from train.models.part_vae.module import FieldConfig, PartVAEModule, band_iou
from train.models.part_vae.posterior import Posterior
from train.optimisation import AdamWConfig


def test_band_iou_counts_near_points() -> None:
    predicted = torch.tensor([[0.05, 0.05, 0.5, 0.5], [0.05, 0.05, 0.05, 0.05]])
    distance = torch.tensor([[0.05, 0.5, 0.05, 0.5], [0.05, 0.05, 0.05, 0.05]])
    assert band_iou(predicted, distance, band=0.1) == pytest.approx((1 / 3 + 1) / 2)


def test_band_iou_of_nothing_and_nothing_is_one() -> None:
    assert band_iou(torch.ones(1, 3), torch.ones(1, 3), band=0.1) == 1
    assert band_iou(torch.zeros(1, 3), torch.ones(1, 3), band=0.1) == 0


def test_loss_is_l1_and_mse_on_the_truncated_field_and_kl() -> None:
    module = PartVAEModule(
        network=PartVAEConfig(width=8, heads=1),
        field=FieldConfig(truncation=0.2, band=0.1, kl_weight=0.5),
        optimizer=AdamWConfig(),
    )
    mean = torch.full((1, 2, 3), 2.0)
    posterior = Posterior(mean_BTD=mean, logvar_BTD=torch.zeros(1, 2, 3))
    batch = {"distance": torch.tensor([[0.1, 0.2, 7.0]])}
    losses = module._losses(torch.tensor([[0.5, 1.0, 0.7]]), batch, posterior)
    assert losses["l1"] == pytest.approx(0.1)
    assert losses["mse"] == pytest.approx(0.03)
    assert losses["kl"] == pytest.approx(2.0)
    assert losses["loss"] == pytest.approx(0.1 + 0.03 + 0.5 * 2.0)


@pytest.mark.parametrize("band", [0.0, 0.2, 0.3])
def test_a_band_beyond_the_truncation_is_refused(band: float) -> None:
    with pytest.raises(ValueError, match=r"field\.band is"):
        FieldConfig(truncation=0.2, band=band)
