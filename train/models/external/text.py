"""Text as the features that PixArt-alpha was trained on: T5's encoder.

Shape suffixes: P texts, L tokens of the longest, E channels of a feature.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from train.models.external.hub import locate, readable, require_covered

MAX_TOKENS = 120
"""What PixArt-alpha's texts are cut to."""

NULL_TEXT = ""
"""What a text that is dropped for classifier-free guidance is read as."""


class TextEncoder:
    """A frozen T5 encoder with its tokenizer.

    It is no module, so that a network that holds it neither trains nor saves it.
    """

    def __init__(self, network: Any, tokenizer: Any, *, max_tokens: int = MAX_TOKENS) -> None:
        self.network = network.eval().requires_grad_(False)
        self.tokenizer = tokenizer
        self.max_tokens = max_tokens

    @property
    def width(self) -> int:
        """E, 4096 for T5-v1.1-XXL."""
        channels: int = self.network.config.d_model
        return channels

    def to(self, device: torch.device | str, dtype: torch.dtype = torch.float32) -> None:
        """Move the weights; bfloat16 halves 19 GB."""
        self.network.to(device, dtype)

    @torch.no_grad()
    def encode(self, texts: Sequence[str]) -> list[Tensor]:
        """For each text (its tokens, E) float32 features on the CPU, without padding.

        Texts are put in lower case and stripped, as PixArt-alpha reads them, and cut to
        `max_tokens`.
        Every text, also an empty one, has the end token at least.
        """
        if not texts:
            return []
        read = self.tokenizer(
            [text.lower().strip() for text in texts],
            max_length=self.max_tokens,
            padding=True,
            truncation=True,
            return_tensors="pt",
        )
        tokens, mask = (
            read[name].to(self.network.device) for name in ("input_ids", "attention_mask")
        )
        features = self.network(input_ids=tokens, attention_mask=mask).last_hidden_state
        return [
            row[: int(count)].float().cpu()
            for row, count in zip(features, mask.sum(dim=1), strict=True)
        ]


def pad_text(features: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """(P, L, E) features with zeros behind, and (P, L) bool which are text."""
    lengths = torch.tensor([len(rows) for rows in features])
    padded = pad_sequence(list(features), batch_first=True)
    return padded, torch.arange(padded.shape[1]) < lengths[:, None]


def load_text_encoder(source: str | Path, *, max_tokens: int = MAX_TOKENS) -> TextEncoder:
    """T5's encoder and its tokenizer from a folder or hub name, on the CPU in float32.

    Args:
        source: see `train.models.external.hub.locate`: a pipeline with `text_encoder` and
            `tokenizer`, or one folder with both.

    Raises:
        CheckpointError: either cannot be read, or the weights are not total.
    """
    from transformers import AutoTokenizer, T5EncoderModel

    encoder, tokenizer = locate(source, "text_encoder"), locate(source, "tokenizer")
    with readable(source, "text_encoder"):
        loaded: Any = T5EncoderModel.from_pretrained(
            **encoder, use_safetensors=True, output_loading_info=True, dtype=torch.float32
        )
        network, account = loaded
        require_covered(source, "text_encoder", account)
    with readable(source, "tokenizer"):
        return TextEncoder(
            network, AutoTokenizer.from_pretrained(**tokenizer), max_tokens=max_tokens
        )
