"""The keys of CraftsMan3D's denoisers: the diffusion transformer and the first release's."""

from __future__ import annotations

from collections.abc import Iterator

from train.models.dit.config import DiTConfig, SimpleDenoiserConfig
from train.models.external.keys import Entry, KeyMap, layer


def dit_keys(config: DiTConfig) -> KeyMap:
    """Fused projections lie head by head: of each head its queries, keys and values."""
    return KeyMap(entries=tuple(_dit_entries(config, fused=True)))


def unfused_dit_keys(config: DiTConfig) -> KeyMap:
    """The same network, trained with `qkv_fuse` off."""
    return KeyMap(entries=tuple(_dit_entries(config, fused=False)))


def simple_denoiser_keys(config: SimpleDenoiserConfig) -> KeyMap:
    """The way down is `encoder`, the way up `decoder`: a block, what merges the skip, its norm."""
    return KeyMap(entries=tuple(_simple_entries(config)))


def _dit_entries(config: DiTConfig, *, fused: bool) -> Iterator[Entry]:
    shift = config.norm == "layer"
    yield from layer("time_embed.mlp.0", "time.widen")
    yield from layer("time_embed.mlp.2", "time.out")
    yield from layer("x_embed", "tokens_in")
    yield from _condition(config)
    for index in range(config.layers):
        theirs = ours = f"blocks.{index}"
        yield Entry(theirs=(f"{theirs}.scale_shift_table",), ours=(f"{ours}.modulation",))
        yield from layer(f"{theirs}.norm1", f"{ours}.norm", bias=shift)
        yield from _attentions(theirs, ours, config, fused=fused)
        yield from layer(f"{theirs}.norm2", f"{ours}.norm_mlp", bias=shift)
        yield from _mlp(f"{theirs}.mlp", f"{ours}.mlp")
    yield from layer("t_block.1", "to_modulation")
    yield from layer("final_layer.norm_final", "norm", bias=shift)
    yield Entry(theirs=("final_layer.scale_shift_table",), ours=("last_modulation",))
    yield from layer("final_layer.linear", "tokens_out")


def _condition(config: DiTConfig) -> Iterator[Entry]:
    kinds = {"clip_dinov2": ("clip", "dino"), "clip": ("clip",), "dinov2": ("dino",), "none": ()}
    for kind in kinds[config.condition]:
        theirs, ours = f"{kind}_embed", f"condition.{kind}"
        if config.condition_norm:
            yield from layer(f"{theirs}.0", f"{ours}.0", bias=config.norm == "layer")
            theirs, ours = f"{theirs}.1", f"{ours}.1"
        yield from layer(theirs, ours)


def _attentions(theirs: str, ours: str, config: DiTConfig, *, fused: bool) -> Iterator[Entry]:
    bias, heads = config.qkv_bias, config.heads
    if fused:
        joined = tuple(f"{ours}.attention.to_{name}" for name in "qkv")
        yield from layer(f"{theirs}.attn.c_qkv", joined, bias=bias, heads=heads)
        joined = tuple(f"{ours}.cross.to_{name}" for name in "kv")
        yield from layer(f"{theirs}.cross_attn.c_kv", joined, bias=bias, heads=heads)
    for name in "" if fused else "qkv":
        yield from layer(f"{theirs}.attn.c_{name}", f"{ours}.attention.to_{name}", bias=bias)
    for name in "q" if fused else "qkv":
        yield from layer(f"{theirs}.cross_attn.c_{name}", f"{ours}.cross.to_{name}", bias=bias)
    yield from layer(f"{theirs}.attn.c_proj", f"{ours}.attention.to_out")
    yield from layer(f"{theirs}.cross_attn.c_proj", f"{ours}.cross.to_out")


def _simple_entries(config: SimpleDenoiserConfig) -> Iterator[Entry]:
    yield from _mlp("time_proj", "time")
    if config.condition_norm:
        yield from layer("context_embed.0", "condition_norm")
    embed = "context_embed.1" if config.condition_norm else "context_embed"
    yield from layer(embed, "condition_in")
    yield from layer("input_proj", "tokens_in")
    for index in range(config.layers):
        yield from _self(f"backbone.encoder.{index}", f"down.{index}", heads=config.heads)
        yield from _self(f"backbone.decoder.{index}.0", f"up.{index}", heads=config.heads)
        yield from layer(f"backbone.decoder.{index}.1", f"merges.{index}.layer")
        if config.skip_norm:
            yield from layer(f"backbone.decoder.{index}.2", f"merges.{index}.norm")
    yield from _self("backbone.middle_block", "middle", heads=config.heads)
    yield from layer("ln_post", "norm")
    yield from layer("output_proj", "tokens_out")


def _self(theirs: str, ours: str, *, heads: int) -> Iterator[Entry]:
    fused = tuple(f"{ours}.attention.to_{name}" for name in "qkv")
    yield from layer(f"{theirs}.attn.c_qkv", fused, bias=False, heads=heads)
    yield from layer(f"{theirs}.attn.c_proj", f"{ours}.attention.to_out")
    yield from layer(f"{theirs}.ln_1", f"{ours}.norm")
    yield from layer(f"{theirs}.ln_2", f"{ours}.norm_mlp")
    yield from _mlp(f"{theirs}.mlp", f"{ours}.mlp")


def _mlp(theirs: str, ours: str) -> Iterator[Entry]:
    yield from layer(f"{theirs}.c_fc", f"{ours}.widen")
    yield from layer(f"{theirs}.c_proj", f"{ours}.narrow")
