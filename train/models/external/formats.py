"""The published formats of VecSet autoencoders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from torch import Tensor

from train.models.external.craftsman import craftsman_keys
from train.models.external.keys import KeyMap
from train.models.external.shape2vecset import shape2vecset_keys
from train.models.external.triposg import triposg_keys
from train.models.vecset.config import VecSetConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What a family of checkpoints has in common.

    Attributes:
        keys: the correspondence for a network of some size.
        prefix: before the keys of the autoencoder in a checkpoint of a whole system.
        ignored: patterns of other keys of such a checkpoint, each with its reason.
    """

    keys: Callable[[VecSetConfig], KeyMap]
    prefix: str = ""
    ignored: Mapping[str, str] = field(default_factory=dict)

    def without_prefix(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Of a checkpoint of a whole system, the keys of the autoencoder alone lose the prefix.

        A checkpoint in which no key has it is of the autoencoder alone.
        """
        return {key.removeprefix(self.prefix): tensor for key, tensor in tensors.items()}


FORMATS = MappingProxyType(
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
