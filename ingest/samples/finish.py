"""Finishes: what a surface is made of, as colours, a picture and a few numbers."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image as Pillow

from ingest.samples.pictures import Color, Picture, coordinates, noise, ramp, wood
from partworks.geometry.mesh import AlphaMode, Image


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finish:
    """A material before it is one of a mesh's.

    Attributes:
        name: the material's name; one finish of a name per object.
        color: sRGB 0 … 255, multiplied with the picture.
        picture: (H, W, 3) uint8 sRGB that repeats, or None.
        relief: (H, W, 3) uint8 tangent-space normals on the same UVs, or None.
        glow: emitted sRGB colour.
        opacity: 1 is opaque; less makes glass.
    """

    name: str
    color: Color = (255, 255, 255)
    picture: Picture | None = None
    relief: Picture | None = None
    metallic: float = 0.0
    roughness: float = 0.6
    glow: Color = (0, 0, 0)
    opacity: float = 1.0

    @property
    def alpha_mode(self) -> AlphaMode:
        """`BLEND` for glass."""
        return "OPAQUE" if self.opacity == 1 else "BLEND"


def linear(color: Color) -> tuple[float, float, float]:
    """An sRGB colour as the linear factors of glTF, rounded to 4 digits. Source: IEC 61966-2-1."""
    s = np.asarray(color) / 255
    values = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    r, g, b = (round(float(value), 4) for value in values)
    return r, g, b


def to_png(picture: Picture, name: str) -> Image:
    """The picture as a PNG, with fixed settings so that its bytes are always the same."""
    buffer = io.BytesIO()
    Pillow.fromarray(picture).save(buffer, "PNG", compress_level=6)
    return Image(data=buffer.getvalue(), mime="image/png", name=name)


@cache
def oak() -> Finish:
    """Light oiled wood, its grain along v."""
    picture = wood(np.random.default_rng(1), (133, 86, 46), (206, 156, 98), rings=4)
    return Finish(name="oak", picture=picture, roughness=0.55)


@cache
def walnut() -> Finish:
    """Dark oiled wood, its grain along v."""
    picture = wood(np.random.default_rng(2), (70, 42, 26), (136, 90, 58), rings=5)
    return Finish(name="walnut", picture=picture, roughness=0.5)


@cache
def brass() -> Finish:
    """Polished yellow metal."""
    return Finish(name="brass", color=(226, 178, 88), metallic=1.0, roughness=0.28)


@cache
def steel() -> Finish:
    """Brushed grey metal, the brush marks along v."""
    marks = noise(np.random.default_rng(9), across=0.01, along=0.6)
    picture = ramp(marks, [(150, 154, 160), (208, 210, 214)])
    return Finish(name="steel", picture=picture, metallic=1.0, roughness=0.35)


@cache
def rubber() -> Finish:
    """Black tyre rubber with a tread across v."""
    u, v = coordinates(64)
    groove = (np.abs(v - 0.5) < 0.3) & ((u * 8 + np.abs(v - 0.5) * 3) % 1 < 0.3)
    picture = ramp(np.where(groove, 0.0, 0.8), [(18, 18, 20), (52, 52, 56)])
    return Finish(name="rubber", picture=picture, roughness=0.92)


@cache
def glass() -> Finish:
    """Dark tinted glass."""
    return Finish(name="glass", color=(34, 48, 60), roughness=0.08)
