"""How strongly each pair of neighbouring pixels is parted, by depth, form, thickness and colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segment.views import ViewImages

Bool = NDArray[np.bool_]
Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]

JUMP = (2.0, 6.0)
"""Depth jumps, in sizes of a pixel on the surface: less is nothing, more counts in full."""

CONCAVE = (np.radians(8.0), np.radians(45.0))
CONVEX = (np.radians(12.0), np.radians(90.0))
CONVEX_STRENGTH = 0.5
"""Minima rule: people part a shape at its concave creases."""

VALLEY = (np.radians(15.0), np.radians(90.0))
THINNING = (np.log(1.25), np.log(3.0))
THINNING_STRENGTH = 0.6
DIAMETER_FLOOR = 0.01
COLOR = (0.08, 0.6)
COLOR_STRENGTH = 0.6
MATERIAL_STRENGTH = 0.6
WIDE_SHARE = 1 / 64
"""Valleys and thinning are looked for over this share of the image's side."""

STEEPEST = 3.0
"""What is further apart than this many times its distance in the image does not belong together."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PixelEdges:
    """Strengths in [0, 1] between pixels and their neighbours; 0 where one of them sees nothing.

    Attributes:
        right: (H, W - 1) float32, between a pixel and the one to its right.
        down: (H - 1, W) float32, between a pixel and the one below it.
    """

    right: Float32
    down: Float32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layers:
    """The images of a view that edges are read from, (H, W, …), perhaps thinned out.

    Attributes:
        hit: bool. point: float32 (…, 3) in the world. inverse: float32 inverse depth, which is
            linear on a plane. footprint: float32 size of a pixel at that depth.
        normal: float32 (…, 3). thickness: float32, logarithm of the shape diameter. color: float32
            (…, 3) in [0, 1]. material: int32.
    """

    hit: Bool
    point: Float32
    inverse: Float32
    footprint: Float32
    normal: Float32
    thickness: Float32
    color: Float32
    material: Int32

    def turned(self) -> Layers:
        """The same with rows and columns exchanged."""
        return Layers(**{name: getattr(self, name).swapaxes(0, 1) for name in self.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ViewEdges:
    """What parts the pixels of a view.

    Attributes:
        drawn: jumps of depth, creases and borders of materials: they lie on one line of edges.
        every: those, colours, and what shows over a wider distance only, valleys and thinning.
    """

    drawn: PixelEdges
    every: PixelEdges


def find_edges(view: ViewImages, *, stride: int = 1) -> ViewEdges:
    """Read the edges of a view, of which every `stride`-th pixel is looked at.

    Where several things part two pixels, the edge is stronger than each of them makes it.
    """
    layers = read_layers(view, stride=stride)
    drawn_right, right = _along_rows(layers)
    drawn_down, down = _along_rows(layers.turned())
    return ViewEdges(
        drawn=PixelEdges(right=drawn_right, down=drawn_down.T),
        every=PixelEdges(right=right, down=down.T),
    )


def read_layers(view: ViewImages, *, stride: int = 1) -> Layers:
    """Every `stride`-th pixel of a view, with its place in the world."""
    thin = (slice(None, None, stride), slice(None, None, stride))
    hit = view.hit[thin]
    rays = view.camera.rays()[thin]
    depth = np.where(hit, view.depth[thin], 1.0)
    distance = depth / (rays @ view.camera.forward)
    footprint = depth * (stride / view.camera.focal)
    return Layers(
        hit=hit,
        point=(rays * distance[..., None]).astype(np.float32),
        inverse=(1 / depth).astype(np.float32),
        footprint=footprint.astype(np.float32),
        normal=view.normal[thin],
        thickness=np.log(view.diameter[thin] + np.float32(DIAMETER_FLOOR)),
        color=view.color[thin].astype(np.float32) / 255,
        material=view.material[thin],
    )


def _along_rows(layers: Layers) -> tuple[Float32, Float32]:
    """(H, W - 1) each: drawn and all strengths between each pixel and its right neighbour."""
    width = layers.hit.shape[1]
    wide = max(2, round(max(layers.hit.shape) * WIDE_SHARE))
    border = MATERIAL_STRENGTH * (layers.material[:, :-1] != layers.material[:, 1:])
    open_drawn = (1 - _jump(layers)) * (1 - _crease(layers)) * (1 - border)
    open_all = open_drawn.copy()
    for step in (1, 3):
        open_all *= 1 - _wider(_color(layers, step), step, width)
    open_all *= 1 - _wider(_valley(layers, wide), wide, width)
    open_all *= 1 - _wider(_thinning(layers, wide), wide, width)
    both = layers.hit[:, :-1] & layers.hit[:, 1:]
    drawn = np.where(both, 1 - open_drawn, 0).astype(np.float32)
    return drawn, np.where(both, 1 - open_all, 0).astype(np.float32)


def _ramp(values: Float32, limits: tuple[float, float]) -> Float32:
    ramp: Float32 = np.clip((values - limits[0]) / (limits[1] - limits[0]), 0, 1)
    return ramp


def _wider(strength: Float32, step: int, width: int) -> Float32:
    """(H, W - 1): strengths between pixels `step` apart, put on the edge halfway."""
    image = np.zeros((len(strength), max(width - 1, 0)), np.float32)
    start = (step - 1) // 2
    image[:, start : start + strength.shape[1]] = strength
    return image


def _jump(layers: Layers) -> Float32:
    """Jumps of depth: what neither side's slope leads one to expect.

    Inverse depth is linear on a plane, so a plane seen at a grazing angle does not jump.
    """
    inverse, hit = layers.inverse, layers.hit
    slope = np.where(hit[:, 1:] & hit[:, :-1], np.diff(inverse, axis=1), 0)
    before = np.pad(slope[:, :-1], ((0, 0), (1, 0)))
    after = np.pad(slope[:, 1:], ((0, 0), (0, 1)))
    unexpected = np.minimum(np.abs(slope - before), np.abs(slope - after))
    distance = unexpected / (inverse[:, :-1] * inverse[:, 1:])
    size = np.minimum(layers.footprint[:, :-1], layers.footprint[:, 1:])
    return _ramp(distance / size, JUMP)


def _crease(layers: Layers) -> Float32:
    """Creases between neighbours; concave ones count twice as much as convex ones."""
    angle, bend, _ = _turn(layers, 1)
    return np.where(bend < 0, _ramp(angle, CONCAVE), CONVEX_STRENGTH * _ramp(angle, CONVEX))


def _valley(layers: Layers, step: int) -> Float32:
    """Concave places without a crease, over `step` pixels of one surface."""
    angle, bend, near = _turn(layers, step)
    return np.where(near & (bend < 0), _ramp(angle, VALLEY), np.float32(0))


def _thinning(layers: Layers, step: int) -> Float32:
    """Places where the solid grows thinner or thicker, over `step` pixels of one surface."""
    change = np.abs(layers.thickness[:, step:] - layers.thickness[:, :-step])
    strength = np.float32(THINNING_STRENGTH) * _ramp(change, THINNING)
    return np.where(_near(layers, step), strength, np.float32(0))


def _color(layers: Layers, step: int) -> Float32:
    change = np.linalg.norm(layers.color[:, step:] - layers.color[:, :-step], axis=2)
    both = layers.hit[:, step:] & layers.hit[:, :-step]
    return np.where(both, COLOR_STRENGTH * _ramp(change, COLOR), np.float32(0))


def _turn(layers: Layers, step: int) -> tuple[Float32, Float32, Bool]:
    """Angles between normals `step` pixels apart, < 0 in `bend` where concave; and `_near`."""
    first, second = layers.normal[:, :-step], layers.normal[:, step:]
    angle = np.arccos(np.clip(np.einsum("hwc,hwc->hw", first, second), -1, 1))
    way = layers.point[:, step:] - layers.point[:, :-step]
    bend: Float32 = np.einsum("hwc,hwc->hw", way, second - first)
    return angle.astype(np.float32), bend, _near(layers, step)


def _near(layers: Layers, step: int) -> Bool:
    """Pixels `step` apart that see places of one surface, as far as their distance tells."""
    way = layers.point[:, step:] - layers.point[:, :-step]
    limit = STEEPEST * step * layers.footprint[:, :-step]
    near: Bool = np.einsum("hwc,hwc->hw", way, way) < limit**2
    near &= layers.hit[:, step:] & layers.hit[:, :-step]
    return near
