from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL

from tests.train.models.external.tiny import tiny_vae
from train.models.external.errors import CheckpointError
from train.models.external.image_vae import load_image_autoencoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pipeline")
    tiny_vae(path)
    return path


def test_latents_are_the_scaled_mean(folder: Path) -> None:
    images = torch.rand(2, 3, 8, 6, generator=torch.Generator().manual_seed(0))
    network = AutoencoderKL.from_pretrained(folder / "vae")
    with torch.no_grad():
        mean = network.encode(images * 2 - 1).latent_dist.mean
        decoded = (network.decode(mean).sample + 1) / 2
    model = load_image_autoencoder(folder)
    latents = model.encode(images)
    assert latents.shape == (2, 4, 4, 3) and model.factor == 2 and model.latent_channels == 4
    torch.testing.assert_close(latents, mean * 0.18215)
    torch.testing.assert_close(model.decode(latents), decoded.clamp(0, 1))
    assert not any(weight.requires_grad for weight in model.network.parameters())


def test_draws_of_the_posterior(folder: Path) -> None:
    model = load_image_autoencoder(folder)
    images = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    drawn = [model.encode(images, generator=torch.Generator().manual_seed(s)) for s in (1, 1, 2)]
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    mean = model.encode(images)
    many = model.encode(images.expand(4000, 3, 8, 8), generator=torch.Generator().manual_seed(3))
    error = (many.mean(dim=0) - mean[0]).abs() / many.std(dim=0) * 4000**0.5
    assert error.max() < 5


def test_images_of_odd_sides(folder: Path) -> None:
    with pytest.raises(ValueError, match="multiples of 2"):
        load_image_autoencoder(folder).encode(torch.zeros(1, 3, 7, 8))


def test_another_number_of_channels_is_refused(tmp_path: Path) -> None:
    tiny_vae(tmp_path, latent_channels=3)
    with pytest.raises(CheckpointError, match="3 latent channels, expected 4"):
        load_image_autoencoder(tmp_path)
