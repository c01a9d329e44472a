"""glTF materials as node trees for Cycles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy

from render.blender.server.messages import MaterialData, Texture

UV, COLORS = "uv", "colors"
"""The names of the mesh attributes that the node trees read."""

EXTENSIONS = {"repeat": "REPEAT", "clamp": "EXTEND", "mirror": "MIRROR"}


def build_materials(materials: Sequence[MaterialData], images: Sequence[Path]) -> list[Any]:
    """Blender's materials, in the same order, with images from files of encoded pictures."""
    loaded = _Images(images)
    return [_Tree(loaded, material).build() for material in materials]


class _Images:
    """Images in Blender, packed from their bytes: once as colours, once as data."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files
        self._loaded: dict[tuple[int, str], Any] = {}

    def get(self, index: int, color_space: str) -> Any:
        key = (index, color_space)
        if key not in self._loaded:
            self._loaded[key] = _pack(self._files[index].read_bytes(), color_space)
        return self._loaded[key]


def _pack(encoded: bytes, color_space: str) -> Any:
    packed = bpy.data.images.new("image", 1, 1)
    packed.pack(data=encoded, data_len=len(encoded))
    packed.source = "FILE"
    packed.colorspace_settings.name = color_space
    # Alpha is no cover of the colours: opaque materials show what lies under alpha 0.
    packed.alpha_mode = "CHANNEL_PACKED"
    return packed


class _Tree:
    """The node tree of one material, as it grows."""

    def __init__(self, images: _Images, data: MaterialData) -> None:
        self._images = images
        self._data = data
        self._material = bpy.data.materials.new("material")
        self._material.use_nodes = True
        self._tree = self._material.node_tree
        self._surface = self._tree.nodes["Principled BSDF"]

    def build(self) -> Any:
        """Blender's material."""
        self._base()
        self._metal_and_roughness()
        self._emission()
        self._normal()
        return self._material

    def _base(self) -> None:
        red, green, blue, opacity = self._data["base_color"]
        color, alpha = self._rgb((red, green, blue)), self._value(opacity)
        if (node := self._texture(self._data["base_color_texture"], "sRGB")) is not None:
            color = self._times_color(color, node.outputs["Color"])
            alpha = self._math("MULTIPLY", alpha, node.outputs["Alpha"])
        if self._data["colored"]:
            node = self._add("ShaderNodeVertexColor")
            node.layer_name = COLORS
            color = self._times_color(color, node.outputs["Color"])
            alpha = self._math("MULTIPLY", alpha, node.outputs["Alpha"])
        self._link(color, self._surface.inputs["Base Color"])
        if self._data["alpha"] == "MASK":
            below = self._math("LESS_THAN", alpha, self._value(self._data["alpha_cutoff"]))
            alpha = self._math("SUBTRACT", self._value(1.0), below)
        if self._data["alpha"] != "OPAQUE":
            self._link(alpha, self._surface.inputs["Alpha"])

    def _metal_and_roughness(self) -> None:
        metallic = self._value(self._data["metallic"])
        roughness = self._value(self._data["roughness"])
        node = self._texture(self._data["metallic_roughness_texture"], "Non-Color")
        if node is not None:
            channels = self._add("ShaderNodeSeparateColor")
            self._link(node.outputs["Color"], channels.inputs["Color"])
            metallic = self._math("MULTIPLY", metallic, channels.outputs["Blue"])
            roughness = self._math("MULTIPLY", roughness, channels.outputs["Green"])
        self._link(metallic, self._surface.inputs["Metallic"])
        self._link(roughness, self._surface.inputs["Roughness"])

    def _emission(self) -> None:
        if not any(self._data["emissive"]):
            return
        color = self._rgb(self._data["emissive"])
        if (node := self._texture(self._data["emissive_texture"], "sRGB")) is not None:
            color = self._times_color(color, node.outputs["Color"])
        self._link(color, self._surface.inputs["Emission Color"])
        self._surface.inputs["Emission Strength"].default_value = 1.0

    def _normal(self) -> None:
        if (node := self._texture(self._data["normal_texture"], "Non-Color")) is None:
            return
        bump = self._add("ShaderNodeNormalMap")
        bump.uv_map = UV
        bump.inputs["Strength"].default_value = self._data["normal_scale"]
        self._link(node.outputs["Color"], bump.inputs["Color"])
        self._link(bump.outputs["Normal"], self._surface.inputs["Normal"])

    def _texture(self, use: Texture | None, color_space: str) -> Any:
        """The node that reads a texture, None where there is none or nothing to read it with."""
        if use is None or not self._data["textured"]:
            return None
        node = self._add("ShaderNodeTexImage")
        node.image = self._images.get(use["image"], color_space)
        place = self._add("ShaderNodeUVMap")
        place.uv_map = UV
        where = place.outputs["UV"]
        if use["wrap_u"] == use["wrap_v"]:
            node.extension = EXTENSIONS[use["wrap_u"]]
        else:
            node.extension = "EXTEND"
            where = self._wrapped(where, use)
        self._link(where, node.inputs["Vector"])
        return node

    def _wrapped(self, where: Any, use: Texture) -> Any:
        """Bring u and v into [0, 1], each in its own way; a texture node wraps both alike."""
        split, joined = self._add("ShaderNodeSeparateXYZ"), self._add("ShaderNodeCombineXYZ")
        self._link(where, split.inputs["Vector"])
        for axis, wrap in (("X", use["wrap_u"]), ("Y", use["wrap_v"])):
            value = split.outputs[axis]
            if wrap == "repeat":
                value = self._math("FRACT", value)
            elif wrap == "mirror":
                value = self._math("PINGPONG", value, self._value(1.0))
            self._link(value, joined.inputs[axis])
        return joined.outputs["Vector"]

    def _add(self, kind: str) -> Any:
        return self._tree.nodes.new(kind)

    def _link(self, source: Any, target: Any) -> None:
        self._tree.links.new(source, target)

    def _value(self, number: float) -> Any:
        node = self._add("ShaderNodeValue")
        node.outputs[0].default_value = number
        return node.outputs[0]

    def _rgb(self, color: tuple[float, float, float]) -> Any:
        node = self._add("ShaderNodeRGB")
        node.outputs[0].default_value = (*color, 1.0)
        return node.outputs[0]

    def _math(self, operation: str, *values: Any) -> Any:
        node = self._add("ShaderNodeMath")
        node.operation = operation
        for value, target in zip(values, node.inputs, strict=False):
            self._link(value, target)
        return node.outputs[0]

    def _times_color(self, first: Any, second: Any) -> Any:
        node = self._add("ShaderNodeMix")
        node.data_type, node.blend_type = "RGBA", "MULTIPLY"
        node.inputs["Factor"].default_value = 1.0
        # The sockets of all data types share their names; these are the colours.
        self._link(first, node.inputs[6])
        self._link(second, node.inputs[7])
        return node.outputs[2]
