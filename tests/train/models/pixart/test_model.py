from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tests.train.models.pixart.made import SMALL, small_inputs, small_network
from train.models.pixart.config import PixArtConfig
from train.models.pixart.model import ImageDenoiser


def _theirs(config: PixArtConfig, view: Tensor, given: dict[str, Tensor]) -> Tensor:
    with torch.no_grad():
        both: Tensor = small_network(config)(
            view,
            encoder_hidden_states=given["text_BME"],
            timestep=given["timesteps_B"],
            encoder_attention_mask=given["mask_BM"],
            added_cond_kwargs={"resolution": None, "aspect_ratio": None},
        ).sample
    return both.chunk(2, dim=1)[0]


@pytest.mark.parametrize("side", [4, 6])
@pytest.mark.parametrize("sample_size", [4, 128])
def test_one_view_is_what_diffusers_computes_bit_for_bit(side: int, sample_size: int) -> None:
    """Also at other sizes than the positions were made for, and where these are interpolated."""
    config = replace(SMALL, sample_size=sample_size)
    given = small_inputs(views=1, side=side)
    with torch.no_grad():
        found = ImageDenoiser(small_network(config))(**given)
    assert found.std() > 0.1
    assert torch.equal(found[:, 0], _theirs(config, given["x_BVDHW"][:, 0], given))


def test_views_do_not_see_each_other() -> None:
    given = small_inputs(views=3)
    with torch.no_grad():
        found = ImageDenoiser(small_network())(**given)
    for view in range(3):
        wanted = _theirs(SMALL, given["x_BVDHW"][:, view], given)
        torch.testing.assert_close(found[:, view], wanted, rtol=0, atol=1e-5)


def test_images_may_be_oblong() -> None:
    given = small_inputs(views=1)
    image = torch.randn(3, 1, 4, 4, 6, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found = ImageDenoiser(small_network())(**{**given, "x_BVDHW": image})
    assert torch.equal(found[:, 0], _theirs(SMALL, image[:, 0], given))


def test_layers_keep_their_names_and_weights() -> None:
    network = small_network()
    before = {key: weight.clone() for key, weight in network.state_dict().items()}
    model = ImageDenoiser(network)
    assert model.config == SMALL
    assert before.keys() == model.state_dict().keys()
    assert all(torch.equal(before[key], weight) for key, weight in model.state_dict().items())


def test_forgetting_blocks_changes_no_gradient() -> None:
    gradients = []
    for checkpointed in (False, True):
        model = ImageDenoiser(small_network(), checkpoint_blocks=checkpointed)
        model(**small_inputs()).square().mean().backward()
        gradients.append([w.grad for w in model.parameters()])
    pairs = zip(*gradients, strict=True)
    assert all(a is not None and b is not None and torch.equal(a, b) for a, b in pairs)


def test_the_network_for_1024_pixels_is_refused() -> None:
    from diffusers import PixArtTransformer2DModel

    arguments = {**SMALL.arguments(), "use_additional_conditions": True}
    with pytest.raises(ValueError, match="take the one for 256 or 512"):
        ImageDenoiser(PixArtTransformer2DModel(**arguments))


def test_the_published_size() -> None:
    with torch.device("meta"):
        model = ImageDenoiser.new(PixArtConfig())
    assert sum(weight.numel() for weight in model.parameters()) == 610_856_096
    keys = model.state_dict().keys()
    assert sum(key.startswith("transformer_blocks.27.") for key in keys) == 21
    assert {"pos_embed.proj.weight", "adaln_single.emb.timestep_embedder.linear_1.weight"} < {*keys}
