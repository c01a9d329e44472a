"""The joint denoisers of CoPart (Dong et al. 2025), section 3.2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from torch import Tensor, nn
from torch.nn import Parameter

from train.models.dit.model import DiT
from train.models.joint.config import JointConfig
from train.models.joint.geometry import GeometryBranch, GeometryRun
from train.models.joint.guidance import Exchange
from train.models.joint.images import ImageBranch, ImageRun
from train.models.joint.inputs import JointInputs, JointNoise
from train.models.joint.running import run, touch
from train.models.pixart.model import ImageDenoiser

_Branch = TypeVar("_Branch")


class JointDenoiser(nn.Module):
    """Geometry and images of all parts and of the whole, denoised in lock step.

    Block by block both networks run side by side, see other parts and views where placed, and after
    some blocks tell each other. Either modality may be left out of a call.

    Args:
        geometry: of `config.geometry`; None for a new one. A pretrained network must have its
            weights by now, as must `images`, whose blocks are copied.
        images: of `config.images`; None for a new one.

    Raises:
        ValueError: a network is not of the size that `config` says.
    """

    def __init__(
        self,
        config: JointConfig,
        *,
        geometry: DiT | None = None,
        images: ImageDenoiser | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        if config.geometry is not None:
            geometry = geometry or DiT(config.geometry)
        if config.images is not None:
            images = images or ImageDenoiser.new(config.images)
        _check("geometry", None if geometry is None else geometry.config, config.geometry)
        _check("images", None if images is None else images.config, config.images)
        self.geometry = None if geometry is None else GeometryBranch(geometry, config)
        self.images = None if images is None else ImageBranch(images, config)
        self.exchanges = nn.ModuleDict()
        if geometry is not None and images is not None and config.exchange:
            sizes = {
                "geometry": (geometry.config.width, geometry.config.heads),
                "images": (images.config.width, images.config.heads),
            }
            for index in config.places.exchange:
                self.exchanges[str(index)] = Exchange(**sizes)

    def forward(self, inputs: JointInputs) -> JointNoise:
        """The noise of the modalities that are given."""
        geometry = images = None
        if inputs.geometry is not None:
            geometry = _built("geometry", self.geometry).start(inputs)
        if inputs.images is not None:
            images = _built("images", self.images).start(inputs)
        for index in range(self._depth):
            self._step(index, geometry, images)
        return self._finish(inputs, geometry, images)

    def pretrained_parameters(self) -> Iterator[Parameter]:
        """Trainable weights of the two networks and of copied blocks."""
        modules: list[nn.Module] = []
        if self.geometry is not None:
            modules.append(self.geometry.network)
        if self.images is not None:
            modules.append(self.images.network)
            if self.images.control is not None:
                modules.append(self.images.control.copies)
        for module in modules:
            yield from (weight for weight in module.parameters() if weight.requires_grad)

    def new_parameters(self) -> Iterator[Parameter]:
        """All other trainable weights, which no pretrained network has."""
        known = {id(weight) for weight in self.pretrained_parameters()}
        for weight in self.parameters():
            if weight.requires_grad and id(weight) not in known:
                yield weight

    @property
    def _depth(self) -> int:
        depths = [0]
        if self.geometry is not None:
            depths.append(len(self.geometry.network.blocks))
        if self.images is not None:
            depths.append(len(self.images.network.transformer_blocks))
        return max(depths)

    def _step(self, index: int, geometry: GeometryRun | None, images: ImageRun | None) -> None:
        if self.geometry is not None and geometry is not None:
            self.geometry.step(geometry, index)
        if self.images is not None and images is not None:
            self.images.step(images, index)
        if geometry is not None and images is not None and str(index) in self.exchanges:
            geometry.tokens_PTC, images.tokens_PNC = run(
                self.exchanges[str(index)],
                *(geometry.tokens_PTC, images.tokens_PNC),
                save_memory=self.config.checkpoint_blocks,
            )

    def _finish(
        self, inputs: JointInputs, geometry: GeometryRun | None, images: ImageRun | None
    ) -> JointNoise:
        found: dict[str, Tensor | None] = {"geometry": None, "images": None}
        if self.geometry is not None and geometry is not None:
            found["geometry"] = self.geometry.finish(geometry)
        if self.images is not None and images is not None:
            found["images"] = self.images.finish(images)
        if self.training:
            # A modality that was given is there to carry the others' gradients of 0.
            carrier = "images" if found["geometry"] is None else "geometry"
            noise = found[carrier]
            assert noise is not None
            found[carrier] = touch(noise, self._unused(inputs))
        return JointNoise(**found)

    def _unused(self, inputs: JointInputs) -> Iterator[nn.Module]:
        for branch in (self.geometry, self.images):
            if branch is not None:
                yield from branch.unused(inputs)
        if inputs.geometry is None or inputs.images is None:
            yield self.exchanges


def _built(name: str, branch: _Branch | None) -> _Branch:
    if branch is None:
        raise ValueError(
            f"{name} is given to a network without a denoiser of it; leave it None, or set"
            f" config.{name}"
        )
    return branch


def _check(name: str, found: object, expected: object) -> None:
    if found != expected:
        raise ValueError(f"the {name} network is {found}, expected config.{name}, {expected}")
