"""What is to be generated: parts, each a text and a box, and how they move.

A layout is read from JSON, from a URDF or from an object of a training set. Its lengths may be in
any unit; `Layout.frame` takes them to the object frame, in which the longest side of all boxes
spans [-1, 1], and results are brought back. The y axis points up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from train.frames import BOUND, Frame

Float64 = NDArray[np.float64]
Point = tuple[float, float, float]
JointKind = Literal["fixed", "revolute", "continuous", "prismatic"]

_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
_FILE_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST = 63
"""Bytes of an object's name that Blender keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLayout:
    """A part.

    Attributes:
        name: of its node, unlike those of the other parts.
        text: what it is; the name where it is left out.
        box: lower and upper corner.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: str
    box: tuple[Point, Point]
    text: str = ""

    def __post_init__(self) -> None:
        if not self.name.isprintable() or not 1 <= len(self.name.encode()) <= _LONGEST:
            raise ValueError(
                f"a part's name has 1 to {_LONGEST} printable bytes, not {self.name!r}"
            )
        low, high = self.box
        if not all(a < b for a, b in zip(low, high, strict=True)):
            raise ValueError(
                f"the box of {self.name} is from {low} to {high}; give the lower corner first, "
                "and every side a length"
            )

    @property
    def prompt(self) -> str:
        """What the network is told."""
        return self.text or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """How a part moves against another, at rest in the frame of the layout.

    Attributes:
        name: unlike those of the other joints.
        kind: as URDF has it.
        parent: name of a part or of a bare link.
        child: likewise; it is the child of no other joint.
        origin: a point that the axis passes through.
        axis: its direction; right-handed.
        limits: from and to, in radians or in the layout's unit; for `revolute` and `prismatic`.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: str
    kind: JointKind
    parent: str
    child: str
    origin: Point = (0.0, 0.0, 0.0)
    axis: Point = (1.0, 0.0, 0.0)
    limits: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        bounded = self.kind in ("revolute", "prismatic")
        if bounded != (self.limits is not None):
            raise ValueError(
                f"joint {self.name} is {self.kind} and has limits {self.limits}; revolute and "
                "prismatic joints have limits, others none"
            )
        if self.limits is not None and self.limits[0] > self.limits[1]:
            raise ValueError(
                f"joint {self.name} has limits {self.limits}; give the lower one first"
            )
        if not any(self.axis):
            raise ValueError(f"joint {self.name} has an axis of no length; give a direction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """An object, or a scene whose parts are objects.

    Attributes:
        name: of the folder that the results go to.
        text: what the whole is.
        parts: at least one; there may be more than the network has seen at a time.
        joints: a forest over parts and links.
        links: names of links without geometry, which joints may need.
        extent: what the object frame is fitted to; by default the box around all boxes. Editing
            keeps it, so that parts that stay keep their frame.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: str
    text: str
    parts: tuple[PartLayout, ...]
    joints: tuple[Joint, ...] = ()
    links: tuple[str, ...] = ()
    extent: tuple[Point, Point] | None = None

    def __post_init__(self) -> None:
        if not _FILE_NAME.fullmatch(self.name):
            raise ValueError(
                f"the layout's name is {self.name!r}; use 1 to 64 letters, digits, _ and -"
            )
        if not self.parts:
            raise ValueError(f"layout {self.name} has no parts; give at least one")
        _check_unique([*(part.name for part in self.parts), *self.links], "parts or links")
        _check_unique([joint.name for joint in self.joints], "joints")
        _check_forest(self)
        _check_extent(self)

    @property
    def boxes(self) -> Float64:
        """(N, 2, 3) float64, in the layout's unit."""
        return np.array([part.box for part in self.parts], np.float64)

    @property
    def frame(self) -> Frame:
        """Takes the layout's lengths to the object frame."""
        low, high = np.array(self.extent or self.around, np.float64)
        return Frame.upright((low + high) / 2, float((high - low).max() / 2))

    @property
    def around(self) -> tuple[Point, Point]:
        """Lower and upper corner of the box around all boxes."""
        boxes = self.boxes
        low, high = boxes[:, 0].min(axis=0).tolist(), boxes[:, 1].max(axis=0).tolist()
        return (low[0], low[1], low[2]), (high[0], high[1], high[2])

    @property
    def fitted_boxes(self) -> NDArray[np.float32]:
        """(N, 2, 3) float32, in the object frame."""
        return self.frame.points(self.boxes.reshape(-1, 3)).reshape(-1, 2, 3)

    def rows(self, names: Sequence[str]) -> list[int]:
        """The rows of parts of some names.

        Raises:
            ValueError: there is no such part.
        """
        own = [part.name for part in self.parts]
        unknown = [name for name in names if name not in own]
        if unknown:
            raise ValueError(
                f"layout {self.name} has no part {unknown[0]!r}; it has {', '.join(own)}"
            )
        return sorted(own.index(name) for name in set(names))


def _check_unique(names: Sequence[str], what: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"several {what} are called {twice[0]!r}; give each a name of its own")


def _check_forest(layout: Layout) -> None:
    known = {part.name for part in layout.parts} | set(layout.links)
    above: dict[str, str] = {}
    for joint in layout.joints:
        for end in (joint.parent, joint.child):
            if end not in known:
                raise ValueError(
                    f"joint {joint.name} is at {end!r}, which is no part of {layout.name}; its "
                    f"parts and links are {', '.join(sorted(known))}"
                )
        if joint.child in above:
            raise ValueError(f"{joint.child} is the child of two joints, expected at most one")
        above[joint.child] = joint.parent
    for start in above:
        passed, now = {start}, start
        while now in above:
            now = above[now]
            if now in passed:
                raise ValueError(f"the joints of {layout.name} go in a circle through {now}")
            passed.add(now)


def _check_extent(layout: Layout) -> None:
    if layout.extent is None:
        return
    low, high = layout.extent
    if not all(a <= b for a, b in zip(low, high, strict=True)) or low == high:
        raise ValueError(f"the extent of {layout.name} is from {low} to {high}, expected a box")
    reach = float(np.abs(layout.fitted_boxes).max())
    if reach > BOUND:
        raise ValueError(
            f"a box of {layout.name} reaches {reach:.2f} times as far as the extent, fields are "
            f"asked no farther than {BOUND}; make the box smaller, or leave the extent out"
        )
