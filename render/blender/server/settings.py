"""Settings of Cycles and of the files that it writes, for pictures and for geometry."""

from __future__ import annotations

from typing import Any

from render.blender.server.messages import Quality

PIXEL_CENTER = 0.01
"""Width of the filter for geometry, in pixels: all rays go through the centres of pixels."""


def set_quality(scene: Any, quality: Quality, *, device: str) -> None:
    """What decides the pixels, and what decides the time: `device` as `choose_device` named it."""
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device = "CPU" if device == "CPU" else "GPU"
    cycles.samples = quality["samples"]
    cycles.use_adaptive_sampling = False
    cycles.use_auto_tile = False  # tiles go through files; our pictures are small
    cycles.seed = quality["seed"]
    cycles.max_bounces = quality["bounces"]
    cycles.transparent_max_bounces = quality["transparent_bounces"]
    scene.render.threads_mode = "FIXED" if quality["threads"] else "AUTO"
    if quality["threads"]:
        scene.render.threads = quality["threads"]
    scene.render.use_persistent_data = True
    scene.render.film_transparent = True
    scene.render.use_sequencer = False
    scene.render.use_compositing = False
    scene.render.use_file_extension = False


def set_pictures(scene: Any, *, device: str) -> None:
    """Denoised 8-bit PNG with straight alpha."""
    cycles = scene.cycles
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    # The default denoiser costs more than the samples, and shows little for it.
    cycles.denoising_quality = "FAST"
    cycles.denoising_prefilter = "FAST"
    cycles.denoising_use_gpu = device != "CPU"
    scene.view_settings.view_transform = "Standard"
    scene.render.dither_intensity = 0.0
    output = scene.render.image_settings
    output.file_format = "PNG"
    output.color_mode = "RGBA"
    output.color_depth = "8"
    output.compression = 0


def set_geometry(scene: Any) -> None:
    """Depth and normals through the centres of pixels, as float32 in an EXR of several layers."""
    cycles = scene.cycles
    cycles.samples = 1
    cycles.use_denoising = False
    cycles.pixel_filter_type = "BOX"
    cycles.filter_width = PIXEL_CENTER
    (layer,) = scene.view_layers
    layer.use_pass_z = True
    layer.use_pass_normal = True
    output = scene.render.image_settings
    output.file_format = "OPEN_EXR_MULTILAYER"
    output.color_depth = "32"
    output.exr_codec = "NONE"
