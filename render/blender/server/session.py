"""The one scene that Blender holds: commands load an object, light it, take pictures, clear."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from render.blender.server.alpha import denoise_alpha
from render.blender.server.devices import choose_device
from render.blender.server.lighting import Lights, make_lights
from render.blender.server.materials import build_materials
from render.blender.server.meshes import build_piece
from render.blender.server.messages import (
    ARRAYS_FILE,
    SCENE_FILE,
    Hello,
    Lighting,
    Quality,
    SceneData,
    View,
)
from render.blender.server.settings import set_geometry, set_pictures, set_quality


class Session:
    """Its methods are the commands; arguments and results are JSON."""

    def __init__(self) -> None:
        self._device = "CPU"
        self._pieces: list[Any] = []
        self._lights: Lights | None = None

    def open(self, *, device: str) -> Hello:
        """Choose a device, for good: preferences outlive the scene."""
        bpy.ops.wm.read_factory_settings(use_empty=True)
        preferences = bpy.context.preferences.addons["cycles"].preferences
        self._device = choose_device(preferences, device)
        return {"version": bpy.app.version_string, "device": self._device.lower()}

    def load(self, *, folder: str, quality: Quality, lighting: Lighting) -> None:
        """Build the object in a folder, all hidden, to take pictures of it."""
        data = _read(Path(folder))
        self._build(data, Path(folder), quality)
        scene = bpy.context.scene
        set_pictures(scene, device=self._device)
        if any(material["alpha"] == "BLEND" for material in data["materials"]):
            denoise_alpha(scene)
        self._lights = make_lights(scene, lighting)

    def load_geometry(self, *, folder: str, quality: Quality, least_alpha: float) -> None:
        """Build the object in a folder, all hidden, to take its depth and normals.

        Where glass has less than `least_alpha` there is a hole. The renderer's own threshold is no
        help: it lets some paths stop at the glass.
        """
        data = _read(Path(folder))
        for material in data["materials"]:
            if material["alpha"] == "BLEND":
                material["alpha"], material["alpha_cutoff"] = "MASK", least_alpha
        self._build(data, Path(folder), quality)
        set_geometry(bpy.context.scene)

    def show(self, *, pieces: list[int], center: tuple[float, float, float], scale: float) -> None:
        """Show these pieces alone, in the light of a subject with this frame."""
        shown = set(pieces)
        for index, item in enumerate(self._pieces):
            item.hide_render = index not in shown
        if self._lights is not None:
            self._lights.frame(center, scale)
        _forget_views(bpy.context.scene)

    def shoot(self, *, view: View, file: str) -> None:
        """Render one view into a file."""
        scene = bpy.context.scene
        _aim(scene, view)
        scene.render.filepath = file
        bpy.ops.render.render(write_still=True)

    def clear(self) -> None:
        """Forget the object, and with it what Cycles keeps between views.

        What it keeps holds a helper that, with one thread, spins while there is nothing to do.
        """
        self._pieces, self._lights = [], None
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)

    def _build(self, data: SceneData, folder: Path, quality: Quality) -> None:
        self.clear()
        scene = bpy.context.scene
        set_quality(scene, quality, device=self._device)
        materials = build_materials(data["materials"], [folder / name for name in data["images"]])
        with np.load(folder / ARRAYS_FILE) as arrays:
            self._pieces = [
                build_piece(index, arrays, material=materials[material])
                for index, material in enumerate(data["pieces"])
            ]
        scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
        scene.collection.objects.link(scene.camera)


def _read(folder: Path) -> SceneData:
    data: SceneData = json.loads((folder / SCENE_FILE).read_text(encoding="utf-8"))
    return data


def _forget_views(scene: Any) -> None:
    """Drop what Cycles keeps between views, which is good for views of the same things alone.

    When things come and go it reorders the lights in its memory, by chance, and with them the
    noise. Turning the setting off frees what is kept.
    """
    scene.render.use_persistent_data = False
    scene.render.use_persistent_data = True


def _aim(scene: Any, view: View) -> None:
    """Blender's cameras have OpenGL's axes too. Its z axis is up, but nothing here cares for up."""
    scene.camera.matrix_world = Matrix(view["camera_to_world"])
    lens = scene.camera.data
    lens.sensor_fit = "VERTICAL"
    lens.angle_y = view["fov_y"]
    lens.clip_start, lens.clip_end = 1e-6, 1e6  # paths lose no precision by it
    render = scene.render
    render.resolution_x, render.resolution_y = view["width"], view["height"]
    render.resolution_percentage = 100
    border = view["border"]
    render.use_border = render.use_crop_to_border = border is not None
    if border is not None:
        # Blender measures from below, and cuts fractions off: the middle of a pixel is its own.
        left, top, right, bottom = border
        render.border_min_x = (left + 0.25) / view["width"]
        render.border_max_x = (right + 0.25) / view["width"]
        render.border_min_y = (view["height"] - bottom + 0.25) / view["height"]
        render.border_max_y = (view["height"] - top + 0.25) / view["height"]
