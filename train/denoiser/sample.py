"""One object as latents, and several packed into what the joint denoisers read.

Shape suffixes: B objects, N parts of one, P branches of all, T geometry tokens, D channels of one,
V views, H W sides of an image latent, L text tokens, E channels of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from train.models.external.text import pad_text
from train.models.joint.inputs import JointInputs

Batch = dict[str, Any]
"""What `collate` gives; a plain dict, so that Lightning moves its tensors."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObjectLatents:
    """Clean latents of some parts of an object, and of the whole behind them.

    Rows of parts, texts and boxes go together. A modality that is left out is None.

    Attributes:
        key: of the object.
        place: of the item in the order of training: the seed of its noise.
        geometry: (N + 1, T, D) float32, or (N, T, D) without the whole.
        images: (N + 1, V, 4, H, W) float32, likewise.
        text: for each branch (L, E) float32 features of its caption, without padding.
        null_text: (L, E) float32 features of the empty text.
        boxes: (N, Tb, D) float32 box tokens of the parts.
        box_images: (V, 4, H, W) float32 latents of the wireframes of all boxes.
        has_global: the last branch is the whole.
        image_known: (N + 1) bool, which branches have pictures at all; None for all. Others have
            any latents, of which no loss is taken.
    """

    key: str
    place: int
    geometry: Tensor | None
    images: Tensor | None
    text: tuple[Tensor, ...]
    null_text: Tensor
    boxes: Tensor | None = None
    box_images: Tensor | None = None
    has_global: bool = True
    image_known: Tensor | None = None

    def __post_init__(self) -> None:
        parts = len(self.text) - self.has_global
        wanted = {"geometry": len(self.text), "images": len(self.text), "boxes": parts}
        for name, rows in wanted.items():
            tensor: Tensor | None = getattr(self, name)
            if tensor is not None and len(tensor) != rows:
                raise ValueError(
                    f"{name} of {self.key} has {len(tensor)} rows, expected {rows} for "
                    f"{len(self.text)} texts"
                )
        if self.geometry is None and self.images is None:
            raise ValueError(f"{self.key} has neither geometry nor images; give at least one")

    @property
    def branches(self) -> int:
        """Parts, and the whole if it is there."""
        return len(self.text)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drops:
    """What objects are not told, for classifier-free guidance (Ho and Salimans 2022).

    Attributes:
        text: (B,) bool, texts of all branches are those of "".
        boxes: (B,) bool, neither box tokens nor wireframes.
    """

    text: Tensor
    boxes: Tensor


def collate(objects: Sequence[ObjectLatents]) -> Batch:
    """Objects packed along the first axis without padding, but for the ends of texts.

    Returns:
        place (B,) int64; keys and counts, tuples of B; has_global; geometry (P, T, D) and images
        (P, V, 4, H, W) or None; image_known (P,) bool; text (P, L, E) and text_mask (P, L) bool;
        null_text (L, E) and null_mask (L,) bool; boxes (P, Tb, D), 0 for wholes, and box_images
        (B, V, 4, H, W), or None.
    """
    first = objects[0]
    text, mask = pad_text([first.null_text, *(rows for each in objects for rows in each.text)])
    return {
        "place": torch.tensor([each.place for each in objects]),
        "keys": tuple(each.key for each in objects),
        "counts": tuple(each.branches for each in objects),
        "has_global": first.has_global,
        "geometry": _joined([each.geometry for each in objects]),
        "images": _joined([each.images for each in objects]),
        "image_known": torch.cat([_known(each) for each in objects]),
        "text": text[1:],
        "text_mask": mask[1:],
        "null_text": text[0],
        "null_mask": mask[0],
        "boxes": _joined([_with_row(each) for each in objects]),
        "box_images": _joined(
            [None if each.box_images is None else each.box_images[None] for each in objects]
        ),
    }


def joint_inputs(
    batch: Batch,
    *,
    geometry: Tensor | None,
    images: Tensor | None,
    timesteps: Tensor,
    image_timesteps: Tensor | None = None,
    drops: Drops | None = None,
) -> JointInputs:
    """What the denoisers read of a batch whose latents have been made noisy.

    Args:
        geometry: (P, T, D) noisy, or None.
        images: (P, V, 4, H, W) noisy, or None.
        timesteps: (B,) int64.
        image_timesteps: (B,) int64, where they differ.
        drops: what objects are not told; None tells all.
    """
    text, mask = batch["text"], batch["text_mask"]
    box_mask = None
    if drops is not None:
        counts = torch.tensor(batch["counts"])
        silent_P = drops.text.cpu().repeat_interleave(counts).to(text.device)
        text = torch.where(silent_P[:, None, None], batch["null_text"], text)
        mask = torch.where(silent_P[:, None], batch["null_mask"], mask)
        box_mask = ~drops.boxes.cpu().repeat_interleave(counts).to(text.device)
    return JointInputs(
        geometry=geometry,
        images=images,
        timesteps=timesteps,
        image_timesteps=image_timesteps,
        text=text,
        text_mask=mask,
        boxes=None if geometry is None else batch["boxes"],
        box_images=None if images is None else batch["box_images"],
        box_mask=box_mask,
        # Pinning of memory makes lists of tuples.
        counts=tuple(batch["counts"]),
        has_global=batch["has_global"],
    )


def _known(each: ObjectLatents) -> Tensor:
    if each.image_known is None:
        return torch.ones(each.branches, dtype=torch.bool)
    return each.image_known


def _with_row(each: ObjectLatents) -> Tensor | None:
    """Boxes with a row of no meaning for the whole."""
    if each.boxes is None or not each.has_global:
        return each.boxes
    return pad(each.boxes, (0, 0, 0, 0, 0, 1))


def _joined(tensors: Sequence[Tensor | None]) -> Tensor | None:
    there = [tensor for tensor in tensors if tensor is not None]
    if there and len(there) < len(tensors):
        raise ValueError("some objects of a batch lack what others have; give it to all or to none")
    return torch.cat(there) if there else None
