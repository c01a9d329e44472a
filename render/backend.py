"""The seam at which renderers are exchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.parts import Parts
from partworks.geometry.mesh import Mesh
from render.subject import Subject

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shot:
    """One picture.

    Attributes:
        subject: what was photographed.
        view: the number of the subject's camera.
        picture: (H, W, 4) uint8 sRGB with straight alpha; black where alpha is 0.
    """

    subject: Subject
    view: int
    picture: Picture


class Backend(Protocol):
    """Takes colour pictures of an object and its parts."""

    @property
    def name(self) -> str:
        """What `overlap.json` and the metrics call it."""
        ...

    def tools(self) -> Mapping[str, str]:
        """Name -> version of what decides the pixels."""
        ...

    def photograph(self, mesh: Mesh, parts: Parts, subjects: Sequence[Subject]) -> Iterator[Shot]:
        """A shot per camera of each subject, subject by subject, in the order of its cameras.

        A subject's faces are one part's or all: a backend may prepare the parts once.

        Raises:
            errors.Failed: the renderer crashed, hung or ran out of memory at this object.
        """
        ...
