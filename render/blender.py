"""Cycles: path-traced pictures with shadows and reflections, for training images.

`bpy` is Blender as a module. It keeps one scene for the whole process, so a backend owns its
process, and the engine gives every stage one of its own. Meshes are built from our arrays, not
imported: it is quick, and a Blender importer would merge vertices and reorder faces.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from PIL import Image

from partworks.artifacts.parts import Parts
from partworks.geometry.cameras import Camera, look_at
from partworks.geometry.mesh import Mesh
from partworks.geometry.texture import alpha_meaning
from render.backend import Picture
from render.blender_materials import build_materials
from render.blender_meshes import build_pieces
from render.config import RenderConfig
from render.subject import Subject

SUNS = (
    # towards the sun (x, y, z of the object's frame), strength in W/m², diameter in radians
    ((0.6, 1.0, 0.8), 1.5, 0.5),
    ((-0.9, 0.4, 0.5), 0.5, 0.8),
    ((-0.2, 0.6, -1.0), 0.7, 0.8),
)
"""Key, fill and rim. Suns, unlike lamps, light a part as they light the whole object, whatever its
size. A white surface gets strength × cosine / π from each and the sky's light, 0.97 at the most."""

SKY = 0.35
"""Radiance of the white surroundings, which are lit but not seen."""


class BlenderBackend:
    """See `render.backend.Backend`.

    Args:
        config: `samples`, `bounces`, `threads`, `size`.
        seed: of the paths; equal seeds give equal pixels.
    """

    name = "blender"

    def __init__(self, config: RenderConfig, *, seed: int) -> None:
        self._config = config
        self._seed = seed

    def tools(self) -> Mapping[str, str]:
        """Name -> version of what decides the pixels."""
        return {"blender": bpy.app.version_string}

    def photograph(
        self, mesh: Mesh, parts: Parts, subjects: Sequence[Subject]
    ) -> Iterator[tuple[Subject, list[Picture]]]:
        """See `Backend.photograph`; a part is shown by hiding the others."""
        try:
            _reset()
            self._set_up()
            if any(alpha_meaning(material) == "BLEND" for material in mesh.materials):
                _denoise_alpha(bpy.context.scene)
            pieces = build_pieces(mesh, parts, build_materials(mesh))
            for subject in subjects:
                for piece in pieces:
                    piece.show(subject)
                yield subject, [self._picture(camera) for camera in subject.cameras]
        finally:
            _reset()

    def _set_up(self) -> None:
        scene = bpy.context.scene
        scene.render.engine = "CYCLES"
        _quality(scene, self._config, self._seed % 2**31)
        _output(scene)
        _light(scene)
        scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
        scene.collection.objects.link(scene.camera)

    def _picture(self, camera: Camera) -> Picture:
        scene = bpy.context.scene
        _aim(scene, camera)
        with tempfile.TemporaryDirectory(prefix="partworks-render-") as folder:
            path = Path(folder) / "view.png"
            scene.render.filepath = str(path)
            with _quiet():
                bpy.ops.render.render(write_still=True)
            with Image.open(path) as picture:
                pixels: Picture = np.array(picture.convert("RGBA"), np.uint8)
        pixels[pixels[..., 3] == 0] = 0
        return pixels


def _reset() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)


def _quality(scene: Any, config: RenderConfig, seed: int) -> None:
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = config.samples
    cycles.use_adaptive_sampling = False
    cycles.seed = seed
    cycles.max_bounces = config.bounces
    # A ray through a stack of leaves must not end black in the fifth.
    cycles.transparent_max_bounces = max(config.layers, config.bounces)
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    # The default denoiser costs more than the samples, and shows little for it.
    cycles.denoising_quality = "FAST"
    cycles.denoising_prefilter = "FAST"
    scene.render.threads_mode = "FIXED" if config.threads else "AUTO"
    if config.threads:
        scene.render.threads = config.threads


def _output(scene: Any) -> None:
    scene.view_settings.view_transform = "Standard"
    scene.render.film_transparent = True
    scene.render.dither_intensity = 0.0
    settings = scene.render.image_settings
    settings.file_format = "PNG"
    settings.color_mode = "RGBA"
    settings.color_depth = "8"
    settings.compression = 0


def _denoise_alpha(scene: Any) -> None:
    """Smooth alpha like the colours: Cycles leaves it as sampled, and glass would be all grain.

    The denoiser leaves traces in the background, so that only what is near a sampled surface stays.
    """
    scene.use_nodes = True
    nodes, links = scene.node_tree.nodes, scene.node_tree.links
    nodes.clear()
    rendered = nodes.new("CompositorNodeRLayers")
    alpha = rendered.outputs["Alpha"]
    denoise = nodes.new("CompositorNodeDenoise")
    denoise.use_hdr = False
    links.new(alpha, denoise.inputs["Image"])
    sampled = nodes.new("CompositorNodeMath")
    sampled.operation = "GREATER_THAN"
    links.new(alpha, sampled.inputs[0])
    sampled.inputs[1].default_value = 0.0
    near = nodes.new("CompositorNodeDilateErode")
    near.distance = 1
    links.new(sampled.outputs[0], near.inputs[0])
    kept = nodes.new("CompositorNodeMath")
    kept.operation = "MULTIPLY"
    links.new(denoise.outputs["Image"], kept.inputs[0])
    links.new(near.outputs[0], kept.inputs[1])
    replace = nodes.new("CompositorNodeSetAlpha")
    replace.mode = "REPLACE_ALPHA"
    links.new(rendered.outputs["Image"], replace.inputs["Image"])
    links.new(kept.outputs[0], replace.inputs["Alpha"])
    result = nodes.new("CompositorNodeComposite")
    links.new(replace.outputs["Image"], result.inputs["Image"])


def _light(scene: Any) -> None:
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (1, 1, 1, 1)
    world.node_tree.nodes["Background"].inputs["Strength"].default_value = SKY
    scene.world = world
    for towards, strength, diameter in SUNS:
        sun = bpy.data.lights.new("sun", "SUN")
        sun.energy, sun.angle = strength, diameter
        item = bpy.data.objects.new("sun", sun)
        item.matrix_world = Matrix(look_at(towards, np.zeros(3)).tolist())
        scene.collection.objects.link(item)


def _aim(scene: Any, camera: Camera) -> None:
    """Blender's cameras have OpenGL's axes too. Its z axis is up, but nothing here cares for up."""
    scene.camera.matrix_world = Matrix(camera.camera_to_world.tolist())
    lens = scene.camera.data
    lens.sensor_fit = "VERTICAL"
    lens.angle_y = camera.fov_y
    lens.clip_start, lens.clip_end = 1e-6, 1e6  # paths lose no precision by it
    scene.render.resolution_x, scene.render.resolution_y = camera.width, camera.height
    scene.render.resolution_percentage = 100


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Blender's progress report, which C code writes to stdout, out of the logs."""
    sys.stdout.flush()
    kept = os.dup(1)
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(sink)
        os.close(kept)
