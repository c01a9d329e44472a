"""Joint denoisers that start from published networks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from train.models.dit.model import DiT
from train.models.external.load_dit import load_dit
from train.models.external.pixart import load_image_denoiser
from train.models.joint.config import JointConfig
from train.models.joint.model import JointDenoiser


@dataclass(frozen=True, kw_only=True)
class PretrainedConfig:
    """Where the two networks come from.

    Attributes:
        geometry: file of a CraftsMan checkpoint; None for a new network.
        geometry_format: one of `train.models.external.formats.DIT_FORMATS`.
        images: folder or hub name of a PixArt-alpha pipeline; None for a new network.
    """

    geometry: Path | None = None
    geometry_format: str = "craftsman-dit"
    images: str | None = None


def build_joint_denoiser(config: JointConfig, pretrained: PretrainedConfig) -> JointDenoiser:
    """The joint denoisers on the CPU, each network new or read from what was published.

    The published network of images says its own sizes, of which `config` may name another
    `sample_size`: that is what the positions were made for.

    Raises:
        CheckpointError: a checkpoint cannot be read or is not of the network.
        ValueError: the published network of images is of other sizes than `config` says.
    """
    geometry = images = None
    if pretrained.geometry is not None and config.geometry is not None:
        geometry = DiT(config.geometry)
        load_dit(geometry, pretrained.geometry, format_name=pretrained.geometry_format)
    if pretrained.images is not None and config.images is not None:
        images = load_image_denoiser(pretrained.images)
        size = images.config.sample_size
        config = replace(config, images=replace(config.images, sample_size=size))
    return JointDenoiser(config, geometry=geometry, images=images)
