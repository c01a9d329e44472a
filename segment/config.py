"""Settings of the segment stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from segment.linkage import DEFAULT_HEIGHT, Weights
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
        symmetry: whether both sides of a plane of symmetry are treated alike.
        default_height: where the tree is cut unless somebody moves the slider, in [0, 1]: what is
            more likely than this to be different parts stays apart.
        diameter_points: surface points at which the thickness of the solid is measured.
        diameter_rays: from each of them.
        material_weight: how much is made of another material on the other side; 1 is as fitted.
        node_weight: how sure it is, 0 to 1, that different source nodes are different parts.
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
    symmetry: bool = True
    default_height: float = DEFAULT_HEIGHT
    diameter_points: int = 8000
    diameter_rays: int = 16
    material_weight: float = 1.0
    node_weight: float = 0.75
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
        for name in ("mask_parting", "mask_joining", "node_weight", "default_height"):
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
        if self.material_weight < 0:
            raise ValueError(f"material_weight must not be negative, not {self.material_weight}")
        if self.diameter_points < 1 or self.diameter_rays < 1:
            raise ValueError("diameter_points and diameter_rays must be at least 1")
        if self.patches < 0:
            raise ValueError(f"patches must not be negative, not {self.patches}")
        if self.samples < 1000:
            raise ValueError(f"samples must be at least 1000, not {self.samples}")

    @property
    def weights(self) -> Weights:
        """How much is made of nodes, materials and masks."""
        return Weights(
            material=self.material_weight,
            node=self.node_weight,
            mask_parting=self.mask_parting,
            mask_joining=self.mask_joining,
        )
