"""The renders of one object: a stored zip with folders for the object and for each part.

A folder is `object`, or `part_00` for part 0; a second rig of the same target adds its name:
`object_cond`, `part_00_visible`. In each:

- `000.png` … or `000.webp` …: colour views, RGBA 8 bit, straight alpha.
- `000.<pass>.<extension>`: passes; see `partworks.artifacts.view_images`.
- `grid.png`, `grid.<pass>.png`: all views of a kind in one picture, where a rig has grids.
- `transforms.json`: cameras as NeRF tools read them, in the folder's own frame, with the `center`
  and `scale` of that; each frame gives the path of its picture and of each of its passes
  (`file_path`, `depth_file_path`); `depth_scale` is the depth of one step of a 16-bit grey.

At the top `overlap.json` says what of each part is seen in each view of `object` (`PartOverlap`),
and `checks.json` what was measured in every colour view (`ViewCheck`).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from numpy.typing import NDArray

from partworks.artifacts.view_images import decode_view

OBJECT = "object"
"""The folder of the first rig, in whose views overlap is measured."""

EPOCH = (1980, 1, 1, 0, 0, 0)
_TRANSFORMS = "/transforms.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOverlap:
    """Where one part is seen in the object's views.

    Attributes:
        pixels: visible pixels of the part in each object view.
        shares: the same over the object's visible pixels in that view.
        best_view: the sound view with the most of them, -1 if the part is visible in none.
        box: (x0, y0, x1, y1) in pixels of that view, upper bounds exclusive; all -1 if there is
            no such view.
    """

    pixels: tuple[int, ...]
    shares: tuple[float, ...]
    best_view: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewCheck:
    """What was measured in one colour view.

    Attributes:
        coverage: share of pixels that show anything.
        border: share of the outermost pixels that show anything.
        spread: the largest difference between its pixels in one channel, 0 to 255.
        magenta: share of what is shown that has the colour of a missing texture without reason.
        brightness: mean of what is shown, 0 to 255.
        flaws: why the view is not fit for captions or training; empty if it is.
    """

    coverage: float
    border: float
    spread: float
    magenta: float
    brightness: float
    flaws: tuple[str, ...]


def part_folder(index: int) -> str:
    """The zip folder of part `index`."""
    return f"part_{index:02d}"


def view_name(folder: str, view: int, *, channel: str = "", extension: str = "png") -> str:
    """The member that holds a view: `object/003.png`, or `object/003.depth.exr`."""
    return _name(folder, f"{view:03d}", channel, extension)


def grid_name(folder: str, *, channel: str = "", extension: str = "png") -> str:
    """The member that holds all views of a folder: `object/grid.png`, `object/grid.mask.png`."""
    return _name(folder, "grid", channel, extension)


def _name(folder: str, stem: str, channel: str, extension: str) -> str:
    return f"{folder}/{'.'.join(filter(None, (stem, channel, extension)))}"


def pack(
    members: Mapping[str, bytes],
    *,
    overlap: Sequence[PartOverlap],
    checks: Mapping[str, Sequence[ViewCheck]],
    backend: str,
) -> bytes:
    """Make the zip: stored, sorted by name, without times, so equal input gives equal bytes.

    Args:
        members: name -> bytes of pictures and cameras.
        overlap: of each part.
        checks: folder -> the verdict on each of its colour views.
        backend: what took the colour views.
    """
    tables = {
        "overlap.json": {"backend": backend, "parts": [asdict(part) for part in overlap]},
        "checks.json": {name: [asdict(view) for view in views] for name, views in checks.items()},
    }
    texts = {name: json.dumps(table, sort_keys=True).encode() for name, table in tables.items()}
    everything = {**members, **texts}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(everything):
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = 0o644 << 16
            archive.writestr(info, everything[name])
    return buffer.getvalue()


class Renders:
    """Reads a renders zip.

    Attributes:
        names: of all members.
        backend: what took the colour views.
        overlap: of each part.

    Raises:
        zipfile.BadZipFile: the bytes are no zip.
        ValueError: it is no renders zip, or one of an older version.
    """

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self.names = self._archive.namelist()
        try:
            table = json.loads(self.read("overlap.json"))
            checks = json.loads(self.read("checks.json"))
            self.backend: str = table["backend"]
            self.overlap = tuple(PartOverlap(**_tuples(part)) for part in table["parts"])
            self._checks = {
                name: tuple(ViewCheck(**_tuples(view)) for view in views)
                for name, views in checks.items()
            }
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"expected renders with overlap.json and checks.json as this version writes them, "
                f"found otherwise ({error}); run the render stage again"
            ) from error

    @property
    def folders(self) -> list[str]:
        """The folders of all rigs, sorted."""
        tables = [name for name in self.names if name.endswith(_TRANSFORMS)]
        return sorted(name.removesuffix(_TRANSFORMS) for name in tables)

    def read(self, name: str) -> bytes:
        """The bytes of one member.

        Raises:
            KeyError: there is none of this name.
            ValueError: it is compressed, and so might be of any size.
        """
        info = self._archive.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f"{name} is compressed; members of a renders zip are only stored")
        return self._archive.read(info)

    def transforms(self, folder: str) -> dict[str, Any]:
        """The cameras of a folder."""
        loaded: dict[str, Any] = json.loads(self.read(folder + _TRANSFORMS))
        return loaded

    def views(self, folder: str) -> list[str]:
        """The members that hold the colour views of a folder, in order."""
        return [frame["file_path"] for frame in self.transforms(folder)["frames"]]

    def checks(self, folder: str) -> tuple[ViewCheck, ...]:
        """The verdict on each colour view of a folder; none if it was not rendered."""
        return self._checks.get(folder, ())

    def sound_views(self, folder: str) -> list[int]:
        """The numbers of the colour views that have no flaw."""
        return [view for view, check in enumerate(self.checks(folder)) if not check.flaws]

    def image(self, folder: str, view: int, channel: str = "") -> NDArray[Any]:
        """A colour view, or one of its passes, as an array; see `view_images.decode_view`.

        Raises:
            KeyError: the view has no such pass.
            ValueError: the picture is damaged, or larger than a view can be.
        """
        table = self.transforms(folder)
        path = table["frames"][view][f"{channel}_file_path" if channel else "file_path"]
        try:
            return decode_view(self.read(path), channel, depth_scale=table.get("depth_scale"))
        except ValueError as error:
            raise ValueError(f"{path} cannot be read: {error}") from error


def _tuples(table: Mapping[str, Any]) -> dict[str, Any]:
    """JSON's lists as the tuples that they were."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in table.items()
    }
