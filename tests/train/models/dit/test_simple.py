from __future__ import annotations

import torch

from tests.train.models.dit.sizes import stir
from train.models.dit.config import SimpleDenoiserConfig
from train.models.dit.simple import SimpleDenoiser


def _model(**settings: bool) -> SimpleDenoiser:
    torch.manual_seed(0)
    config = SimpleDenoiserConfig(
        latent_dim=5, width=16, layers=3, heads=2, condition_width=7, **settings
    )
    model = SimpleDenoiser(config)
    stir(model)
    return model


def test_noise_of_the_latents_alone() -> None:
    generator = torch.Generator().manual_seed(3)
    x, condition = (torch.randn(2, *shape, generator=generator) for shape in ((6, 5), (4, 7)))
    times = torch.tensor([3, 981])
    order = torch.tensor([5, 2, 0, 1, 4, 3])
    model = _model(checkpoint_blocks=True)
    noise = model(x, timesteps_B=times, condition_BMF=condition)
    assert noise.shape == x.shape
    permuted = model(x[:, order], timesteps_B=times, condition_BMF=condition)
    torch.testing.assert_close(permuted, noise[:, order], rtol=0, atol=1e-5)
    for settings in ({"cosines_first": True}, {"skip_norm": False}, {"condition_norm": False}):
        other = _model(**settings)(x, timesteps_B=times, condition_BMF=condition)
        assert not torch.allclose(other, noise)
