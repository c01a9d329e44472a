"""What there is to describe."""

from __future__ import annotations

from dataclasses import dataclass

from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import Renders
from partworks.geometry.mesh import Mesh


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """An object, its parts, and pictures of both."""

    uid: str
    mesh: Mesh
    parts: Parts
    renders: Renders

    @property
    def visible_pixels(self) -> tuple[tuple[int, ...], ...]:
        """For each part, its visible pixels in each view of the object."""
        return tuple(overlap.pixels for overlap in self.renders.overlap)
