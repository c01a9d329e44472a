"""One file rendered the published way: `python -m benchmarks._published_render FILE FOLDER …`.

What the scripts of PartVerse and TRELLIS do with each object and each part: a new Blender, the
glTF importer, a unit cube, a lamp and two large area lights, a PNG for each camera of a ring.
Written from their description, for comparison; Partworks does not use it.
"""

from __future__ import annotations

import argparse
import json
from math import cos, pi, radians, sin
from pathlib import Path
from typing import Any

import bpy
from mathutils import Vector

ELEVATION = radians(30.0)
FOV = radians(40.0)
DISTANCE = 2.0

LAMPS = (
    # kind, energy in W, position in Blender's axes (z up), scale, turn about x
    ("POINT", 1000.0, (4.0, 1.0, 6.0), 1.0, 0.0),
    ("AREA", 10000.0, (0.0, 0.0, 10.0), 100.0, 0.0),
    ("AREA", 1000.0, (0.0, 0.0, -10.0), 100.0, pi),
)


def prepare(size: int, samples: int, *, quick: bool) -> None:
    """An empty scene with the published settings, or with ours where `quick`."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.film_transparent = True
    cycles = scene.cycles
    cycles.samples = samples
    cycles.use_denoising = True
    if quick:
        cycles.use_adaptive_sampling = False
        cycles.max_bounces = 4
        cycles.denoising_quality = cycles.denoising_prefilter = "FAST"
    else:
        cycles.diffuse_bounces = cycles.glossy_bounces = 1
        cycles.transmission_bounces = cycles.transparent_max_bounces = 3


def import_normalised(path: Path) -> None:
    """Import a GLB and put it into the unit cube around the origin."""
    bpy.ops.import_scene.gltf(filepath=str(path), merge_vertices=True)
    bpy.context.view_layer.update()
    corners = [
        item.matrix_world @ Vector(corner)
        for item in bpy.context.scene.objects
        if item.type == "MESH"
        for corner in item.bound_box
    ]
    low = Vector([min(axis) for axis in zip(*corners, strict=True)])
    high = Vector([max(axis) for axis in zip(*corners, strict=True)])
    frame = _add("normalised", None)
    frame.scale = [1 / max(high - low)] * 3
    frame.location = -(low + high) / 2 / max(high - low)
    for item in bpy.context.scene.objects:
        if item.parent is None and item is not frame:
            item.parent = frame


def light() -> None:
    """A lamp, a bright ceiling and a dim floor."""
    for kind, energy, location, scale, turn in LAMPS:
        lamp = bpy.data.lights.new("lamp", kind)
        lamp.energy = energy
        item = _add("lamp", lamp)
        item.location, item.scale, item.rotation_euler[0] = location, (scale,) * 3, turn


def shoot(folder: Path, views: int) -> None:
    """A ring of views, and their cameras in a `transforms.json`."""
    scene = bpy.context.scene
    scene.camera = _add("camera", bpy.data.cameras.new("camera"))
    scene.camera.data.angle = FOV
    frames = []
    for view in range(views):
        azimuth = 2 * pi * view / views
        level = cos(ELEVATION)
        place = Vector((cos(azimuth) * level, sin(azimuth) * level, sin(ELEVATION))) * DISTANCE
        scene.camera.location = place
        scene.camera.rotation_euler = (-place).to_track_quat("-Z", "Y").to_euler()
        scene.render.filepath = str(folder / f"{view:03d}.png")
        bpy.ops.render.render(write_still=True)
        matrix = [list(row) for row in scene.camera.matrix_world]
        frames.append({"file_path": f"{view:03d}.png", "transform_matrix": matrix})
    table = {"camera_angle_x": FOV, "frames": frames}
    (folder / "transforms.json").write_text(json.dumps(table))


def _add(name: str, data: Any) -> Any:
    item = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(item)
    return item


def main() -> None:
    """Render one file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--views", type=int, default=8)
    parser.add_argument("--quick", action="store_true", help="with our settings of quality")
    arguments = parser.parse_args()
    prepare(arguments.size, arguments.samples, quick=arguments.quick)
    import_normalised(arguments.file)
    light()
    shoot(arguments.folder, arguments.views)


if __name__ == "__main__":
    main()
