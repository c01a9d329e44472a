"""The published formats of VecSet autoencoders and of denoisers of their latents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, TypeVar

from torch import Tensor

from train.models.dit.config import DiTConfig, SimpleDenoiserConfig
from train.models.external.craftsman import craftsman_keys
from train.models.external.craftsman_denoisers import (
    dit_keys,
    simple_denoiser_keys,
    unfused_dit_keys,
)
from train.models.external.keys import KeyMap
from train.models.external.shape2vecset import shape2vecset_keys
from train.models.external.triposg import triposg_keys
from train.models.vecset.config import VecSetConfig

Config = TypeVar("Config")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format(Generic[Config]):
    """What a family of checkpoints has in common.

    Attributes:
        keys: the correspondence for a network of some size.
        prefix: before the keys of the network in a checkpoint of a whole system.
        ignored: patterns of other keys of such a checkpoint, each with its reason.
    """

    keys: Callable[[Config], KeyMap]
    prefix: str = ""
    ignored: Mapping[str, str] = field(default_factory=dict)

    def without_prefix(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Of a checkpoint of a whole system, the keys of the network alone lose the prefix.

        A checkpoint in which no key has it is of the network alone.
        """
        return {key.removeprefix(self.prefix): tensor for key, tensor in tensors.items()}


FORMATS: Mapping[str, Format[VecSetConfig]] = MappingProxyType(
    {
        "craftsman": Format(
            keys=craftsman_keys,
            prefix="shape_model.",
            ignored={
                "denoiser_model.*": "weights of the denoiser",
                "condition.*": "weights of the image and text encoders",
            },
        ),
        "triposg": Format(keys=triposg_keys),
        "shape2vecset": Format(keys=shape2vecset_keys),
    }
)

VARIANT_FORMATS = MappingProxyType(
    {
        "craftsman-v1.5": "craftsman",
        "craftsman-ae": "craftsman",
        "craftsman-arxiv": "craftsman",
        "craftsman-dora": "craftsman",
        "triposg": "triposg",
        "vecset": "shape2vecset",
    }
)
"""What each of `train.models.vecset.variants.VARIANTS` was published as; AutoPartGen never was."""

_OF_A_SYSTEM = MappingProxyType(
    {
        "shape_model.*": "weights of the autoencoder",
        "condition.*": "weights of the image and text encoders",
    }
)

DIT_FORMATS: Mapping[str, Format[DiTConfig]] = MappingProxyType(
    {
        "craftsman-dit": Format(keys=dit_keys, prefix="denoiser_model.", ignored=_OF_A_SYSTEM),
        "craftsman-dit-unfused": Format(
            keys=unfused_dit_keys, prefix="denoiser_model.", ignored=_OF_A_SYSTEM
        ),
    }
)

SIMPLE_FORMATS: Mapping[str, Format[SimpleDenoiserConfig]] = MappingProxyType(
    {
        "craftsman-simple": Format(
            keys=simple_denoiser_keys, prefix="denoiser_model.", ignored=_OF_A_SYSTEM
        )
    }
)
