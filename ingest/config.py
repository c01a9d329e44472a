"""Settings of the ingest stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingest.archive import ArchiveLimits
from partworks.geometry.limits import LoadLimits

MEGA = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestConfig:
    """Which assets come in, and how they are turned upright.

    Attributes:
        licences: licence ids that may come in, such as CC0-1.0 and CC-BY-4.0; none means all,
            `unknown` included.
        min_faces: an object with fewer faces is rejected.
        max_faces: an object with more faces is rejected.
        max_nodes: an object with more mesh nodes is rejected.
        max_source_mb: a source file, or an unpacked zip, above this many MiB is rejected.
        max_image_megapixels: an image above this many MiB of pixels is rejected.
        max_archive_entries: a zip with more entries is rejected.
        max_archive_ratio: a zip that unpacks to more than this many times its size is rejected.
        min_resolution: an object whose longest side spans fewer float32 steps than this, at the
            place where it lies, is rejected: it lost its shape before it came here.
        require_texture: reject an object without any image or vertex colours.
        up_axis: the axis that points up in formats that do not say so: OBJ, PLY, STL and OFF. A
            glTF is y up by its specification.
    """

    licences: tuple[str, ...] = ()
    min_faces: int = 4
    max_faces: int = 1_000_000
    max_nodes: int = 20_000
    max_source_mb: int = 1024
    max_image_megapixels: int = 64
    max_archive_entries: int = 4096
    max_archive_ratio: float = 200.0
    min_resolution: int = 1024
    require_texture: bool = False
    up_axis: Literal["y", "z"] = "y"

    def __post_init__(self) -> None:
        for name in (
            "min_faces", "max_nodes", "max_source_mb", "max_image_megapixels",
            "max_archive_entries", "max_archive_ratio",
        ):  # fmt: skip
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected at least 1")
        if self.max_faces < self.min_faces:
            raise ValueError(f"max_faces is {self.max_faces}, below min_faces {self.min_faces}")
        if self.min_resolution < 0:
            raise ValueError(f"min_resolution is {self.min_resolution}, expected at least 0")
        if self.up_axis not in ("y", "z"):
            raise ValueError(f"up_axis is {self.up_axis!r}, expected 'y' or 'z'")

    @property
    def load_limits(self) -> LoadLimits:
        """The bounds of `load_mesh`."""
        return LoadLimits(
            max_bytes=self.max_source_mb * MEGA,
            max_faces=self.max_faces,
            max_vertices=3 * self.max_faces,
            max_nodes=self.max_nodes,
            max_image_pixels=self.max_image_megapixels * MEGA,
            max_total_pixels=8 * self.max_image_megapixels * MEGA,
        )

    @property
    def archive_limits(self) -> ArchiveLimits:
        """The bounds of `open_archive`."""
        return ArchiveLimits(
            max_entries=self.max_archive_entries,
            max_bytes=self.max_source_mb * MEGA,
            max_ratio=self.max_archive_ratio,
        )
