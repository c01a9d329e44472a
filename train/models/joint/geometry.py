"""The denoiser of the geometry of all parts.

Shape suffixes: P branches of all objects, T geometry tokens, D channels of a latent token, L text
tokens, C width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn

from train.models.dit.attention import Attend
from train.models.dit.model import DiT
from train.models.joint.boxes import BoxAttention, BoxTokens, box_tokens
from train.models.joint.config import JointConfig
from train.models.joint.inputs import JointInputs
from train.models.joint.running import run
from train.models.joint.scopes import Parts
from train.models.joint.text import BranchEmbedding, TextAdapter


@dataclass(slots=True, kw_only=True)
class GeometryRun:
    """One forward pass: the tokens, which blocks renew, and what all blocks read."""

    tokens_PTC: Tensor
    context_PLC: Tensor
    mask: Tensor
    modulation_P6C: Tensor
    time_PC: Tensor
    parts: Attend
    boxes: BoxTokens | None


class GeometryBranch(nn.Module):
    """A diffusion transformer, run block by block, that is told text, kind of branch and box.

    Args:
        network: pretrained or new. What it reads image features by is left alone: CoPart's
            condition is text, and such weights would get no gradient.
    """

    def __init__(self, network: DiT, config: JointConfig) -> None:
        super().__init__()
        width, places = network.config.width, config.places
        self.config = config
        self.network = network
        self.text = TextAdapter(config.text_width, width)
        self.embedding = BranchEmbedding(width, kind=config.branch_embedding)
        self.boxes = nn.ModuleDict(
            {
                str(index): BoxAttention(
                    width, latent_dim=network.config.latent_dim, heads=network.config.heads
                )
                for index in (places.boxes if config.boxes else ())
            }
        )
        if network.condition is not None:
            network.condition.requires_grad_(False)

    def start(self, inputs: JointInputs) -> GeometryRun:
        """Everything up to the first block."""
        assert inputs.geometry is not None
        modulation_B6C, time_BC = self.network.modulate(inputs.timesteps)
        context_PLC, mask_PL = self.embedding(
            self.text(inputs.text), inputs.text_mask, is_global_P=inputs.is_global_P
        )
        return GeometryRun(
            tokens_PTC=self.network.tokens_in(inputs.geometry),
            context_PLC=context_PLC,
            mask=mask_PL[:, None, None],
            modulation_P6C=inputs.per_branch(modulation_B6C),
            time_PC=inputs.per_branch(time_BC),
            parts=Parts(counts=inputs.counts),
            boxes=box_tokens(inputs, global_boxes=self.config.global_boxes == "all"),
        )

    def step(self, state: GeometryRun, index: int) -> None:
        """Run one block, if there is one."""
        if index >= len(self.network.blocks):
            return
        wide = self.config.scope == "parts" and index in self.config.places.geometry_parts
        state.tokens_PTC = run(
            self.network.blocks[index],
            *(state.tokens_PTC, state.context_PLC, state.modulation_P6C),
            mask=state.mask,
            scope=state.parts if wide else None,
            between=self._between(state, index),
            save_memory=self.config.checkpoint_blocks,
        )

    def finish(self, state: GeometryRun) -> Tensor:
        """(P, T, D) the predicted noise."""
        return self.network.finish(state.tokens_PTC, state.time_PC)

    def unused(self, inputs: JointInputs) -> Iterator[nn.Module]:
        """Modules that these inputs leave out."""
        if inputs.geometry is None:
            yield self
        elif inputs.boxes is None:
            yield self.boxes

    def _between(self, state: GeometryRun, index: int) -> Callable[[Tensor], Tensor] | None:
        if state.boxes is None or str(index) not in self.boxes:
            return None
        return partial(self.boxes[str(index)], boxes=state.boxes)
