"""Published denoisers of geometry latents by name."""

from __future__ import annotations

from types import MappingProxyType

from train.models.dit.config import DiTConfig, SimpleDenoiserConfig

VARIANTS = MappingProxyType(
    {
        "craftsman-v1.5": DiTConfig(),
        "craftsman-dora": DiTConfig(condition="dinov2", condition_width=1024),
    }
)
"""Diffusion transformers: CoPart starts from the first; the second is a rectified flow."""

SIMPLE_VARIANTS = MappingProxyType({"craftsman-arxiv": SimpleDenoiserConfig()})
"""The first release's network, another architecture."""
