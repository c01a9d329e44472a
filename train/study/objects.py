"""Made objects whose parts tell of one another.

A caption tells a part's colour and kind; the caption of the whole alone tells whether the object is
dark; and how much its parts taper is told by none, but the same for all of an object. What a branch
is not told it can learn from the others alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from train.metrics.mesh import TriangleMesh
from train.sampling.layout import Layout, PartLayout, Point
from train.study.solids import Solid

Float64 = NDArray[np.float64]
Color = tuple[float, float, float]

COLORS: Mapping[str, Color] = MappingProxyType(
    {
        "red": (0.90, 0.15, 0.15),
        "green": (0.15, 0.75, 0.20),
        "blue": (0.20, 0.35, 0.95),
        "yellow": (0.95, 0.85, 0.10),
    }
)
"""sRGB of parts of light objects."""

SHADE = 0.5
"""Of dark ones beside these."""

KINDS = ("block", "cylinder")
MOST_PARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePart:
    """What a part is.

    Attributes:
        color: a name of `COLORS`.
        kind: one of `KINDS`.
    """

    color: str
    kind: str

    @property
    def text(self) -> str:
        """Its caption."""
        return f"{self.color} {self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeObject:
    """Two to four parts in a row along an axis.

    Attributes:
        name: of the object, which seeds noise.
        parts: in order.
        boxes: lower and upper corner of each part; together they span [-1, 1] along their longest
            side, around 0.
        is_dark: all colours are.
        taper: of all parts.
    """

    name: str
    parts: tuple[MadePart, ...]
    boxes: tuple[tuple[Point, Point], ...]
    is_dark: bool
    taper: float

    @property
    def text(self) -> str:
        """The caption of the whole."""
        return "dark object" if self.is_dark else "light object"

    @property
    def layout(self) -> Layout:
        """What a generator is told."""
        return Layout(
            name=self.name,
            text=self.text,
            parts=tuple(
                PartLayout(name=f"part{row}", text=part.text, box=box)
                for row, (part, box) in enumerate(zip(self.parts, self.boxes, strict=True))
            ),
        )

    @property
    def solids(self) -> list[Solid]:
        """Of the parts."""
        return [
            Solid(low=low, high=high, is_round=part.kind == "cylinder", taper=self.taper)
            for part, (low, high) in zip(self.parts, self.boxes, strict=True)
        ]

    @property
    def whole(self) -> Solid:
        """What stands for the whole in geometry: a block around all parts that tapers as they do.

        Codes have room for one solid.
        """
        low, high = self.layout.around
        return Solid(low=low, high=high, is_round=False, taper=self.taper)

    def colored(self) -> list[tuple[TriangleMesh, Float64]]:
        """A mesh with (F, 3) sRGB of its faces for each part, and for the whole behind them."""
        meshes = [solid.mesh() for solid in self.solids]
        colors = [
            np.tile(shaded(part.color, is_dark=self.is_dark), (len(mesh.faces), 1))
            for part, mesh in zip(self.parts, meshes, strict=True)
        ]
        whole = (TriangleMesh.union(meshes), np.concatenate(colors))
        return [*zip(meshes, colors, strict=True), whole]

    def swapped(self, first: int, second: int) -> MadeObject:
        """The same with the captions of two parts exchanged."""
        parts = list(self.parts)
        parts[first], parts[second] = parts[second], parts[first]
        return replace(self, parts=tuple(parts))


def shaded(color: str, *, is_dark: bool) -> Float64:
    """(3,) float64 sRGB."""
    return np.array(COLORS[color]) * (SHADE if is_dark else 1.0)


def made_objects(count: int, *, seed: int) -> list[MadeObject]:
    """Objects that hang on the seed and their number alone."""
    return [_made(place, seed=seed) for place in range(count)]


def _made(place: int, *, seed: int) -> MadeObject:
    generator = np.random.default_rng([seed, place])
    count = int(generator.integers(2, MOST_PARTS + 1))
    parts = tuple(
        MadePart(
            color=str(generator.choice(list(COLORS))),
            kind=str(generator.choice(KINDS)),
        )
        for _ in range(count)
    )
    return MadeObject(
        name=f"object-{seed}-{place}",
        parts=parts,
        boxes=_boxes(count, generator),
        is_dark=bool(generator.integers(2)),
        taper=float(generator.uniform(0.3, 1.0)),
    )


def _boxes(count: int, generator: np.random.Generator) -> tuple[tuple[Point, Point], ...]:
    """Boxes one behind the other along a random axis, in the object frame."""
    axis = int(generator.integers(3))
    size = generator.uniform(0.4, 1.6, (count, 3))
    middle = generator.uniform(-0.3, 0.3, (count, 3))
    size[:, axis] = generator.uniform(0.3, 1.0, count)
    ends = size[:, axis].cumsum()
    middle[:, axis] = ends - size[:, axis] / 2
    low, high = middle - size / 2, middle + size / 2
    around = np.stack([low.min(axis=0), high.max(axis=0)])
    center, scale = around.mean(axis=0), np.ptp(around, axis=0).max() / 2
    return tuple(
        (_point((a - center) / scale), _point((b - center) / scale))
        for a, b in zip(low, high, strict=True)
    )


def _point(values: Float64) -> Point:
    x, y, z = values.tolist()
    return x, y, z
