"""The numeric fixtures: networks of published programs, tiny, with inputs and outputs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

from tests.shared_assets import shared
from train.models.vecset.config import BlockConfig, VecSetConfig

FORMATS_OF_FIXTURES = {
    "craftsman_vae_a": "craftsman",
    "craftsman_vae_b": "craftsman",
    "craftsman_vae_dora": "craftsman",
    "triposg_vae": "triposg",
    "vecset_kl": "shape2vecset",
}


@dataclass(frozen=True, slots=True)
class Fixture:
    name: str
    config: VecSetConfig
    weights: dict[str, Tensor]
    arrays: dict[str, Tensor]
    tolerances: dict[str, float]
    gradient_names: list[str]

    @property
    def format_name(self) -> str:
        return FORMATS_OF_FIXTURES[self.name]

    def __getitem__(self, name: str) -> Tensor:
        return self.arrays[name]


def read_fixture(name: str) -> Fixture:
    described = json.loads(shared(f"fixtures/{name}.config.json").read_text())
    return Fixture(
        name=name,
        config=_config(name, described["config"]),
        weights=safetensors.torch.load_file(shared(f"fixtures/{name}.weights.safetensors")),
        arrays=read_arrays(name),
        tolerances=read_tolerances(name),
        gradient_names=described.get("grad_order", []),
    )


def read_arrays(name: str) -> dict[str, Tensor]:
    with np.load(shared(f"fixtures/{name}.io.npz"), allow_pickle=False) as archive:
        arrays = {key: archive[key] for key in archive.files}
    return {
        key: torch.from_numpy(array.astype(np.int64) if array.dtype.kind in "iu" else array)
        for key, array in arrays.items()
    }


def read_tolerances(name: str) -> dict[str, float]:
    """The table of the fixture's section: the last column is the absolute tolerance."""
    text = shared("fixtures/README.md").read_text()
    section = text.split(f"### `{name}`")[1].split("\n## ")[0].split("\n### ")[0]
    rows = re.findall(r"^\| `(out_\w+)` .*\| ([0-9.e+-]+) \|$", section, flags=re.MULTILINE)
    return {key: float(value) for key, value in rows}


def _config(name: str, described: dict[str, Any]) -> VecSetConfig:
    model, data = described["model"], described["data"]
    if name == "vecset_kl":
        return VecSetConfig(
            point_features=0,
            include_pi=True,
            max_points=None,
            tokens=model["num_latents"],
            latent_dim=model["latent_dim"],
            width=model["dim"],
            heads=model["heads"],
            encoder_layers=0,
            encoder_norm=False,
            decoder_layers=model["depth"],
            read_heads=1,
            block=BlockConfig(mlp="geglu"),
            query_block="bare",
            shared_projection=True,
        )
    if name == "triposg_vae":
        return VecSetConfig(
            max_points=None,
            tokens=data["num_tokens"],
            latent_dim=model["latent_channels"],
            width=model["width_encoder"],
            heads=model["num_attention_heads"],
            encoder_layers=model["num_layers_encoder"],
            decoder_width=model["width_decoder"],
            decoder_layers=model["num_layers_decoder"],
            output="sdf",
            field_sign=-1,
        )
    dora = described["kind"] == "dora-autoencoder"
    return VecSetConfig(
        point_features=model["point_feats"],
        frequencies=model["num_freqs"],
        include_pi=model["include_pi"],
        max_points=model["n_samples"],
        query_kind="farthest" if model["use_downsample"] else "learned",
        half_precision_sampling=dora,
        sharp_points=model.get("with_sharp_data", False),
        tokens=model["num_latents"],
        latent_dim=model["embed_dim"],
        width=model["width"],
        heads=model["heads"],
        encoder_layers=model["num_encoder_layers"],
        encoder_norm=model["use_ln_post"],
        decoder_layers=model["num_decoder_layers"],
        block=BlockConfig(qkv_bias=model["qkv_bias"], qk_norm=model.get("qk_norm", False)),
    )
