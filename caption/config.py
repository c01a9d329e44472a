"""Settings of the caption stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from caption.composite.config import CompositeConfig
from caption.vlm.config import VlmConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionConfig:
    """Who writes the captions, and what is looked at.

    Attributes:
        captioner: `template` fills sentences in with what is measured and needs no model; `vlm`
            asks a vision-language model.
        samples: surface points of each part whose colour is looked at.
        max_words: words of a short caption at the most.
        hidden_parts: of a part that no view of the object shows: `alone` captions it from pictures
            of the part alone, `skip` leaves it without text. It is marked in both cases.
        composite: what a model is shown.
        vlm: of the vision-language model.
    """

    captioner: Literal["template", "vlm"] = "template"
    samples: int = 1000
    max_words: int = 15
    hidden_parts: Literal["alone", "skip"] = "alone"
    composite: CompositeConfig = field(default_factory=CompositeConfig)
    vlm: VlmConfig = field(default_factory=VlmConfig)

    def __post_init__(self) -> None:
        if self.captioner not in ("template", "vlm"):
            raise ValueError(f"captioner must be template or vlm, not {self.captioner!r}")
        if self.hidden_parts not in ("alone", "skip"):
            raise ValueError(f"hidden_parts must be alone or skip, not {self.hidden_parts!r}")
        if self.samples < 10:
            raise ValueError(f"samples must be at least 10, not {self.samples}")
        if self.max_words < 8:
            raise ValueError(f"max_words must be at least 8, not {self.max_words}")
        if self.captioner == "vlm":
            self.vlm.check()
