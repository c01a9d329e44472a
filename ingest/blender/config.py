"""Settings of the formats that Blender reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class BlenderImportConfig:
    """How long and how large a Blender that reads one file may become.

    Attributes:
        deadline_s: seconds for starting Blender, reading one FBX, .blend or USD file and writing it
            as GLB; keep it below the stage's own deadline.
        memory_mb: resident memory in MiB of that Blender, which counts beside the worker's own.
    """

    deadline_s: float = 90.0
    memory_mb: int = 3072

    def __post_init__(self) -> None:
        if self.deadline_s <= 0:
            raise ValueError(f"deadline_s is {self.deadline_s}, expected more than 0")
        if self.memory_mb < 256:
            raise ValueError(f"memory_mb is {self.memory_mb}, expected at least 256")
