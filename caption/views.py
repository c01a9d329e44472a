"""The pictures in a renders zip that a captioner looks at, each decoded once."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.renders import OBJECT, Renders, part_folder

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]

KEPT = 64
"""Decoded pictures that are kept."""

BLANK = 16
"""Pixels below which a picture of a part shows nothing."""


class Views:
    """Views of one object and of its parts alone.

    Args:
        renders: of the object; any rig, any backend.
    """

    def __init__(self, renders: Renders) -> None:
        self.renders = renders
        self._color = lru_cache(KEPT)(self._read_color)
        self._parts = lru_cache(KEPT)(self._read_parts)
        self._directions = lru_cache(KEPT)(self._read_directions)

    def color(self, folder: str, view: int) -> Picture:
        """(H, W, 4) uint8 sRGB with straight alpha."""
        return self._color(folder, view)

    def part_mask(self, view: int, part: int) -> Mask | None:
        """(H, W) bool: where an object view shows a part; None if no part pass was rendered."""
        image = self._parts(view)
        return None if image is None else image == part

    def directions(self, folder: str) -> NDArray[np.float64]:
        """(V, 3) float64 unit vectors from the target to the cameras, in the object's axes."""
        return self._directions(folder)

    def alone(self, part: int, *, towards: int) -> tuple[str, int] | None:
        """Folder and number of the view of a part alone that is nearest to an object view.

        Views with flaws come last; one that shows nothing is never taken. None if there is none.

        Args:
            part: its number.
            towards: the object view, or -1 for the one nearest to the front, from above.
        """
        for folder in self._folders_of(part):
            for view in self._by_direction(folder, towards):
                if (self.color(folder, view)[..., 3] > 0).sum() >= BLANK:
                    return folder, view
        return None

    def _folders_of(self, part: int) -> list[str]:
        """The folder of the part first, then those of its further rigs."""
        plain = part_folder(part)
        return [name for name in self.renders.folders if f"{name}_".startswith(f"{plain}_")]

    def _by_direction(self, folder: str, towards: int) -> list[int]:
        wanted = self.directions(OBJECT)[towards] if towards >= 0 else FRONT
        cosine = np.round(self.directions(folder) @ wanted, 6)
        sound = np.isin(np.arange(len(cosine)), self.renders.sound_views(folder))
        order: list[int] = np.lexsort((-cosine, ~sound)).tolist()
        return order

    def _read_color(self, folder: str, view: int) -> Picture:
        picture: Picture = self.renders.image(folder, view)
        return picture

    def _read_parts(self, view: int) -> NDArray[np.int32] | None:
        try:
            image: NDArray[np.int32] = self.renders.image(OBJECT, view, "part")
        except KeyError:
            return None
        return image

    def _read_directions(self, folder: str) -> NDArray[np.float64]:
        frames = self.renders.transforms(folder)["frames"]
        matrices = np.array([frame["transform_matrix"] for frame in frames], np.float64)
        # A camera looks along its -z; rounded, because transforms come from any processor.
        return np.round(matrices[:, :3, 2], 6)


FRONT = np.array([0.25, 0.45, 0.86])
"""From the front, a little from above and from the side: where an object shows most."""
