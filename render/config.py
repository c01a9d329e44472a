"""Settings of the render stage."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from render.presets import PRESETS, Lighting, Preset, PresetName
from render.rigs import Rig, check_size, grid_columns
from render.valid import check_ranges, check_word

BackendName = Literal["raster", "blender"]
Shading = Literal["headlight", "unlit"]
Device = Literal["auto", "cpu", "cuda", "optix", "hip", "metal"]
ImageFormat = Literal["png", "webp"]
DepthFormat = Literal["png", "exr"]

MAX_WEBP = 16383
"""Pixels of its longer side, by the format."""

FREE: dict[str, Any] = {"affects_output": False}


# The parser of settings reads the attributes of a nested default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class RasterConfig:
    """Of the raster backend.

    Attributes:
        shading: `headlight`, or `unlit` for the bare colours.
        supersample: rays per pixel along each side where edges are; 1 leaves edges jagged.
        layers: transparent surfaces followed behind one another; the passes follow as many.
        normal_maps: bend the surface by its normal maps.
    """

    shading: Shading = "headlight"
    supersample: int = 2
    layers: int = 8
    normal_maps: bool = True

    def __post_init__(self) -> None:
        check_word(self, "shading", Shading)
        check_ranges(self, supersample=(1, 8), layers=(1, 1000))


@dataclass(frozen=True, kw_only=True)
class BlenderConfig:
    """Of the Blender backend.

    Attributes:
        samples: paths per pixel, denoised.
        bounces: how often light is followed from surface to surface.
        device: where Cycles runs; `auto` takes the first of OptiX, CUDA, HIP and Metal that has a
            device, and else the CPU. Each kind of device has pixels of its own.
        threads: of the CPU: 0 takes all cores. With 1, an idle helper spins; 2 costs less.
        executable: a Blender program, version 4.2 to 4.5; without one, the `bpy` module in this
            interpreter.
        restart_after: objects after which Blender is started afresh, 0 for never.
        memory_mb: resident memory of Blender in MiB; more ends the object. A worker of the stage
            must be allowed as much (`resources.render.memory_mb`).
        start_deadline_s: seconds for Blender to start.
        view_deadline_s: seconds for one view or for loading an object; more ends the object.
    """

    samples: int = 16
    bounces: int = 4
    device: Device = "auto"
    threads: int = field(default=2, metadata=FREE)
    executable: str = ""
    restart_after: int = field(default=50, metadata=FREE)
    memory_mb: int = field(default=6144, metadata=FREE)
    start_deadline_s: float = field(default=120.0, metadata=FREE)
    view_deadline_s: float = field(default=300.0, metadata=FREE)

    def __post_init__(self) -> None:
        check_word(self, "device", Device)
        check_ranges(
            self,
            samples=(1, 1 << 16),
            bounces=(0, 1024),
            threads=(0, 1024),
            restart_after=(0, 1 << 30),
            memory_mb=(512, 1 << 24),
            start_deadline_s=(1, 1e6),
            view_deadline_s=(0.1, 1e6),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderConfig:
    """What is rendered of an object and its parts, and by what.

    Attributes:
        backend: `raster` is quick and has no shadows; `blender` is Cycles, for training images.
        preset: rigs and lighting by name: `preview`, `partverse`, `trellis-vae`, `trellis-cond`,
            `partgen` or `autopartgen`.
        rigs: own rigs instead of the preset's; the first is of the object and has no name.
        size: side of every view in pixels, instead of the rigs' own.
        lighting: of the Blender backend, instead of the preset's: `suns` (three and a white sky),
            `area` (lamps that move with the target, as TRELLIS and PartVerse have them), or `sky`
            (a clear sky with its sun).
        image: `png` or `webp`, for colour and albedo.
        webp_quality: 1 to 99; 100 is lossless.
        depth: `png` (16 bits) or `exr` (32 bits).
        least_coverage: share of its pixels below which a view counts as empty.
        darkest: mean brightness below which a view counts as too dark, 0 to 255.
        raster: of the raster backend.
        blender: of the Blender backend.
    """

    backend: BackendName = "raster"
    preset: PresetName = "preview"
    rigs: tuple[Rig, ...] = ()
    size: int | None = None
    lighting: Lighting | None = None
    image: ImageFormat = "png"
    webp_quality: int = 100
    depth: DepthFormat = "png"
    least_coverage: float = 1 / 4096
    darkest: float = 12.0
    raster: RasterConfig = field(default_factory=RasterConfig)
    blender: BlenderConfig = field(default_factory=BlenderConfig)

    def __post_init__(self) -> None:
        for name, kind in _CHOICES.items():
            check_word(self, name, kind)
        check_ranges(self, webp_quality=(1, 100), least_coverage=(0, 1), darkest=(0, 255))
        if self.lighting is not None:
            check_word(self, "lighting", Lighting)
        if self.size is not None:
            check_size(self.size)
        _check_rigs(self.rigs or PRESETS[self.preset].rigs)
        if self.image == "webp":
            for rig in self.chosen.rigs:
                _check_webp_grid(rig)

    @property
    def chosen(self) -> Preset:
        """The rigs and the lighting that are meant."""
        preset = PRESETS[self.preset]
        rigs = self.rigs or preset.rigs
        if self.size is not None:
            rigs = tuple(replace(rig, size=self.size) for rig in rigs)
        return Preset(rigs=rigs, lighting=self.lighting or preset.lighting)


_CHOICES = {
    "backend": BackendName,
    "preset": PresetName,
    "image": ImageFormat,
    "depth": DepthFormat,
}


def _check_webp_grid(rig: Rig) -> None:
    side = grid_columns(rig.views) * rig.size
    if rig.grid and side > MAX_WEBP:
        raise ValueError(
            f"a grid of {rig.views} views of {rig.size} pixels is {side} pixels wide, and a WebP "
            f"at most {MAX_WEBP}; take `image: png`, or fewer or smaller views"
        )


def _check_rigs(rigs: tuple[Rig, ...]) -> None:
    if rigs[0].target != "object" or rigs[0].name:
        raise ValueError("the first rig must be of the object and have no name; others build on it")
    folders = [(rig.target, rig.name) for rig in rigs]
    if len(set(folders)) != len(folders):
        raise ValueError("two rigs of the same target have the same name; give one another")
    for rig in rigs:
        if rig.placement == "object" and rig.size != rigs[0].size:
            raise ValueError(
                f"a rig with the object's cameras has their size, {rigs[0].size}, not {rig.size}"
            )
