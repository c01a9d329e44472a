"""Settings of the annotate stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Mode = Literal["auto", "artist", "review"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotateConfig:
    """Who makes parts of segments, and how, where no reviewer does.

    Attributes:
        mode: `auto` accepts what the settings below make of the merge tree; `artist` takes the
            artist's own node tree, merged to at most 15 parts, where an object has one, and is
            `auto` elsewhere; `review` takes what reviewers decided, and what they have not decided
            waits.
        level: height to cut the merge tree at: what is surer than this to be different parts stays
            apart. The default is that of the segments, which would rather part too often.
        min_parts: where the level leaves fewer, the surest splits below it are taken, down to half
            of it.
        max_parts: the tree is cut higher where there would be more.
        min_area_share: what has a smaller share of the area joins the part nearest to it.
    """

    mode: Mode = "auto"
    level: float = 0.35
    min_parts: int = 2
    max_parts: int = 32
    min_area_share: float = 0.003

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise ValueError(f"mode must be one of {', '.join(get_args(Mode))}, not {self.mode!r}")
        if not 0 <= self.level <= 1:
            raise ValueError(f"level must be a height in [0, 1], not {self.level}")
        if not 1 <= self.min_parts <= self.max_parts:
            raise ValueError(
                f"min_parts and max_parts must satisfy 1 <= {self.min_parts} <= {self.max_parts}"
            )
        if not 0 <= self.min_area_share < 0.5:
            raise ValueError(f"min_area_share must be in [0, 0.5), not {self.min_area_share}")
