"""The denoiser of the images of all parts.

Shape suffixes: P branches of all objects, V views, N tokens of all views of a branch, L text
tokens, C width, B objects, D channels of an image latent, H W its sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from train.models.dit.attention import Attend
from train.models.joint.config import JointConfig
from train.models.joint.control import BoxControl, Hint
from train.models.joint.inputs import JointInputs
from train.models.joint.running import run
from train.models.joint.scopes import Parts
from train.models.joint.text import BranchEmbedding
from train.models.pixart.model import ImageDenoiser
from train.models.pixart.scopes import Views


@dataclass(slots=True, kw_only=True)
class ImageRun:
    """One forward pass: the tokens, which blocks renew, and what all blocks read."""

    tokens_PNC: Tensor
    context_PLC: Tensor
    mask: Tensor
    modulation_P6C: Tensor
    time_PC: Tensor
    shape: torch.Size
    views: Attend
    parts: Attend
    hint: Hint | None


class ImageBranch(nn.Module):
    """PixArt-alpha, run block by block, told the kind of branch and the boxes of the whole."""

    def __init__(self, network: ImageDenoiser, config: JointConfig) -> None:
        super().__init__()
        self.config = config
        self.network = network
        self.embedding = BranchEmbedding(network.config.width, kind=config.branch_embedding)
        self.control = BoxControl(network, blocks=config.control_blocks) if config.control else None

    def start(self, inputs: JointInputs) -> ImageRun:
        """Everything up to the first block."""
        assert inputs.images is not None
        views = inputs.images.shape[1]
        tokens_PNC = self.network.tokens(inputs.images)
        times_B = inputs.timesteps if inputs.image_timesteps is None else inputs.image_timesteps
        modulation_B6C, time_BC = self.network.modulate(times_B, tokens_PNC.dtype)
        context_PLC, mask_PL = self.embedding(
            self.network.caption_projection(inputs.text),
            inputs.text_mask,
            is_global_P=inputs.is_global_P,
        )
        return ImageRun(
            tokens_PNC=tokens_PNC,
            context_PLC=context_PLC,
            mask=self.network.mask(mask_PL, tokens_PNC.dtype),
            modulation_P6C=inputs.per_branch(modulation_B6C),
            time_PC=inputs.per_branch(time_BC),
            shape=inputs.images.shape,
            views=Views(views),
            parts=Parts(counts=inputs.counts, views=views),
            hint=self._hint(inputs),
        )

    def step(self, state: ImageRun, index: int) -> None:
        """Run one block, if there is one, and the copy that says what is added behind it."""
        if index >= len(self.network.transformer_blocks):
            return
        state.tokens_PNC = run(
            self.network.transformer_blocks[index],
            *(state.tokens_PNC, state.context_PLC, state.modulation_P6C),
            mask=state.mask,
            scope=self._scope(state, index),
            save_memory=self.config.checkpoint_blocks,
        )
        if self.control is not None and state.hint is not None and index < len(self.control.copies):
            self._control(state, state.hint, self.control, index)

    def finish(self, state: ImageRun) -> Tensor:
        """(P, V, D, H, W) the predicted noise."""
        return self.network.finish(state.tokens_PNC, state.time_PC, shape=state.shape)

    def unused(self, inputs: JointInputs) -> Iterator[nn.Module]:
        """Modules that these inputs leave out."""
        if inputs.images is None:
            yield self
        elif self.control is not None and not _has_hint(inputs):
            yield self.control

    def _scope(self, state: ImageRun, index: int) -> Attend | None:
        places = self.config.places
        if self.config.scope == "self":
            return state.views
        if index in places.image_parts:
            return state.parts
        return None if index in places.image_views else state.views

    def _hint(self, inputs: JointInputs) -> Hint | None:
        if self.control is None or not _has_hint(inputs):
            return None
        assert inputs.box_images is not None
        ends = [
            start + count - 1 for start, count in zip(inputs.starts, inputs.counts, strict=True)
        ]
        rows_B = torch.tensor(ends, device=inputs.text.device)
        told_B = torch.ones_like(rows_B, dtype=torch.bool)
        if inputs.box_mask is not None:
            told_B = inputs.box_mask[rows_B]
        images = torch.where(told_B[:, None, None, None, None], inputs.box_images, 0.0)
        tokens_BNC = self.control.hint_in(self.network.tokens(images))
        return Hint(tokens_BNC=tokens_BNC, rows_B=rows_B, told_B=told_B)

    def _control(self, state: ImageRun, hint: Hint, control: BoxControl, index: int) -> None:
        """Copy 0 reads the hint over what block 0 made of the images; the others go on from it."""
        rows_B = hint.rows_B
        read_BNC = hint.tokens_BNC
        if index == 0:
            read_BNC = read_BNC + state.tokens_PNC[rows_B]
        hint.tokens_BNC = run(
            control.copies[index],
            *(read_BNC, state.context_PLC[rows_B], state.modulation_P6C[rows_B]),
            mask=state.mask[rows_B],
            scope=state.views,
            save_memory=self.config.checkpoint_blocks,
        )
        told = hint.told_B[:, None, None]
        added_BNC = torch.where(told, control.zeros[index](hint.tokens_BNC), 0.0)
        state.tokens_PNC = state.tokens_PNC.index_add(
            0, rows_B, added_BNC.to(state.tokens_PNC.dtype)
        )


def _has_hint(inputs: JointInputs) -> bool:
    return inputs.box_images is not None and inputs.has_global
