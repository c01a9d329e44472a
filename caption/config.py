"""Settings of the caption stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionConfig:
    """Who writes the captions, and what is looked at.

    Attributes:
        captioner: `template` fills sentences in with what is measured; it needs no model.
        samples: surface points of each part whose colour is looked at.
        max_words: words of a short caption at the most.
    """

    captioner: Literal["template"] = "template"
    samples: int = 1000
    max_words: int = 15

    def __post_init__(self) -> None:
        if self.samples < 10:
            raise ValueError(f"samples must be at least 10, not {self.samples}")
        if self.max_words < 8:
            raise ValueError(f"max_words must be at least 8, not {self.max_words}")
