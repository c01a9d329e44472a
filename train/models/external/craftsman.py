"""The keys of CraftsMan3D's autoencoders: v1.5, the first release and the Dora variant."""

from __future__ import annotations

from collections.abc import Iterator

from train.models.external.keys import Entry, KeyMap, layer
from train.models.vecset.config import VecSetConfig


def craftsman_keys(config: VecSetConfig) -> KeyMap:
    """Fused projections lie head by head: of each head its queries, keys and values."""
    return KeyMap(entries=tuple(_entries(config)), added=_added(config))


def _entries(config: VecSetConfig) -> Iterator[Entry]:
    heads = config.heads if config.read_heads is None else config.read_heads
    if config.query_kind == "learned":
        yield Entry(theirs=("encoder.query",), ours=("encoder.queries",))
    yield from layer("encoder.input_proj", "encoder.point_in")
    yield from _cross("encoder.cross_attn", "encoder.read", config, heads=heads)
    if config.sharp_points:
        yield from layer("encoder.input_proj_sharp", "encoder.sharp_in")
        yield from _cross("encoder.cross_attn_sharp", "encoder.read_sharp", config, heads=heads)
    for index in range(config.encoder_layers):
        theirs, ours = f"encoder.self_attn.resblocks.{index}", f"encoder.stack.{index}"
        yield from _self(theirs, ours, config, heads=config.heads)
    if config.encoder_norm:
        yield from layer("encoder.ln_post", "encoder.norm")
    yield from layer("pre_kl", "to_moments")
    yield from layer("post_kl", "from_latent")
    for index in range(config.decoder_layers):
        theirs, ours = f"transformer.resblocks.{index}", f"decoder.{index}"
        yield from _self(theirs, ours, config, heads=config.field_heads)
    heads = config.field_heads if config.read_heads is None else config.read_heads
    yield from layer("decoder.query_proj", "field.point_in")
    yield from _cross("decoder.cross_attn_decoder", "field.read", config, heads=heads)
    yield from layer("decoder.ln_post", "field.norm")
    outputs = ("field.signed", "field.cubes") if config.output == "flexicubes" else "field.signed"
    yield from layer("decoder.output_proj", outputs)


def _cross(theirs: str, ours: str, config: VecSetConfig, *, heads: int) -> Iterator[Entry]:
    bias = config.block.qkv_bias
    yield from layer(f"{theirs}.attn.c_q", f"{ours}.attention.to_q", bias=bias)
    fused = (f"{ours}.attention.to_k", f"{ours}.attention.to_v")
    yield from layer(f"{theirs}.attn.c_kv", fused, bias=bias, heads=heads)
    yield from layer(f"{theirs}.ln_2", f"{ours}.norm_context")
    yield from layer(f"{theirs}.ln_3", f"{ours}.norm_mlp")
    yield from _rest(theirs, ours, config)


def _self(theirs: str, ours: str, config: VecSetConfig, *, heads: int) -> Iterator[Entry]:
    fused = tuple(f"{ours}.attention.to_{name}" for name in "qkv")
    yield from layer(f"{theirs}.attn.c_qkv", fused, bias=config.block.qkv_bias, heads=heads)
    yield from layer(f"{theirs}.ln_2", f"{ours}.norm_mlp")
    yield from _rest(theirs, ours, config)


def _rest(theirs: str, ours: str, config: VecSetConfig) -> Iterator[Entry]:
    yield from layer(f"{theirs}.attn.c_proj", f"{ours}.attention.to_out")
    yield from layer(f"{theirs}.ln_1", f"{ours}.norm")
    yield from layer(f"{theirs}.mlp.c_fc", f"{ours}.mlp.widen")
    yield from layer(f"{theirs}.mlp.c_proj", f"{ours}.mlp.narrow")
    if config.block.qk_norm:
        for name in ("q_norm", "k_norm"):
            yield from layer(f"{theirs}.attn.attention.{name}", f"{ours}.attention.{name}")


def _added(config: VecSetConfig) -> tuple[str, ...]:
    return ("field.cell_size_in.weight",) if config.cell_size_input else ()
