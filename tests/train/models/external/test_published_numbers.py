"""Networks filled from published keys compute what the published programs computed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from tests.shared_assets import requires_shared
from tests.train.models.external.published import FORMATS_OF_FIXTURES, Fixture, read_fixture
from train.models.external.formats import FORMATS
from train.models.external.load import load_tensors
from train.models.vecset.embedding import fourier_features
from train.models.vecset.farthest import farthest_points
from train.models.vecset.gradients import gradient_by_autograd
from train.models.vecset.lattice import lattice_points
from train.models.vecset.losses import FieldLossConfig, autoencoder_losses, field_loss
from train.models.vecset.model import VecSetAutoencoder
from train.models.vecset.posterior import Posterior

pytestmark = requires_shared
ALL = sorted(FORMATS_OF_FIXTURES)
TRAINED = [name for name in ALL if name != "triposg_vae"]


def _model(fixture: Fixture) -> VecSetAutoencoder:
    network = VecSetAutoencoder(fixture.config)
    load_tensors(network, fixture.weights, format_name=fixture.format_name)
    return network


@pytest.mark.parametrize("name", ALL)
def test_every_output_within_its_tolerance(name: str) -> None:
    fixture = read_fixture(name)
    with torch.no_grad():
        found = _outputs(fixture, _model(fixture))
    gradients = {"out_grad_norm", "out_grad_probe", "out_field_grad_wrt_query"}
    assert found.keys() | gradients >= {key for key in fixture.arrays if key.startswith("out_")}
    for key, values in found.items():
        expected = fixture[key].to(values.dtype)
        torch.testing.assert_close(
            values, expected, rtol=0, atol=fixture.tolerances[key], msg=lambda m, k=key: f"{k}: {m}"
        )


@pytest.mark.parametrize("name", [name for name in ALL if name != "craftsman_vae_b"])
def test_chosen_points(name: str) -> None:
    """Indices count in the flattened batch; TripoSG's count in its four candidates a token."""
    fixture = read_fixture(name)
    config, arrays = fixture.config, fixture.arrays
    pairs = {"in_fps_index_flat": "in_surface", "in_fps_index_sharp_flat": "in_sharp_surface"}
    present = pairs.keys() & arrays.keys()
    assert len(present) == 1 + config.sharp_points
    for index in present:
        points = arrays["in_pc" if "in_pc" in arrays else pairs[index]][..., :3]
        if "in_pre_index" in arrays:
            points = points[:, arrays["in_pre_index"]]
        batch, size, _ = points.shape
        count = config.tokens // 2 if config.sharp_points else config.tokens
        chosen = (
            farthest_points(points, count, half_precision=config.half_precision_sampling)
            + size * torch.arange(batch)[:, None]
        )
        torch.testing.assert_close(chosen.flatten(), arrays[index], rtol=0, atol=0)


@pytest.mark.parametrize("name", TRAINED)
def test_gradients_of_every_parameter(name: str) -> None:
    fixture = read_fixture(name)
    model = _model(fixture)
    posterior = _encode(fixture, model)
    latent = posterior.displaced(fixture["in_posterior_noise"])
    predicted = model.query(model.decode(latent), fixture["in_queries"])[..., 0]
    target = fixture["in_target_occ"].reshape(predicted.shape)
    losses = autoencoder_losses(
        predicted, target, posterior=posterior, config=FieldLossConfig(kind="bce", kl_weight=1e-3)
    )
    losses["loss"].backward()
    gradients = {
        name: parameter.grad
        for name, parameter in model.named_parameters()
        if parameter.grad is not None
    }
    keys = FORMATS[fixture.format_name].keys(fixture.config)
    theirs = keys.to_theirs(gradients)
    assert theirs.keys() == set(fixture.gradient_names)
    for index, key in enumerate(fixture.gradient_names):
        gradient = theirs[key].flatten()
        probe = torch.cos(0.37 * torch.arange(gradient.numel(), dtype=torch.float64))
        found = {
            "out_grad_norm": gradient.norm(),
            "out_grad_probe": (gradient.double() * probe).sum().float(),
        }
        for output, value in found.items():
            expected = fixture[output][index]
            if not expected.isnan():
                atol = fixture.tolerances[output]
                torch.testing.assert_close(value, expected, rtol=0, atol=atol)


def test_the_published_program_gives_no_gradient_to_norms_of_queries_and_keys() -> None:
    fixture = read_fixture("craftsman_vae_dora")
    skipped = [
        name
        for name, norm in zip(fixture.gradient_names, fixture["out_grad_norm"], strict=True)
        if norm.isnan()
    ]
    assert len(skipped) == 24
    assert all(".attention.q_norm." in name or ".attention.k_norm." in name for name in skipped)


def test_gradient_of_the_field_in_space() -> None:
    fixture = read_fixture("triposg_vae")
    model = _model(fixture)
    with torch.no_grad():
        tokens = model.decode(fixture["out_z"])
    gradient = gradient_by_autograd(
        lambda points: model.query(tokens, points)[..., 0],
        fixture["in_queries"],
        create_graph=False,
    )
    key = "out_field_grad_wrt_query"
    torch.testing.assert_close(gradient, fixture[key], rtol=0, atol=fixture.tolerances[key])


def _encode(fixture: Fixture, model: VecSetAutoencoder) -> Posterior:
    surface = fixture.arrays.get("in_surface")
    if surface is None:
        surface = fixture["in_pc"]
    return model.encode(
        surface,
        sharp_BSF=fixture.arrays.get("in_sharp_surface"),
        candidates=fixture.arrays.get("in_pre_index"),
    )


def _outputs(fixture: Fixture, model: VecSetAutoencoder) -> dict[str, Tensor]:
    """Whatever the fixture lists, caught on its way through the network."""
    with _watched(model) as seen:
        posterior = _encode(fixture, model)
        latent = posterior.displaced(fixture["in_posterior_noise"])
        tokens = model.decode(latent)
        field = model.query(tokens, fixture["in_queries"])
    found = {
        "out_mean": posterior.mean_BTD,
        "out_logvar": posterior.logvar_BTD,
        "out_z": latent,
        "out_kl_per_sample": posterior.kl_by_part(),
        "out_loss_kl": posterior.kl(),
        "out_dec_tokens": tokens,
        "out_field": field,
        "out_logits": field[..., 0],
        "out_moments_raw": seen["to_moments"],
        "out_logvar_raw": seen["to_moments"].chunk(2, dim=-1)[1],
        **_blocks(fixture, model, seen),
        **_points(fixture, seen),
        **_losses(fixture, field),
        **_grid(fixture, model, tokens),
    }
    return {key: values for key, values in found.items() if key in fixture.arrays}


def _blocks(
    fixture: Fixture, model: VecSetAutoencoder, seen: dict[str, Tensor]
) -> dict[str, Tensor]:
    config = fixture.config
    last = seen["encoder.norm"] if config.encoder_norm else seen["before_moments"]
    found = {"out_enc_latents": last, "out_dec_tokens_in": seen["from_latent"]}
    # TripoSG counts blocks that read with the others.
    first = int(fixture.name == "triposg_vae")
    reads = "out_enc_block0_out" if first else "out_enc_cross_out"
    found[reads] = seen["encoder.read"]
    for index in range(config.encoder_layers):
        found[f"out_enc_block{index + first}_out"] = seen[f"encoder.stack.{index}"]
    for index in range(config.decoder_layers):
        found[f"out_dec_block{index}_out"] = seen[f"decoder.{index}"]
        found[f"out_layer{index}_attn_raw"] = seen[f"decoder.{index}.attention"]
        found[f"out_layer{index}_ff_raw"] = seen[f"decoder.{index}.mlp"]
    found[f"out_dec_block{config.decoder_layers}_out"] = seen["field.read"]
    found["out_query_cross_out"] = found["out_dec_cross_raw"] = seen["field.read"]
    found["out_enc_cross_raw"] = seen["encoder.read.attention"]
    found["out_enc_ff_raw"] = seen["encoder.read.mlp"]
    if config.sharp_points:
        found["out_enc_cross_out_sharp"] = seen["encoder.read_sharp"]
    return found


def _points(fixture: Fixture, seen: dict[str, Tensor]) -> dict[str, Tensor]:
    config, arrays = fixture.config, fixture.arrays
    found = {}
    for key, name in {"surface": "in_surface", "queries": "in_queries"}.items():
        if name in arrays:
            found[f"out_fourier_{key}"] = fourier_features(
                arrays[name][..., :3], config.frequencies, include_pi=config.include_pi
            )
    found["out_enc_tokens_in"] = found["out_enc_kv_tokens"] = seen["encoder.point_in"]
    found["out_embed_surface"] = seen["encoder.point_in"]
    found["out_query_tokens"] = found["out_embed_queries"] = seen["projected queries"]
    if config.sharp_points:
        found["out_enc_tokens_in_sharp"] = seen["encoder.sharp_in"]
    if "in_pre_index" in arrays:
        candidates = arrays["in_surface"][:, arrays["in_pre_index"]]
        chosen = farthest_points(candidates[..., :3], config.tokens)
        found["out_sampled_points"] = candidates.gather(1, chosen[..., None].expand(-1, -1, 6))
    return found


def _losses(fixture: Fixture, field: Tensor) -> dict[str, Tensor]:
    found = {}
    if "in_target_sdf" in fixture.arrays:
        found["out_loss_mse"] = field_loss(field, fixture["in_target_sdf"], kind="mse")
    if "in_target_occ" in fixture.arrays:
        target = fixture["in_target_occ"].reshape(field.shape)
        found["out_loss_bce"] = field_loss(field, target, kind="bce")
        assert found["out_loss_bce"] == binary_cross_entropy_with_logits(field, target)
    return found


def _grid(fixture: Fixture, model: VecSetAutoencoder, tokens: Tensor) -> dict[str, Tensor]:
    if "out_grid_points" not in fixture.arrays:
        return {}
    points = lattice_points(8)
    field = model.query(tokens[:1], points[None], chunk=100)
    return {"out_grid_points": points, "out_grid_field": field.reshape(9, 9, 9)}


@contextmanager
def _watched(model: VecSetAutoencoder) -> Iterator[dict[str, Tensor]]:
    """The first output of every module, and the last of the projection that queries pass."""
    seen: dict[str, Tensor] = {}

    def keep(name: str) -> None:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            if name in {"encoder.point_in", "field.point_in"}:
                seen["projected queries"] = output
            if name == "to_moments":
                seen["before_moments"] = inputs[0]
            seen.setdefault(name, output)

        handles.append(model.get_submodule(name).register_forward_hook(hook))

    handles: list[torch.utils.hooks.RemovableHandle] = []
    for name, _ in model.named_modules():
        keep(name)
    yield seen
    for handle in handles:
        handle.remove()
