"""Who writes captions: the seam at which a model can stand in for the template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from partworks.artifacts.captions import Captions
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import Renders
from partworks.geometry.mesh import Mesh


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """What there is to describe: an object, its parts, and pictures of both."""

    uid: str
    mesh: Mesh
    parts: Parts
    renders: Renders

    @property
    def visible_pixels(self) -> tuple[tuple[int, ...], ...]:
        """For each part, its visible pixels in each view of the object."""
        return tuple(overlap.pixels for overlap in self.renders.overlap)


class Captioner(Protocol):
    """Writes the captions of an object and all of its parts.

    A captioner never makes a caption up: where it gets no answer that it can read, it raises
    `errors.Failed`, and a part that no view shows is said to be hidden.
    """

    name: str

    def caption(self, subject: Subject, *, generator: np.random.Generator) -> Captions:
        """All texts of one object; the same for the same subject and generator."""
        ...
