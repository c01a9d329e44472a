"""Rigs: which cameras look at what, and which pictures they take."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Literal, get_args

from render.valid import check_ranges, check_word

Target = Literal["object", "parts"]
Placement = Literal["ring", "hammersley", "lenses", "object"]
Pass = Literal[
    "depth",
    "normal",
    "normal_camera",
    "part",
    "face",
    "albedo",
    "mask",
    "position",
    "boxes",
]
PASSES: tuple[Pass, ...] = get_args(Pass)

MAX_SIZE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """Some cameras around the object, or around each of its parts, and what they take.

    Attributes:
        name: tells several rigs of the same target apart: their folders are `object` and
            `object_<name>`, `part_00` and `part_00_<name>`.
        target: `object`, or `parts`: the rig is set up once for each part, which is shown alone.
        placement: `ring`: equal azimuths at one elevation; `hammersley`: evenly over the sphere,
            shifted at random for each object; `lenses`: directions like `hammersley` and lenses at
            random between `fov` and `fov_to`; `object`: for parts, the cameras of the rig `object`,
            so that a part stands where it stands in the object's views.
        views: how many cameras; of no meaning for the placement `object`.
        size: side of a view in pixels.
        elevation: degrees above the horizon, for `ring`.
        fov: field of view in degrees.
        fov_to: the widest lens of `lenses`, in degrees.
        radius: distance of the cameras in longest sides of the target's bounding box; they stand
            farther off where its bounding sphere would be cut. 0 fits the sphere always, as the
            placement `lenses` does.
        passes: further pictures of each view.
        masked: for parts with the placement `object`: what is seen of the part in the object's
            views, cut out of them, instead of pictures of the part alone.
        grid: also all views of a kind side by side in one picture, row by row.
    """

    name: str = ""
    target: Target = "object"
    placement: Placement = "ring"
    views: int = 8
    size: int = 512
    elevation: float = 30.0
    fov: float = 40.0
    fov_to: float = 70.0
    radius: float = 0.0
    passes: tuple[Pass, ...] = ()
    masked: bool = False
    grid: bool = False

    def __post_init__(self) -> None:
        self._check_words()
        self._check_numbers()
        if self.target == "object" and (self.placement == "object" or self.masked):
            raise ValueError("a rig of the object needs a placement of its own and is not masked")
        if self.masked and self.placement != "object":
            raise ValueError("a masked rig takes the object's views: its placement is `object`")
        if self.target == "parts" and "boxes" in self.passes:
            raise ValueError("boxes are drawn in views of the object, not in those of parts")

    def _check_words(self) -> None:
        if self.name and not (self.name.isascii() and self.name.isalnum() and self.name.islower()):
            raise ValueError(f"a rig's name has small letters and digits, not {self.name!r}")
        check_word(self, "target", Target)
        check_word(self, "placement", Placement)
        if set(self.passes) - set(PASSES) or len(set(self.passes)) != len(self.passes):
            raise ValueError(
                f"passes must be different ones of {', '.join(PASSES)}, not {self.passes}"
            )

    def _check_numbers(self) -> None:
        check_size(self.size)
        check_ranges(
            self,
            views=(1, 1000),
            elevation=(-90, 90),
            fov=(1, 150),
            fov_to=(1, 150),
            radius=(0, 100),
        )
        if self.placement == "lenses" and self.fov > self.fov_to:
            raise ValueError(f"fov_to must be at least fov, {self.fov}, not {self.fov_to}")

    @property
    def suffix(self) -> str:
        """What follows `object` or `part_00` in the names of the rig's folders."""
        return f"_{self.name}" if self.name else ""


def check_size(size: int) -> None:
    """ValueError unless pictures can have this side."""
    if not 8 <= size <= MAX_SIZE:
        raise ValueError(f"size must be 8 to {MAX_SIZE} pixels, not {size}")


def grid_columns(views: int) -> int:
    """Columns of the grid of some views: as square as it can be, rows filled first."""
    return ceil(sqrt(views))
