"""What makes features of texts: T5, or fixed random vectors of words in its place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from train.models.external.text import MAX_TOKENS, TextEncoder, load_text_encoder, pad_text

WORDS = "words"
"""The name of the encoder that needs no weights."""

_END = "</s>"
_WORD = re.compile(r"\w+")


class TextReader(Protocol):
    """Texts to features."""

    @property
    def width(self) -> int:
        """Channels of a feature."""
        ...

    def to(self, device: torch.device) -> None:
        """Move the weights."""
        ...

    def encode(self, texts: Sequence[str]) -> list[Tensor]:
        """For each text (its tokens, E) float32 features on the CPU, at least one."""
        ...

    def state(self) -> dict[str, Tensor]:
        """The weights by name."""
        ...


class WordVectors:
    """Stands in for a language model: each word has a fixed normal vector, in lower case.

    A text ends with the vector of its end, as T5's do; that of "" is this alone.

    Args:
        width: channels of a vector.
        max_tokens: that a text is cut to, its end among them.
    """

    def __init__(self, width: int, *, max_tokens: int = MAX_TOKENS) -> None:
        self.width = width
        self.max_tokens = max_tokens

    def to(self, device: torch.device) -> None:
        """There is nothing to move."""
        del device

    def encode(self, texts: Sequence[str]) -> list[Tensor]:
        """See `TextReader.encode`."""
        return [
            torch.stack([_vector(word, self.width) for word in [*self._words(text), _END]])
            for text in texts
        ]

    def state(self) -> dict[str, Tensor]:
        """It has none."""
        return {}

    def _words(self, text: str) -> list[str]:
        return _WORD.findall(text.lower())[: self.max_tokens - 1]


class PublishedText:
    """T5's encoder; see `TextReader`."""

    def __init__(self, encoder: TextEncoder) -> None:
        self.encoder = encoder

    @property
    def width(self) -> int:
        """See `TextReader.width`."""
        return self.encoder.width

    def to(self, device: torch.device) -> None:
        """Move the weights."""
        self.encoder.to(device)

    def encode(self, texts: Sequence[str]) -> list[Tensor]:
        """See `TextReader.encode`."""
        return self.encoder.encode(texts)

    def state(self) -> dict[str, Tensor]:
        """The weights by name."""
        network: Any = self.encoder.network
        return dict(network.state_dict())


def make_text_reader(
    name: str, *, width: int = 64, max_tokens: int = MAX_TOKENS
) -> WordVectors | PublishedText:
    """The encoder of `EncodeConfig.text_encoder`, on the CPU.

    Args:
        width: of the vectors of `words`.
        max_tokens: that a text is cut to.

    Raises:
        CheckpointError: the published one cannot be read.
    """
    if name == WORDS:
        return WordVectors(width, max_tokens=max_tokens)
    return PublishedText(load_text_encoder(name, max_tokens=max_tokens))


def padded_features(reader: TextReader, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
    """(N, L, E) features with zeros behind, and (N, L) bool which are text."""
    return pad_text(reader.encode(texts))


@lru_cache(maxsize=1 << 16)
def _vector(word: str, width: int) -> Tensor:
    digest = np.frombuffer(hashlib.sha256(word.encode()).digest(), "<u4")
    drawn = np.random.default_rng(digest.tolist()).standard_normal(width)
    return torch.from_numpy(drawn.astype(np.float32))
