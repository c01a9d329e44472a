"""What the joint denoisers are made of, and where their branches meet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from train.models.dit.config import DiTConfig
from train.models.pixart.config import PixArtConfig

_PERIOD = 4


@dataclass(frozen=True, kw_only=True)
class Placement:
    """In which blocks, counted from 0, tokens see more than their own; the defaults are full size.

    CoPart says "selected blocks"; these are ours.

    Attributes:
        geometry_parts: self-attention of geometry sees all parts of the object (eq. 2).
        image_parts: self-attention of images sees the same view of all parts (eq. 2).
        image_views: self-attention of images sees all views of the part (eq. 4).
        exchange: after these the two modalities tell each other (eq. 3).
        boxes: geometry asks the tokens of its box (eq. 6).
    """

    geometry_parts: tuple[int, ...] = tuple(range(1, 32, 2))
    image_parts: tuple[int, ...] = tuple(range(1, 28, _PERIOD))
    image_views: tuple[int, ...] = tuple(range(3, 28, _PERIOD))
    exchange: tuple[int, ...] = tuple(range(3, 28, _PERIOD))
    boxes: tuple[int, ...] = tuple(range(1, 32, _PERIOD))

    @classmethod
    def for_depths(cls, geometry_layers: int, image_layers: int) -> Placement:
        """By the rule of the defaults, for networks of other depths."""
        return cls(
            geometry_parts=tuple(range(1, geometry_layers, 2)),
            image_parts=tuple(range(1, image_layers, _PERIOD)),
            image_views=tuple(range(3, image_layers, _PERIOD)),
            exchange=tuple(range(3, min(geometry_layers, image_layers), _PERIOD)),
            boxes=tuple(range(1, geometry_layers, _PERIOD)),
        )


@dataclass(frozen=True, kw_only=True)
class JointConfig:
    """The joint denoisers; the defaults are full size with every kind of guidance.

    Early stages of training leave modules out, and later ones add them.

    Attributes:
        geometry: the denoiser of geometry; None for images alone.
        images: the denoiser of images; None for geometry alone.
        placement: where branches meet; None for the rule of the full size at these depths.
        text_width: channels of a text feature.
        scope: what selected self-attention sees: `parts` as placed, or `self` for its own sequence
            alone, with which a part is denoised as by the pretrained networks.
        branch_embedding: how a branch knows whether it is a part or the whole: `concat` gives it
            one more text token (as the paper does), `add_zero` adds to its text tokens an
            embedding that starts at 0 and so changes nothing at first.
        exchange: build what the modalities tell each other by.
        boxes: build what geometry asks its box by.
        global_boxes: the box tokens of the whole: none, or those of all its parts.
        control: build what the global images read wireframes by (a light ControlNet).
        control_blocks: blocks that it copies.
        checkpoint_blocks: keep only the inputs of blocks for the backward pass.
    """

    geometry: DiTConfig | None = field(default_factory=DiTConfig)
    images: PixArtConfig | None = field(default_factory=PixArtConfig)
    placement: Placement | None = None
    text_width: int = 4096
    scope: Literal["parts", "self"] = "parts"
    branch_embedding: Literal["concat", "add_zero"] = "concat"
    exchange: bool = True
    boxes: bool = True
    global_boxes: Literal["none", "all"] = "none"
    control: bool = True
    control_blocks: int = 13
    checkpoint_blocks: bool = False

    def __post_init__(self) -> None:
        if self.geometry is None and self.images is None:
            raise ValueError("geometry and images are both None; give at least one network")
        if self.images is not None and self.images.text_width != self.text_width:
            raise ValueError(
                f"images.text_width is {self.images.text_width}, expected text_width,"
                f" {self.text_width}: both networks read the same text"
            )
        for name, layers in self._depths().items():
            outside = [index for index in getattr(self.places, name) if not 0 <= index < layers]
            if outside:
                raise ValueError(
                    f"placement.{name} has {outside}, expected blocks from 0 to {layers - 1}"
                )
        if self.images is not None and self.control:
            most = self.images.layers - 1
            if not 1 <= self.control_blocks <= most:
                raise ValueError(
                    f"control_blocks is {self.control_blocks}, expected 1 to {most}, one less"
                    " than the blocks of images"
                )

    @property
    def places(self) -> Placement:
        """Where branches meet in these networks."""
        if self.placement is not None:
            return self.placement
        return Placement.for_depths(self._geometry_layers, self._image_layers)

    @property
    def _geometry_layers(self) -> int:
        return 0 if self.geometry is None else self.geometry.layers

    @property
    def _image_layers(self) -> int:
        return 0 if self.images is None else self.images.layers

    def _depths(self) -> dict[str, int]:
        """Blocks of the network that each placement is for; a network that is left out has none."""
        geometry, images = self._geometry_layers, self._image_layers
        depths = {"geometry_parts": geometry, "boxes": geometry} if geometry else {}
        depths |= {"image_parts": images, "image_views": images} if images else {}
        return depths | ({"exchange": min(geometry, images)} if geometry and images else {})
