"""Settings of the ingest stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ingest.archive import ArchiveLimits
from ingest.blender.config import BlenderImportConfig
from ingest.fetch.config import FetchConfig
from ingest.judge.config import JudgeConfig
from ingest.licences import PERMISSIVE, UnknownRule
from partworks.geometry.limits import LoadLimits

MEGA = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestConfig:
    """Which assets come in, and how they are turned upright.

    Attributes:
        fetch: how patiently the network is asked.
        licences: SPDX ids that may come in; one without a version, such as CC-BY, stands for all
            its versions. None means all, `unknown` included.
        unknown_licence: whether an asset without a clear licence comes in: `keep`, `reject`, or
            `auto`, which keeps it unless its source states licences for the others.
        judge: the rules about objects that could be read.
        max_faces: an object with more faces is not decoded.
        max_nodes: an object with more mesh nodes is not decoded.
        max_source_mb: a source file, or an unpacked zip, above this many MiB is rejected.
        max_image_megapixels: an image above this many MiB of pixels is rejected.
        max_archive_entries: a zip with more entries is rejected.
        max_archive_ratio: a zip that unpacks to more than this many times its size is rejected.
        up_axis: the axis that points up in formats that do not say so: OBJ, PLY, STL and OFF. A
            glTF is y up by its specification.
        blender: limits of the Blender that reads FBX, .blend and USD.
    """

    fetch: FetchConfig = field(default_factory=FetchConfig, metadata={"affects_output": False})
    licences: tuple[str, ...] = field(default=PERMISSIVE, metadata={"affects_output": False})
    unknown_licence: UnknownRule = field(default="auto", metadata={"affects_output": False})
    judge: JudgeConfig = field(default_factory=JudgeConfig)
    max_faces: int = 1_000_000
    max_nodes: int = 20_000
    max_source_mb: int = 1024
    max_image_megapixels: int = 64
    max_archive_entries: int = 4096
    max_archive_ratio: float = 200.0
    up_axis: Literal["y", "z"] = "y"
    blender: BlenderImportConfig = field(
        default_factory=BlenderImportConfig, metadata={"affects_output": False}
    )

    def __post_init__(self) -> None:
        for name in (
            "max_faces", "max_nodes", "max_source_mb", "max_image_megapixels",
            "max_archive_entries", "max_archive_ratio",
        ):  # fmt: skip
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected at least 1")
        if self.unknown_licence not in ("auto", "keep", "reject"):
            raise ValueError(
                f"unknown_licence is {self.unknown_licence!r}, expected 'auto', 'keep' or 'reject'"
            )
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
