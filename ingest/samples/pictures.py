"""Pictures for the samples' surfaces: wood, brick, cloth, leaves, drawn with numpy.

Each returns (H, W, 3) uint8 sRGB and tiles without a seam. Colours are sRGB triples of 0 … 255.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from ingest.samples.shape import Float64

Picture = NDArray[np.uint8]
Color = tuple[int, int, int]
LEVELS = 40
"""Shades in a ramp: enough for the eye, few enough for a small PNG."""


def noise(
    generator: Generator, *, across: float, along: float | None = None, size: int = 128
) -> Float64:
    """(size, size) smooth noise in [0, 1] that tiles.

    `across` and `along` are the widths of its blobs as fractions of the picture.
    """
    white = generator.standard_normal((size, size))
    frequency = np.fft.fftfreq(size) * size
    widths = (along or across, across)
    v, u = np.meshgrid(frequency * widths[0], frequency * widths[1], indexing="ij")
    smooth = np.fft.ifft2(np.fft.fft2(white) * np.exp(-2 * (u**2 + v**2))).real
    low, high = smooth.min(), smooth.max()
    field: Float64 = (smooth - low) / (high - low)
    return field


def coordinates(size: int = 128) -> tuple[Float64, Float64]:
    """(size, size) u and v of the pixels' centres, in [0, 1]."""
    ticks = (np.arange(size) + 0.5) / size
    u, v = np.meshgrid(ticks, ticks)
    return u, v


def inside(distance: Float64, size: int = 128) -> Float64:
    """1 where a distance in fractions of the picture is positive, 0 elsewhere, softened at 0."""
    return np.clip(distance * size + 0.5, 0.0, 1.0)


def ramp(field: Float64, colors: Sequence[Color]) -> Picture:
    """Colours along a field in [0, 1], from the first to the last in equal steps."""
    level = np.rint(np.clip(field, 0, 1) * LEVELS) / LEVELS
    stops = np.linspace(0, 1, len(colors))
    table = np.asarray(colors, np.float64)
    return to_bytes(np.stack([np.interp(level, stops, table[:, c]) for c in range(3)], axis=-1))


def to_bytes(values: ArrayLike) -> Picture:
    """Round to 0 … 255."""
    picture: Picture = np.clip(np.rint(np.asarray(values)), 0, 255).astype(np.uint8)
    return picture


def plain(color: Color, size: int = 8) -> Picture:
    """One colour all over."""
    return np.broadcast_to(np.asarray(color, np.uint8), (size, size, 3)).copy()


def wood(
    generator: Generator, dark: Color, light: Color, *, rings: int = 5, size: int = 128
) -> Picture:
    """Grain that runs along v."""
    u, _ = coordinates(size)
    wave = noise(generator, across=0.25, along=0.7, size=size)
    fibre = noise(generator, across=0.012, along=0.35, size=size)
    grain = 0.5 + 0.5 * np.sin(2 * np.pi * (rings * u + 1.6 * wave))
    return ramp(0.62 * grain**0.7 + 0.38 * fibre, [dark, light])


def planks(
    generator: Generator, dark: Color, light: Color, *, count: int = 4, size: int = 128
) -> Picture:
    """Boards side by side, their grain and joints along v."""
    u, _ = coordinates(size)
    board = (u * count).astype(int)
    shade = generator.uniform(-0.16, 0.16, count)[board]
    fibre = noise(generator, across=0.012, along=0.3, size=size)
    vein = noise(generator, across=0.05, along=0.6, size=size)
    joint = np.abs(u * count - np.rint(u * count)) < 0.045
    field = np.where(joint, 0.0, 0.3 + 0.35 * fibre + 0.35 * vein + shade)
    return ramp(field, [_darker(dark, 0.55), dark, light])


def _darker(color: Color, factor: float) -> Color:
    r, g, b = (round(channel * factor) for channel in color)
    return r, g, b


def courses(
    *, rows: int, columns: int, gap: float, size: int = 128
) -> tuple[NDArray[np.int64], Float64]:
    """Bricks in running bond: (size, size) index of the brick and distance from its edge.

    The distance counts in fractions of the picture and is 0 in the joints.
    """
    u, v = coordinates(size)
    row = (v * rows).astype(int)
    x = u * columns + 0.5 * (row % 2)
    column = x.astype(int) % columns
    along = 0.5 - np.abs(x % 1 - 0.5)
    across = 0.5 - np.abs(v * rows % 1 - 0.5)
    inside = np.minimum(along / columns, across / rows) - gap
    return row * columns + column, np.maximum(inside, 0.0)


def bricks(
    generator: Generator,
    colors: Sequence[Color],
    mortar: Color,
    *,
    rows: int = 8,
    columns: int = 4,
    size: int = 128,
) -> Picture:
    """A brick wall with headers of several colours."""
    brick, inside = courses(rows=rows, columns=columns, gap=0.006, size=size)
    shade = generator.uniform(0, 1, rows * columns)[brick]
    grit = noise(generator, across=0.02, size=size)
    face = ramp(0.75 * shade + 0.25 * grit, colors)
    joint = ramp(grit, [_darker(mortar, 0.86), mortar])
    return np.where(inside[..., None] > 0, face, joint)


def shingles(
    generator: Generator,
    colors: Sequence[Color],
    *,
    rows: int = 8,
    columns: int = 6,
    size: int = 128,
) -> Picture:
    """Rows of overlapping round-edged tiles, the lower edge of each in shadow."""
    u, v = coordinates(size)
    row = (v * rows).astype(int)
    x = u * columns + 0.5 * (row % 2)
    tile = row * columns + x.astype(int) % columns
    drop = v * rows % 1
    edge = 0.72 + 0.28 * np.sqrt(np.maximum(1 - (2 * (x % 1) - 1) ** 2, 0))
    shade = generator.uniform(0.35, 1, rows * columns)[tile]
    field = shade * (1 - 0.25 * drop) + 0.12 * noise(generator, across=0.02, size=size)
    return ramp(np.where(drop > edge, 0.12, field), colors)


def weave(
    generator: Generator, colors: Sequence[Color], *, threads: int = 24, size: int = 128
) -> Picture:
    """Plain-weave cloth."""
    u, v = coordinates(size)
    over = ((u * threads).astype(int) + (v * threads).astype(int)) % 2 == 0
    warp, weft = np.sin(np.pi * (u * threads % 1)), np.sin(np.pi * (v * threads % 1))
    thread = np.where(over, warp * (0.55 + 0.45 * weft), weft * (0.55 + 0.45 * warp))
    field = 0.2 + 0.55 * thread + 0.25 * noise(generator, across=0.04, size=size)
    return ramp(field, colors)


def checker(colors: tuple[Color, Color], *, squares: int = 8, size: int = 128) -> Picture:
    """A chequered floor."""
    u, v = coordinates(size)
    odd = ((u * squares).astype(int) + (v * squares).astype(int)) % 2
    picture: Picture = np.asarray(colors, np.uint8)[odd]
    return picture


def stripes(colors: Sequence[Color], *, size: int = 128, upright: bool = False) -> Picture:
    """Equal bands across the picture, the first at the top; with `upright`, at the left."""
    u, v = coordinates(size)
    position = u if upright else v
    picture: Picture = np.asarray(colors, np.uint8)[(position * len(colors)).astype(int)]
    return picture


def leaves(
    generator: Generator, colors: Sequence[Color], *, count: int = 420, size: int = 192
) -> Picture:
    """Leaves thrown on top of one another, each with a lit and a shaded half."""
    picture = np.broadcast_to(np.asarray(colors[0], np.float64), (size, size, 3)).copy()
    table = np.asarray(colors[1:], np.float64)
    reach = size // 12
    offset = np.arange(-reach, reach + 1)
    dy, dx = np.meshgrid(offset, offset, indexing="ij")
    for index in range(count):  # a later leaf covers an earlier one
        y, x = generator.integers(0, size, 2)
        angle = generator.uniform(0, 2 * np.pi)
        along = (dx * np.cos(angle) + dy * np.sin(angle)) / reach
        across = (dy * np.cos(angle) - dx * np.sin(angle)) / reach
        leaf = np.abs(across) < 0.42 * (1 - along**2)
        shade = 0.5 + 0.35 * index / count + 0.18 * np.sign(across) * (np.abs(across) > 0.04)
        color = table[generator.integers(len(table))] * shade[..., None]
        picture[(y + dy[leaf]) % size, (x + dx[leaf]) % size] = color[leaf]
    return to_bytes(np.rint(picture / 6) * 6)


def speckle(
    generator: Generator, colors: Sequence[Color], *, grain: float = 0.02, size: int = 128
) -> Picture:
    """Soft blotches: glaze, fur, soil, worn paint."""
    coarse = noise(generator, across=6 * grain, size=size)
    fine = noise(generator, across=grain, size=size)
    return ramp(0.5 * coarse + 0.5 * fine, colors)


def bark(generator: Generator, colors: Sequence[Color], *, size: int = 128) -> Picture:
    """Furrows along v."""
    wave = noise(generator, across=0.12, along=0.4, size=size)
    furrow = noise(generator, across=0.03, along=0.22, size=size)
    ridge = np.abs(2 * furrow - 1) ** 0.6
    return ramp(0.75 * ridge + 0.25 * wave, colors)


def plates(
    generator: Generator,
    colors: Sequence[Color],
    *,
    rows: int = 2,
    columns: int = 2,
    rivets: int = 5,
    size: int = 128,
) -> Picture:
    """Metal sheets with dark joints and a row of rivets along each edge."""
    u, v = coordinates(size)
    sheet = (v * rows).astype(int) * columns + (u * columns).astype(int)
    shade = generator.uniform(-0.07, 0.07, rows * columns)[sheet]
    x, y = u * columns % 1, v * rows % 1
    edge = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
    near_x, near_y = (np.abs(t * rivets % 1 - 0.5) / rivets for t in (x, y))
    ring = np.abs(edge - 0.07)
    rivet = np.minimum(
        np.hypot(near_x, np.abs(np.minimum(y, 1 - y) - 0.07)),
        np.hypot(near_y, np.abs(np.minimum(x, 1 - x) - 0.07)),
    )
    field = 0.6 + shade + 0.14 * (noise(generator, across=0.02, along=0.3, size=size) - 0.5)
    field = np.where((rivet < 0.024) & (ring < 0.03), 1.0, field)
    return ramp(np.where(edge < 0.016, 0.0, field), colors)


def relief(height: Float64, strength: float) -> Picture:
    """A tangent-space normal map, green up, of a height in fractions of the picture."""
    size = len(height)
    slope_u = (np.roll(height, -1, axis=1) - np.roll(height, 1, axis=1)) * size / 2
    slope_v = (np.roll(height, -1, axis=0) - np.roll(height, 1, axis=0)) * size / 2
    normal = np.stack([-strength * slope_u, strength * slope_v, np.ones_like(height)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return to_bytes((normal + 1) * 127.5)
