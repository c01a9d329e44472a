"""Presets: the rigs with which the field's data sets were rendered, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from render.rigs import Rig

PresetName = Literal[
    "preview", "partverse", "trellis-vae", "trellis-cond", "partgen", "autopartgen"
]
Lighting = Literal["suns", "area", "sky"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Rigs, and the light that the Blender backend sets.

    Attributes:
        rigs: the first is of the object and has no name; overlap is measured in its views.
        lighting: see `render.config.RenderConfig`.
    """

    rigs: tuple[Rig, ...]
    lighting: Lighting


PRESETS: dict[PresetName, Preset] = {
    "preview": Preset(
        rigs=(
            Rig(views=8, size=256, passes=("depth", "normal", "part")),
            Rig(target="parts", views=4, size=256),
        ),
        lighting="suns",
    ),
    # CoPart, section 4 (PartVerse): object and parts, each normalised, in the same ring. The boxes
    # are the hint of its ControlNet.
    "partverse": Preset(
        rigs=(
            Rig(radius=2.0, passes=("depth", "normal", "part", "boxes")),
            Rig(target="parts", radius=2.0),
        ),
        lighting="area",
    ),
    # TRELLIS, section 3.1: views for the features of the structured latents.
    "trellis-vae": Preset(
        rigs=(Rig(placement="hammersley", views=150, radius=2.0),),
        lighting="area",
    ),
    # TRELLIS, appendix on training data: image conditions through changing lenses.
    "trellis-cond": Preset(
        rigs=(Rig(placement="lenses", views=24, size=1024, fov=10.0, fov_to=70.0),),
        lighting="area",
    ),
    # PartGen, section 3: four orthogonal views in a 2 × 2 grid, where each part is in them, and the
    # whole of it from the same cameras, which is what the completion network is to make.
    "partgen": Preset(
        rigs=(
            Rig(views=4, elevation=20.0, passes=("part", "mask"), grid=True),
            Rig(target="parts", placement="object", passes=("mask",), grid=True),
            Rig(
                name="visible",
                target="parts",
                placement="object",
                masked=True,
                passes=("mask",),
                grid=True,
            ),
        ),
        lighting="suns",
    ),
    # AutoPartGen, section 3.2: an image of the object, and that image times the mask of a part.
    "autopartgen": Preset(
        rigs=(
            Rig(views=4, elevation=20.0, passes=("part", "mask")),
            Rig(target="parts", placement="object", masked=True, passes=("mask",)),
        ),
        lighting="suns",
    ),
}
