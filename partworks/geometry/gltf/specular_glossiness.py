"""KHR_materials_pbrSpecularGlossiness as a metallic-roughness material.

Source: the conversion that Khronos publishes with the extension. Specular light beyond that of a
dielectric is what a metal reflects: there it becomes the base colour, which diffuse light is not.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from partworks.geometry.image_sampling import decode_image, linear_to_srgb, srgb_to_linear
from partworks.geometry.mesh import Image, Material, TextureRef, UInt8

Float64 = NDArray[np.float64]

DIELECTRIC = 0.04
_LEAST = 1e-6
_LUMA = np.array([0.299, 0.587, 0.114])
_STRIP = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Gloss:
    """What the extension says beside the diffuse colour.

    Attributes:
        specular: linear RGB factor.
        glossiness: factor.
        texture: sRGB specular in RGB, linear glossiness in A; None without one.
    """

    specular: tuple[float, float, float]
    glossiness: float
    texture: TextureRef | None


def to_metallic_roughness(diffuse: Float64, specular: Float64) -> tuple[Float64, Float64]:
    """(N, 3) linear base colours and (N,) metalness of (N, 3) linear diffuse and specular light."""
    left = 1 - specular.max(axis=1)
    metallic = _metallic(_brightness(diffuse), _brightness(specular), left)
    of_dielectric = diffuse * (left / (1 - DIELECTRIC) / np.maximum(1 - metallic, _LEAST))[:, None]
    of_metal = (specular - DIELECTRIC * (1 - metallic)[:, None]) / np.maximum(metallic, _LEAST)[
        :, None
    ]
    share = (metallic**2)[:, None]
    return (of_dielectric * (1 - share) + of_metal * share).clip(0, 1), metallic


def convert(material: Material, gloss: Gloss, images: list[Image]) -> Material:
    """The material with `base_color` and its texture taken as diffuse; new images are appended.

    Without any texture only factors change. Textures are converted texel by texel, at the size of
    the larger one, and their factors go into them; alpha stays where it was.
    """
    if gloss.texture is None and (
        material.base_color_texture is None or max(gloss.specular) <= DIELECTRIC
    ):
        return _factors(material, gloss)
    pictures = [
        None if use is None else decode_image(images[use.image])
        for use in (material.base_color_texture, gloss.texture)
    ]
    base, surface = _textures(material, gloss, pictures)
    wrap = material.base_color_texture or gloss.texture
    assert wrap is not None
    images += [_png(base, f"{material.name} base colour"), _png(surface, f"{material.name} metal")]
    return replace(
        material,
        base_color=(1.0, 1.0, 1.0, material.base_color[3]),
        base_color_texture=replace(wrap, image=len(images) - 2),
        metallic=1.0,
        roughness=1.0,
        metallic_roughness_texture=replace(wrap, image=len(images) - 1),
    )


def _factors(material: Material, gloss: Gloss) -> Material:
    if max(gloss.specular) <= DIELECTRIC:
        return replace(material, metallic=0.0, roughness=1 - gloss.glossiness)
    color, metallic = to_metallic_roughness(
        np.array([material.base_color[:3]]), np.array([gloss.specular])
    )
    red, green, blue = (round(float(part), 9) for part in color[0])
    return replace(
        material,
        base_color=(red, green, blue, material.base_color[3]),
        metallic=round(float(metallic[0]), 9),
        roughness=1 - gloss.glossiness,
    )


def _brightness(light: Float64) -> Float64:
    found: Float64 = np.sqrt((light**2 * _LUMA).sum(axis=1))
    return found


def _metallic(diffuse: Float64, specular: Float64, left: Float64) -> Float64:
    """The positive root of the quadratic that both brightnesses must satisfy."""
    linear = diffuse * left / (1 - DIELECTRIC) + specular - 2 * DIELECTRIC
    rest = DIELECTRIC - specular
    root = np.sqrt(np.maximum(linear**2 - 4 * DIELECTRIC * rest, 0))
    found: Float64 = ((root - linear) / (2 * DIELECTRIC)).clip(0, 1)
    return np.where(specular < DIELECTRIC, 0.0, found)


def _textures(
    material: Material, gloss: Gloss, pictures: list[UInt8 | None]
) -> tuple[UInt8, UInt8]:
    """(H, W, 4) sRGB base colour with alpha, and (H, W, 3) roughness in G and metalness in B."""
    sizes = [(p.shape[1], p.shape[0]) for p in pictures if p is not None]
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    white = np.full((1, 1, 4), 255, np.uint8)
    diffuse, specular = (
        _resized(white if picture is None else picture, width, height).reshape(-1, 4)
        for picture in pictures
    )
    base = np.zeros((height * width, 4), np.uint8)
    surface = np.zeros((height * width, 3), np.uint8)
    for start in range(0, height * width, _STRIP):  # float64 of a large picture is many times it
        strip = slice(start, start + _STRIP)
        color, metallic = to_metallic_roughness(
            _linear(diffuse[strip]) * material.base_color[:3],
            _linear(specular[strip]) * gloss.specular,
        )
        base[strip, :3] = _byte(linear_to_srgb(color))
        base[strip, 3] = diffuse[strip, 3]
        surface[strip, 1] = _byte(1 - specular[strip, 3] / 255 * gloss.glossiness)
        surface[strip, 2] = _byte(metallic)
    return base.reshape(height, width, 4), surface.reshape(height, width, 3)


def _linear(texels: UInt8) -> Float64:
    light: Float64 = srgb_to_linear(np.arange(256) / 255).astype(np.float64)[texels[:, :3]]
    return light


def _byte(values: NDArray[np.floating[Any]]) -> UInt8:
    rounded: UInt8 = np.rint(values * 255).astype(np.uint8)
    return rounded


def _resized(texels: UInt8, width: int, height: int) -> UInt8:
    if texels.shape[:2] == (height, width):
        return texels
    picture = Pillow.fromarray(texels).resize((width, height), Pillow.Resampling.BILINEAR)
    return np.asarray(picture)


def _png(texels: UInt8, name: str) -> Image:
    opaque = texels.shape[2] == 4 and bool((texels[..., 3] == 255).all())
    buffer = io.BytesIO()
    Pillow.fromarray(texels[..., :3] if opaque else texels).save(buffer, "PNG", compress_level=6)
    return Image(data=buffer.getvalue(), mime="image/png", name=name.strip())
