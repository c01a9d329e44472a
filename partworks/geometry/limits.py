"""How much of a foreign file is read before it counts as too large."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLimits:
    """Bounds that a file must keep; each is checked before the memory for it is taken.

    Attributes:
        max_bytes: size of the main file and of each side file that it refers to.
        max_faces: triangles of the whole object, instances counted.
        max_vertices: vertices of the whole object, instances counted.
        max_nodes: mesh nodes (node × primitive × instance) and scene graph nodes.
        max_image_pixels: width × height of one image.
        max_total_pixels: width × height summed over the images.
    """

    max_bytes: int = 1 << 30
    max_faces: int = 5_000_000
    max_vertices: int = 10_000_000
    max_nodes: int = 20_000
    max_image_pixels: int = 1 << 26
    max_total_pixels: int = 1 << 29

    def __post_init__(self) -> None:
        for entry in fields(self):
            if getattr(self, entry.name) < 1:
                raise ValueError(f"{entry.name} is {getattr(self, entry.name)}, expected >= 1")
