"""Blender's objects from arrays, as they are: nothing is merged, reordered or triangulated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bpy
import numpy as np

from render.blender.server.materials import COLORS, UV


def build_piece(index: int, arrays: Mapping[str, Any], *, material: Any) -> Any:
    """Put one piece into the scene, hidden; see `messages.ARRAYS_FILE` for the arrays."""
    own = {
        kind: arrays[f"{index}.{kind}"]
        for kind in ("vertices", "corners", "uv", "colors", "normals")
        if f"{index}.{kind}" in arrays
    }
    data = _build(own, name=f"piece {index}")
    data.materials.append(material)
    item = bpy.data.objects.new(data.name, data)
    item.hide_render = True
    bpy.context.scene.collection.objects.link(item)
    return item


def _build(arrays: Mapping[str, Any], *, name: str) -> Any:
    corners = arrays["corners"]
    data = bpy.data.meshes.new(name)
    data.vertices.add(len(arrays["vertices"]))
    data.vertices.foreach_set("co", arrays["vertices"].reshape(-1))
    data.loops.add(len(corners))
    data.loops.foreach_set("vertex_index", corners)
    data.polygons.add(len(corners) // 3)
    data.polygons.foreach_set("loop_start", np.arange(0, len(corners), 3, dtype=np.int32))
    if "uv" in arrays:
        layer = data.uv_layers.new(name=UV)
        layer.uv.foreach_set("vector", arrays["uv"].reshape(-1))
    if "colors" in arrays:
        layer = data.color_attributes.new(COLORS, "FLOAT_COLOR", "POINT")
        layer.data.foreach_set("color", arrays["colors"].reshape(-1))
    data.update(calc_edges=True)
    if "normals" in arrays:
        data.normals_split_custom_set_from_vertices(arrays["normals"])
    else:
        data.shade_flat()  # as glTF asks
    return data
