"""Words for what a thing is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.mesh import Material, Mesh
from partworks.naming import clean_name

SUBSTANCES = {
    "aluminium": "metal",
    "aluminum": "metal",
    "brass": "brass",
    "brick": "brick",
    "bronze": "bronze",
    "ceramic": "ceramic",
    "chrome": "chrome",
    "cloth": "fabric",
    "concrete": "concrete",
    "copper": "copper",
    "cotton": "fabric",
    "fabric": "fabric",
    "glass": "glass",
    "iron": "iron",
    "leather": "leather",
    "marble": "marble",
    "metal": "metal",
    "oak": "wooden",
    "paper": "paper",
    "plastic": "plastic",
    "porcelain": "porcelain",
    "rubber": "rubber",
    "steel": "steel",
    "stone": "stone",
    "tyre": "rubber",
    "walnut": "wooden",
    "wood": "wooden",
    "wooden": "wooden",
    "wool": "woollen",
}
"""Words in the name of a material, with what they make of a thing."""


def material_word(material: Material) -> str:
    """An adjective for a material, empty where nothing is certain.

    Its name goes first. Of the factors only clear ones count, and none behind a texture; metal and
    rough in full are glTF's defaults, so they mean that nothing was said.
    """
    for word in clean_name(material.name).split():
        if word in SUBSTANCES:
            return SUBSTANCES[word]
    if material.alpha_mode == "BLEND" and material.base_color[3] < 0.6:
        return "transparent"
    if material.metallic_roughness_texture is not None:
        return ""
    if material.metallic >= 0.6:
        return "" if material.roughness >= 1 else "metallic"
    if material.roughness <= 0.3:
        return "glossy"
    return ""


def dominant_material(mesh: Mesh, faces: NDArray[np.int64]) -> str:
    """The word of the material that more than half of the sampled `faces` (N,) have."""
    if not len(faces):
        return ""
    materials = mesh.face_material[faces]
    found, counts = np.unique(materials, return_counts=True)
    words: dict[str, int] = {}
    for index, count in zip(found.tolist(), counts.tolist(), strict=True):
        word = "" if index < 0 else material_word(mesh.materials[index])
        words[word] = words.get(word, 0) + count
    word, count = max(sorted(words.items()), key=lambda entry: entry[1])
    return word if count > len(faces) / 2 else ""
