"""The keys of the autoencoders of TripoSG and HoloPart."""

from __future__ import annotations

from collections.abc import Iterator

from train.models.external.keys import Entry, KeyMap, layer
from train.models.vecset.config import VecSetConfig


def triposg_keys(config: VecSetConfig) -> KeyMap:
    """Projections are stored apart, but their rows are taken as if fused head by head.

    The published program joins queries, keys and values and then cuts the whole into heads, so
    that a head's queries come partly from rows that are stored as keys. That is how the weights
    were trained.
    """
    added = ("field.cell_size_in.weight",) if config.cell_size_input else ()
    return KeyMap(entries=tuple(_entries(config)), added=added)


def _entries(config: VecSetConfig) -> Iterator[Entry]:
    heads, field_heads = config.heads, config.field_heads
    yield from layer("encoder.proj_in", "encoder.point_in")
    yield from _cross("encoder.blocks.0", "encoder.read", heads=heads)
    for index in range(config.encoder_layers):
        yield from _self(f"encoder.blocks.{index + 1}", f"encoder.stack.{index}", heads=heads)
    yield from layer("encoder.norm_out", "encoder.norm")
    yield from layer("quant", "to_moments")
    yield from layer("post_quant", "from_latent")
    for index in range(config.decoder_layers):
        yield from _self(f"decoder.blocks.{index}", f"decoder.{index}", heads=field_heads)
    last = f"decoder.blocks.{config.decoder_layers}"
    yield from layer("decoder.proj_query", "field.point_in")
    yield from _cross(last, "field.read", heads=field_heads)
    yield from layer("decoder.norm_out", "field.norm")
    outputs = ("field.signed", "field.cubes") if config.output == "flexicubes" else "field.signed"
    yield from layer("decoder.proj_out", outputs)


def _cross(theirs: str, ours: str, *, heads: int) -> Iterator[Entry]:
    yield from layer(f"{theirs}.attn2.to_q", f"{ours}.attention.to_q", bias=False)
    yield from _mixed(f"{theirs}.attn2", f"{ours}.attention", projections="kv", heads=heads)
    yield from layer(f"{theirs}.attn2.to_out.0", f"{ours}.attention.to_out")
    yield from layer(f"{theirs}.attn2.norm_cross", f"{ours}.norm_context")
    yield from layer(f"{theirs}.norm2", f"{ours}.norm")
    yield from _mlp(theirs, ours)


def _self(theirs: str, ours: str, *, heads: int) -> Iterator[Entry]:
    yield from _mixed(f"{theirs}.attn1", f"{ours}.attention", projections="qkv", heads=heads)
    yield from layer(f"{theirs}.attn1.to_out.0", f"{ours}.attention.to_out")
    yield from layer(f"{theirs}.norm1", f"{ours}.norm")
    yield from _mlp(theirs, ours)


def _mixed(theirs: str, ours: str, *, projections: str, heads: int) -> Iterator[Entry]:
    yield from layer(
        tuple(f"{theirs}.to_{name}" for name in projections),
        tuple(f"{ours}.to_{name}" for name in projections),
        bias=False,
        heads=heads,
    )


def _mlp(theirs: str, ours: str) -> Iterator[Entry]:
    yield from layer(f"{theirs}.norm3", f"{ours}.norm_mlp")
    yield from layer(f"{theirs}.ff.net.0.proj", f"{ours}.mlp.widen")
    yield from layer(f"{theirs}.ff.net.2", f"{ours}.mlp.narrow")
