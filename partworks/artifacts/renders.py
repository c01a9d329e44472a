"""The renders of one object: a stored zip with a folder for the object and one per part.

Members:

- `object/000.png` … colour views, RGBA 8 bit, straight alpha; `part_00/000.png` … of each part.
- `object/000.part.png`: part index + 1 as 16-bit grey, 0 = background or a dropped face.
- `object/000.depth.png`: planar depth as 16-bit grey; `depth_scale` of `transforms.json` times the
  stored value is the depth in units of the object frame, 0 = background.
- `object/000.normal.png`: world normals, RGB = (n + 1) / 2.
- `FOLDER/transforms.json`: cameras as NeRF tools read them, and `center`, `scale` of a part.
- `overlap.json`: what of each part is seen in each object view (`PartOverlap`).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOverlap:
    """Where one part is seen in the object's views.

    Attributes:
        pixels: visible pixels of the part in each object view.
        best_view: the view with the most of them, -1 if the part is never visible.
        box: (x0, y0, x1, y1) in pixels of that view, upper bounds exclusive; all -1 if it is
            never visible.
    """

    pixels: tuple[int, ...]
    best_view: int
    box: tuple[int, int, int, int]


def part_folder(index: int) -> str:
    """The zip folder of part `index`."""
    return f"part_{index:02d}"


def view_name(folder: str, view: int, *, channel: str = "") -> str:
    """The member that holds a view: `object/003.png`, or `object/003.depth.png`."""
    return f"{folder}/{view:03d}{'.' + channel if channel else ''}.png"


def pack(members: Mapping[str, bytes], *, overlap: tuple[PartOverlap, ...], backend: str) -> bytes:
    """Make the zip: stored, sorted by name, without times, so equal input gives equal bytes."""
    table = {"backend": backend, "parts": [asdict(part) for part in overlap]}
    everything = {**members, "overlap.json": json.dumps(table, sort_keys=True).encode()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(everything):
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = 0o644 << 16
            archive.writestr(info, everything[name])
    return buffer.getvalue()


class Renders:
    """Reads a renders zip."""

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self.names = self._archive.namelist()
        table = json.loads(self._archive.read("overlap.json"))
        self.backend: str = table["backend"]
        self.overlap = tuple(
            PartOverlap(
                pixels=tuple(part["pixels"]), best_view=part["best_view"], box=tuple(part["box"])
            )
            for part in table["parts"]
        )

    def read(self, name: str) -> bytes:
        """The bytes of one member."""
        return self._archive.read(name)

    def transforms(self, folder: str) -> dict[str, Any]:
        """The cameras of `object` or of a part's folder."""
        loaded: dict[str, Any] = json.loads(self._archive.read(f"{folder}/transforms.json"))
        return loaded

    def views(self, folder: str) -> list[str]:
        """The colour views of a folder, in order."""
        return [frame["file_path"] for frame in self.transforms(folder)["frames"]]
