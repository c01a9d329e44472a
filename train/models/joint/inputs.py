"""What the joint denoisers are given, and what they give back.

Shape suffixes: B objects, P branches of all objects one after another, T geometry tokens, D
channels of one, V views, H W the sides of an image latent, L text tokens, E channels of one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class JointInputs:
    """Objects packed along the first axis: the parts of the first, its global branch, and so on.

    A modality that is None is left out, and what it would have told the other.

    Attributes:
        geometry: (P, T, D) float noisy geometry latents, in the frame of the object; or None.
        images: (P, V, 4, H, W) float noisy image latents, each part centred; or None.
        timesteps: (B,) int64, one for all branches and both modalities of an object.
        image_timesteps: (B,) int64 for the images, where they differ (`align_by_snr`); else None.
        text: (P, L, E) float features of each branch's text; a dropped text is that of "".
        text_mask: (P, L) bool, which tokens are text. Every branch has at least one.
        boxes: (P, Tb, D) float box tokens (posterior mean), unused rows in global branches; None
            for no boxes at all.
        box_images: (B, V, 4, H, W) float latents of the wireframe views; None for none at all.
        box_mask: (P,) bool, which branches are told of boxes, a global one by `box_images`; None
            for all.
        counts: branches of each object, its global one among them; their sum is P.
        has_global: the last branch of each object is the whole; False for parts alone.
    """

    geometry: Tensor | None
    images: Tensor | None
    timesteps: Tensor
    text: Tensor
    text_mask: Tensor
    counts: tuple[int, ...]
    image_timesteps: Tensor | None = None
    boxes: Tensor | None = None
    box_images: Tensor | None = None
    box_mask: Tensor | None = None
    has_global: bool = True

    def __post_init__(self) -> None:
        branches = sum(self.counts)
        if not self.counts or min(self.counts) < 1:
            raise ValueError(f"counts is {self.counts}, expected at least one branch per object")
        if self.geometry is None and self.images is None:
            raise ValueError("geometry and images are both None; give at least one")
        wanted = {
            "geometry": (branches, 3),
            "images": (branches, 5),
            "text": (branches, 3),
            "text_mask": (branches, 2),
            "boxes": (branches, 3),
            "box_mask": (branches, 1),
            "timesteps": (len(self.counts), 1),
            "image_timesteps": (len(self.counts), 1),
            "box_images": (len(self.counts), 5),
        }
        for name, (rows, axes) in wanted.items():
            tensor: Tensor | None = getattr(self, name)
            if tensor is not None and (tensor.ndim != axes or tensor.shape[0] != rows):
                raise ValueError(
                    f"{name} has shape {tuple(tensor.shape)}, expected {axes} axes and {rows} rows"
                    f" for counts {self.counts}"
                )

    @property
    def is_global_P(self) -> Tensor:
        """(P,) bool, which branches are wholes, where the text lies."""
        flags = [
            self.has_global and place == count - 1
            for count in self.counts
            for place in range(count)
        ]
        return torch.tensor(flags, device=self.text.device)

    @property
    def starts(self) -> tuple[int, ...]:
        """Row of each object's first branch."""
        return tuple(sum(self.counts[:index]) for index in range(len(self.counts)))

    def per_branch(self, values_B: Tensor) -> Tensor:
        """(P, …) rows of objects, repeated for each of their branches."""
        counts = torch.tensor(self.counts, device=values_B.device)
        return values_B.repeat_interleave(counts, dim=0, output_size=sum(self.counts))

    def without_boxes(self) -> JointInputs:
        """The same, told of no boxes, as the classifier-free term of boxes wants it."""
        return replace(self, boxes=None, box_images=None, box_mask=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class JointNoise:
    """The predicted noise; None for a modality that was not given.

    Attributes:
        geometry: (P, T, D).
        images: (P, V, 4, H, W).
    """

    geometry: Tensor | None
    images: Tensor | None
