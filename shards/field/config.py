"""What a user may set about signed distances."""

from __future__ import annotations

from dataclasses import dataclass

MAX_POINTS = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldConfig:
    """Where distances are sampled, for each part and for the object (AutoPartGen, section 4.1).

    Lengths are shares of a part's scale (half of its box's longest side); of 1 for the object.

    Attributes:
        surface_points: even points on the surface, with normals; their distance is 0.
        near_points: even points on the surface, moved by normal noise.
        volume_points: uniform points in a cube around the part.
        sigmas: standard deviations of the noise, each for an equal share of the near points.
        extent: half the side of that cube.
        truncation: distances are clipped to ± this.
    """

    surface_points: int = 8192
    near_points: int = 8192
    volume_points: int = 8192
    sigmas: tuple[float, ...] = (0.02, 0.005)
    extent: float = 1.05
    truncation: float = 0.1

    def __post_init__(self) -> None:
        for setting in ("surface_points", "near_points", "volume_points"):
            value = getattr(self, setting)
            if not 0 <= value <= MAX_POINTS:
                raise ValueError(f"shards.field.{setting} is {value}, expected 0 to {MAX_POINTS}")
        if not self.sigmas or min(self.sigmas) <= 0:
            raise ValueError(
                f"shards.field.sigmas is {self.sigmas}, expected one or more numbers above 0"
            )
        for setting in ("extent", "truncation"):
            value = getattr(self, setting)
            if not value > 0:
                raise ValueError(f"shards.field.{setting} is {value}, expected more than 0")

    @property
    def wanted(self) -> bool:
        """Whether any point is sampled at all."""
        return self.surface_points + self.near_points + self.volume_points > 0
