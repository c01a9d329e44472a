"""Settings of the render stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

BackendName = Literal["raster", "blender"]
Rig = Literal["ring", "hammersley"]
Pass = Literal["depth", "normal", "part"]
Shading = Literal["headlight", "unlit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderConfig:
    """What is rendered of an object and its parts, and by what.

    The defaults are PartVerse's rig, a ring at 30° with a lens of 40°, with four of its eight views
    of a part.

    Attributes:
        backend: `raster` is quick and has no shadows; `blender` is Cycles, for training images.
        size: side of a view in pixels.
        object_views: views of the whole object.
        part_views: views of each part alone, framed by its own bounding sphere.
        rig: `ring`, or `hammersley`: evenly over the sphere, shifted at random for each object.
        elevation: degrees above the horizon, for `ring`.
        fov: field of view in degrees.
        passes: further pictures of each object view: `depth`, `normal`, `part`.
        shading: of the raster backend: `headlight`, or `unlit` for the bare colours.
        supersample: of the raster backend: rays per pixel along each side.
        layers: of the raster backend: transparent surfaces followed behind one another.
        samples: of Blender: paths per pixel, denoised.
        bounces: of Blender: how often light is followed from surface to surface.
        threads: of Blender: 0 takes all cores. With 1, an idle helper spins; 2 costs less.
    """

    backend: BackendName = "raster"
    size: int = 256
    object_views: int = 8
    part_views: int = 4
    rig: Rig = "ring"
    elevation: float = 30.0
    fov: float = 40.0
    passes: tuple[Pass, ...] = ("depth", "normal", "part")
    shading: Shading = "headlight"
    supersample: int = 2
    layers: int = 8
    samples: int = 16
    bounces: int = 4
    threads: int = field(default=2, metadata={"affects_output": False})

    def __post_init__(self) -> None:
        self._check_choices()
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}")
        if self.size > 4096:
            raise ValueError(f"size must be at most 4096 pixels, not {self.size}")
        if self.supersample > 8:
            raise ValueError(f"supersample must be at most 8, not {self.supersample}")
        if not -90 <= self.elevation <= 90:
            raise ValueError(f"elevation must be in [-90, 90] degrees, not {self.elevation}")
        if not 1 <= self.fov <= 150:
            raise ValueError(f"fov must be in [1, 150] degrees, not {self.fov}")

    def _check_choices(self) -> None:
        for name, kind in _CHOICES.items():
            if getattr(self, name) not in get_args(kind):
                raise ValueError(
                    f"{name} must be one of {', '.join(get_args(kind))}, not {getattr(self, name)}"
                )
        unknown = set(self.passes) - set(get_args(Pass))
        if unknown or len(set(self.passes)) != len(self.passes):
            raise ValueError(
                f"passes must be different ones of {', '.join(get_args(Pass))}, not {self.passes}"
            )


_CHOICES = {"backend": BackendName, "rig": Rig, "shading": Shading}
_LEAST = {
    "size": 8,
    "object_views": 1,
    "part_views": 0,
    "supersample": 1,
    "layers": 1,
    "samples": 1,
    "bounces": 0,
    "threads": 0,
}
