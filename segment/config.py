"""Settings of the segment stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from segment.linkage import MaskTrust
from segment.proposers.geometric import GeometricConfig
from segment.proposers.sam2 import Sam2Config
from segment.regularise import RegulariseConfig
from segment.views import ViewConfig

Method = Literal["structure", "geometric", "sam2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentConfig:
    """How an object is over-segmented.

    Attributes:
        method: `structure` cuts where the asset itself does: shells, materials, nodes, creases.
            `geometric` adds masks that it finds in views without a model, `sam2` those of SAM 2.
        max_segments: leaves of the merge tree at the most; the smallest regions are merged before.
        concave_crease: a concave edge sharper than this many degrees always cuts.
        convex_crease: a convex edge sharper than this many degrees always cuts.
        min_region_share: regions below this share of the area join a neighbour on the same shell.
        patches: how many patches a surface with the whole object's area is cut into where it has
            concave places but no crease to cut along; 0 leaves such surfaces whole.
        weld_tolerance: vertices this close are one, as a share of the longest side; 0 welds equal
            positions only.
        soup_tolerance: the tolerance tried where exact welding leaves most faces alone.
        samples: surface points by which nearness of parts that do not touch is judged.
        mask_parting: how far masks are believed, 0 to 1, where they part what is otherwise alike.
        mask_joining: the same where they hold together what the asset itself draws apart.
        views: where masks are looked for.
        geometric: of that method.
        sam2: of that method.
        regularise: how masks become labels of faces.
    """

    method: Method = "structure"
    max_segments: int = 512
    concave_crease: float = 20.0
    convex_crease: float = 40.0
    min_region_share: float = 2e-4
    patches: int = 384
    weld_tolerance: float = 0.0
    soup_tolerance: float = 1e-4
    samples: int = 40_000
    mask_parting: float = 0.25
    mask_joining: float = 0.0
    views: ViewConfig = field(default_factory=ViewConfig)
    geometric: GeometricConfig = field(default_factory=GeometricConfig)
    sam2: Sam2Config = field(default_factory=Sam2Config)
    regularise: RegulariseConfig = field(default_factory=RegulariseConfig)

    def __post_init__(self) -> None:
        if self.method not in get_args(Method):
            known = ", ".join(get_args(Method))
            raise ValueError(f"method must be one of {known}, not {self.method}")
        for name in ("mask_parting", "mask_joining"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], not {getattr(self, name)}")
        if self.max_segments < 1:
            raise ValueError(f"max_segments must be at least 1, not {self.max_segments}")
        for name in ("concave_crease", "convex_crease"):
            if not 0 < getattr(self, name) <= 180:
                raise ValueError(f"{name} must be in (0, 180] degrees, not {getattr(self, name)}")
        for name in ("min_region_share", "weld_tolerance", "soup_tolerance"):
            if not 0 <= getattr(self, name) < 0.5:
                raise ValueError(f"{name} must be in [0, 0.5), not {getattr(self, name)}")
        if self.patches < 0:
            raise ValueError(f"patches must not be negative, not {self.patches}")
        if self.samples < 1000:
            raise ValueError(f"samples must be at least 1000, not {self.samples}")

    @property
    def mask_trust(self) -> MaskTrust:
        """How far masks are believed."""
        return MaskTrust(part=self.mask_parting, join=self.mask_joining)
