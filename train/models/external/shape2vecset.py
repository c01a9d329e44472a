"""The keys of 3DShape2VecSet's KL autoencoders."""

from __future__ import annotations

from collections.abc import Iterator
from math import pi

import torch
from torch import Tensor

from train.models.external.keys import Entry, KeyMap, layer
from train.models.vecset.config import VecSetConfig


def shape2vecset_keys(config: VecSetConfig) -> KeyMap:
    """Keys and values are fused one after the other; a point comes after its sines and cosines."""
    added = ("field.cell_size_in.weight",) if config.cell_size_input else ()
    return KeyMap(
        entries=tuple(_entries(config)),
        constants={"point_embed.basis": _basis(config)},
        added=added,
    )


def _entries(config: VecSetConfig) -> Iterator[Entry]:
    yield Entry(theirs=("point_embed.mlp.weight",), ours=("encoder.point_in.weight",), roll=3)
    yield Entry(theirs=("point_embed.mlp.bias",), ours=("encoder.point_in.bias",))
    yield from _cross("cross_attend_blocks.0", "encoder.read")
    yield from _mlp("cross_attend_blocks.1", "encoder.read")
    yield from layer(("mean_fc", "logvar_fc"), "to_moments")
    yield from layer("proj", "from_latent")
    for index in range(config.decoder_layers):
        yield from _attention(f"layers.{index}.0", f"decoder.{index}")
        yield from _mlp(f"layers.{index}.1", f"decoder.{index}")
    yield from _cross("decoder_cross_attn", "field.read")
    outputs = ("field.signed", "field.cubes") if config.output == "flexicubes" else "field.signed"
    yield from layer("to_outputs", outputs)


def _cross(theirs: str, ours: str) -> Iterator[Entry]:
    yield from _attention(theirs, ours)
    yield from layer(f"{theirs}.norm_context", f"{ours}.norm_context")


def _attention(theirs: str, ours: str) -> Iterator[Entry]:
    fused = (f"{ours}.attention.to_k", f"{ours}.attention.to_v")
    yield from layer(f"{theirs}.norm", f"{ours}.norm")
    yield from layer(f"{theirs}.fn.to_q", f"{ours}.attention.to_q", bias=False)
    yield from layer(f"{theirs}.fn.to_kv", fused, bias=False)
    yield from layer(f"{theirs}.fn.to_out", f"{ours}.attention.to_out")


def _mlp(theirs: str, ours: str) -> Iterator[Entry]:
    yield from layer(f"{theirs}.norm", f"{ours}.norm_mlp")
    yield from layer(f"{theirs}.fn.net.0", f"{ours}.mlp.widen")
    yield from layer(f"{theirs}.fn.net.2", f"{ours}.mlp.narrow")


def _basis(config: VecSetConfig) -> Tensor:
    """(3, 3 K) what coordinates are multiplied by: a row for each, with frequencies in its part."""
    scales = pi * 2.0 ** torch.arange(config.frequencies)
    return torch.kron(torch.eye(3), scales[None])
