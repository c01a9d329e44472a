"""Denoisers filled from published keys compute what the published programs computed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from tests.shared_assets import requires_shared, shared
from tests.train.models.external.published import read_arrays, read_tolerances
from train.models.dit.config import DiTConfig, SimpleDenoiserConfig
from train.models.dit.model import DiT
from train.models.dit.simple import SimpleDenoiser
from train.models.dit.time import time_features
from train.models.external.formats import DIT_FORMATS, SIMPLE_FORMATS
from train.models.external.keys import KeyMap
from train.models.external.load_dit import load_dit_tensors

pytestmark = requires_shared

FORMAT_OF = {
    "craftsman_dit_a": "craftsman-dit",
    "craftsman_dit_b": "craftsman-dit-unfused",
    "craftsman_dit_c": "craftsman-dit",
    "craftsman_simple": "craftsman-simple",
}


@dataclass(frozen=True, slots=True)
class Case:
    model: DiT | SimpleDenoiser
    keys: KeyMap
    arrays: dict[str, Tensor]
    tolerances: dict[str, float]
    gradient_names: list[str]


def _case(name: str) -> Case:
    described = json.loads(shared(f"fixtures/{name}.config.json").read_text())
    weights = safetensors.torch.load_file(shared(f"fixtures/{name}.weights.safetensors"))
    model = _network(name, described["config"]["model"])
    load_dit_tensors(model, weights, format_name=FORMAT_OF[name])
    if isinstance(model, DiT):
        keys = DIT_FORMATS[FORMAT_OF[name]].keys(model.config)
    else:
        keys = SIMPLE_FORMATS[FORMAT_OF[name]].keys(model.config)
    return Case(model, keys, read_arrays(name), read_tolerances(name), described["grad_order"])


def _network(name: str, model: dict[str, Any]) -> DiT | SimpleDenoiser:
    sizes = {
        "latent_dim": model["input_channels"],
        "width": model["width"],
        "layers": model["layers"],
        "heads": model["heads"],
        "condition_width": model["context_dim"],
    }
    if name == "craftsman_simple":
        return SimpleDenoiser(SimpleDenoiserConfig(**sizes, skip_norm=model["skip_ln"]))
    return DiT(
        DiTConfig(
            **sizes,
            qkv_bias=model.get("drop_path", 0) > 0,
            norm="rms" if model.get("use_RMSNorm") else "layer",
            condition=model.get("condition_type", "clip_dinov2"),
            condition_norm=model.get("context_ln", True),
            condition_views=model.get("n_views", 1),
        )
    )


@contextmanager
def _recording(modules: dict[str, nn.Module]) -> Iterator[dict[str, Tensor]]:
    found: dict[str, Tensor] = {}
    handles = [
        module.register_forward_hook(lambda _m, _i, out, key=key: found.__setitem__(key, out))
        for key, module in modules.items()
    ]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def _dit_outputs(case: Case, model: DiT) -> dict[str, Tensor]:
    arrays, first = case.arrays, model.blocks[0]
    modules = {
        "out_t_emb": model.time,
        "out_t_block_out": model.to_modulation,
        "out_x_embed": model.tokens_in,
        "out_block0_self_attn_raw": first.attention,
        "out_block0_cross_attn_raw": first.cross,
        "out_block0_mlp_raw": first.mlp,
        "out_final_norm": model.norm,
        **{f"out_block{index}_out": block for index, block in enumerate(model.blocks)},
    }
    assert model.condition is not None
    for kind in ("clip", "dino"):
        projection = getattr(model.condition, kind)
        if projection is not None:
            modules[f"out_{kind}_embed_out"] = projection
    with _recording(modules) as found:
        context = model.condition(arrays["in_context"])
        found["out_out"] = model(
            arrays["in_x"], timesteps_B=arrays["in_timestep"], context_BMC=context
        )
    found["out_t_sinusoid"] = time_features(arrays["in_timestep"], 256)
    return found


def _simple_outputs(case: Case, model: SimpleDenoiser) -> dict[str, Tensor]:
    arrays = case.arrays
    modules: dict[str, nn.Module] = {
        "out_t_token": model.time,
        "out_context_tokens": model.condition_in,
        "out_x_tokens": model.tokens_in,
        "out_mid_out": model.middle,
        **{f"out_down{index}_out": block for index, block in enumerate(model.down)},
        **{f"out_up{index}_out": block for index, block in enumerate(model.up)},
        **{f"out_up{index}_merge": merge.layer for index, merge in enumerate(model.merges)},
    }
    with _recording(modules) as found:
        found["out_out"] = model(
            arrays["in_x"], timesteps_B=arrays["in_timestep"], condition_BMF=arrays["in_context"]
        )
    found["out_t_sinusoid"] = time_features(
        arrays["in_timestep"], model.config.width, cosines_first=False
    )
    return found


def _outputs(case: Case) -> dict[str, Tensor]:
    if isinstance(case.model, DiT):
        found = _dit_outputs(case, case.model)
    else:
        found = _simple_outputs(case, case.model)
    found["out_loss_mse"] = mse_loss(found["out_out"], case.arrays["in_target"])
    return found


@pytest.mark.parametrize("name", FORMAT_OF)
def test_every_output_within_its_tolerance(name: str) -> None:
    case = _case(name)
    with torch.no_grad():
        found = _outputs(case)
    gradients = {"out_grad_norm", "out_grad_probe"}
    assert found.keys() | gradients == {key for key in case.arrays if key.startswith("out_")}
    for key, values in found.items():
        torch.testing.assert_close(
            values.reshape(case.arrays[key].shape),
            case.arrays[key],
            rtol=0,
            atol=case.tolerances[key],
            msg=lambda message, key=key: f"{key}: {message}",
        )


@pytest.mark.parametrize("name", FORMAT_OF)
@pytest.mark.parametrize("checkpointed", [False, True])
def test_gradients_of_every_parameter(name: str, checkpointed: bool) -> None:
    case = _case(name)
    object.__setattr__(case.model.config, "checkpoint_blocks", checkpointed)
    _outputs(case)["out_loss_mse"].backward()
    ours = {key: p.grad for key, p in case.model.named_parameters() if p.grad is not None}
    theirs = case.keys.to_theirs(ours)
    assert theirs.keys() == set(case.gradient_names)
    flat = [theirs[key].flatten().double() for key in case.gradient_names]
    probes = [(g * torch.cos(0.37 * torch.arange(len(g)).double())).sum() for g in flat]
    for key, values in (
        ("out_grad_norm", torch.stack([g.norm() for g in flat])),
        ("out_grad_probe", torch.stack(probes)),
    ):
        torch.testing.assert_close(
            values.float(), case.arrays[key], rtol=0, atol=case.tolerances[key]
        )
