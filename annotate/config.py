"""Settings of the annotate stage."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotateConfig:
    """How segments become parts where no reviewer decides.

    Heights are those of the segmenter without masks: up to 0.55 within a shell, from 0.6 on between
    shells, from 0.84 on between source nodes, less where one of the two is small.

    Attributes:
        levels: heights to cut the merge tree at; the first that gives `min_parts` is taken.
        least_drop: where none does, as on a body of one piece, the tree is cut where its heights
            fall most steeply, if one is at least this many times the next.
        min_parts: see `levels`.
        max_parts: the tree is cut higher where there would be more.
        min_area_share: what has a smaller share of the area joins the part nearest to it.
    """

    levels: tuple[float, ...] = (0.72, 0.56)
    least_drop: float = 1.2
    min_parts: int = 2
    max_parts: int = 32
    min_area_share: float = 0.003

    def __post_init__(self) -> None:
        if any(not 0 <= level <= 1 for level in self.levels):
            raise ValueError(f"levels must be heights in [0, 1], not {self.levels}")
        if self.least_drop < 1:
            raise ValueError(f"least_drop must be at least 1, not {self.least_drop}")
        if not 1 <= self.min_parts <= self.max_parts:
            raise ValueError(
                f"min_parts and max_parts must satisfy 1 <= {self.min_parts} <= {self.max_parts}"
            )
        if not 0 <= self.min_area_share < 0.5:
            raise ValueError(f"min_area_share must be in [0, 0.5), not {self.min_area_share}")
