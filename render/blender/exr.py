"""Depth and normals as Blender leaves them: an OpenEXR file of several layers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import OpenEXR
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

NOTHING = 1e9
"""Blender's depth where nothing is seen is ten times that."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GeometryView:
    """What Blender sees through the centre of each pixel.

    Attributes:
        depth: (H, W) float32 planar camera z, inf where nothing is.
        normal: (H, W, 3) float32 in the world, towards the camera, as the surface is shaded: smooth
            where the mesh is, bent by its normal maps; 0 where nothing is.
    """

    depth: Float32
    normal: Float32


def read_geometry(path: Path) -> GeometryView:
    """Read the file of a view."""
    channels: dict[str, Float32] = {}
    with OpenEXR.File(str(path), separate_channels=True) as file:
        for part in file.parts:
            for name, channel in part.channels.items():
                channels[".".join(name.split(".")[-2:])] = np.array(channel.pixels, np.float32)
    depth = channels["Depth.Z"]
    seen = depth < NOTHING
    normal = np.stack([channels[f"Normal.{axis}"] for axis in "XYZ"], axis=-1)
    return GeometryView(
        depth=np.where(seen, depth, np.float32(np.inf)),
        normal=np.where(seen[..., None], normal, np.float32(0)),
    )
