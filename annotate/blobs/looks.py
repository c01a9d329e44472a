"""Materials reduced to what a reviewer needs, alike ones taken together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from partworks.geometry.gltf.constants import WRAP_MODES
from partworks.geometry.mesh import Material, Mesh, MeshNode, TextureRef
from partworks.geometry.texture import alpha_meaning

_WRAP_CODES = {name: code for code, name in WRAP_MODES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How faces look: colour and light, and whether parts of the texture are holes.

    Attributes:
        color: linear RGBA.
        light: linear RGB that is given off.
        cutoff: alpha below which nothing is drawn, None where alpha means nothing.
    """

    color: tuple[float, float, float, float]
    color_texture: TextureRef | None
    light: tuple[float, float, float]
    light_texture: TextureRef | None
    cutoff: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The looks of an object, in order of first use.

    Attributes:
        looks: each once.
        runs: (first face, faces, look) of each run of faces with one look; they cover all faces.
        images: the object's images that the looks need, ascending.
    """

    looks: tuple[Look, ...]
    runs: tuple[tuple[int, int, int], ...]
    images: tuple[int, ...]

    @property
    def textured(self) -> bool:
        """Whether any look has a texture."""
        return bool(self.images)

    def tables(self, views: Sequence[int]) -> dict[str, Any]:
        """glTF's tables of materials, textures, samplers and images; empty ones are left out.

        Args:
            views: the buffer view of each of `images`, WebP.
        """
        uses = sorted({use for look in self.looks for use in _uses(look)}, key=_use_order)
        numbers = {use: number for number, use in enumerate(uses)}
        wraps = sorted({(use.wrap_u, use.wrap_v) for use in uses})
        tables = {
            "materials": [_material(look, numbers) for look in self.looks],
            "textures": [
                {
                    "sampler": wraps.index((use.wrap_u, use.wrap_v)),
                    "extensions": {"EXT_texture_webp": {"source": self.images.index(use.image)}},
                }
                for use in uses
            ],
            "samplers": [{"wrapS": _WRAP_CODES[u], "wrapT": _WRAP_CODES[v]} for u, v in wraps],
            "images": [{"bufferView": view, "mimeType": "image/webp"} for view in views],
        }
        return {key: value for key, value in tables.items() if value}


def looks_of(mesh: Mesh) -> Looks:
    """The looks of a mesh's nodes."""
    numbers: dict[Look, int] = {}
    per_node = [numbers.setdefault(_look(mesh, node), len(numbers)) for node in mesh.nodes]
    face_look = np.repeat(np.asarray(per_node, np.int64), np.diff(mesh.face_offsets))
    starts = np.flatnonzero(np.diff(face_look, prepend=-1))
    counts = np.diff(starts, append=len(face_look))
    runs = zip(starts.tolist(), counts.tolist(), face_look[starts].tolist(), strict=True)
    images = {use.image for look in numbers for use in _uses(look)}
    return Looks(looks=tuple(numbers), runs=tuple(runs), images=tuple(sorted(images)))


def _look(mesh: Mesh, node: MeshNode) -> Look:
    material = Material() if node.material is None else mesh.materials[node.material]
    textured = node.uv is not None
    glows = any(material.emissive)
    is_mask = alpha_meaning(material) == "MASK"
    red, green, blue, alpha = material.base_color
    return Look(
        color=(red, green, blue, alpha if is_mask else 1.0),
        color_texture=material.base_color_texture if textured else None,
        light=material.emissive,
        light_texture=material.emissive_texture if textured and glows else None,
        cutoff=material.alpha_cutoff if is_mask else None,
    )


def _uses(look: Look) -> list[TextureRef]:
    return [use for use in (look.color_texture, look.light_texture) if use is not None]


def _use_order(use: TextureRef) -> tuple[int, str, str]:
    return use.image, use.wrap_u, use.wrap_v


def _material(look: Look, numbers: dict[TextureRef, int]) -> dict[str, Any]:
    surface: dict[str, Any] = {
        "baseColorFactor": list(look.color),
        "metallicFactor": 0.0,
        "roughnessFactor": 1.0,
    }
    if look.color_texture is not None:
        surface["baseColorTexture"] = {"index": numbers[look.color_texture]}
    entry: dict[str, Any] = {"pbrMetallicRoughness": surface, "doubleSided": True}
    if any(look.light):
        entry["emissiveFactor"] = list(look.light)
    if look.light_texture is not None:
        entry["emissiveTexture"] = {"index": numbers[look.light_texture]}
    if look.cutoff is not None:
        entry |= {"alphaMode": "MASK", "alphaCutoff": look.cutoff}
    return entry
