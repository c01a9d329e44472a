"""The seam at which renderers are exchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.parts import Parts
from partworks.geometry.mesh import Mesh
from render.subject import Subject

Picture = NDArray[np.uint8]


class Backend(Protocol):
    """Takes colour pictures of an object and its parts."""

    @property
    def name(self) -> str:
        """What `overlap.json` and the metrics call it."""
        ...

    def tools(self) -> Mapping[str, str]:
        """Name -> version of what decides the pixels."""
        ...

    def photograph(
        self, mesh: Mesh, parts: Parts, subjects: Sequence[Subject]
    ) -> Iterator[tuple[Subject, list[Picture]]]:
        """Per subject one picture a camera: (H, W, 4) uint8 sRGB with straight alpha.

        A subject's faces are one part's or all: a backend may prepare the parts once.
        """
        ...
