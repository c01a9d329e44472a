"""How latents are sampled."""

from __future__ import annotations

from dataclasses import dataclass

from partworks.errors import UsageError


# The parser of settings reads the attributes of a default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class SamplingConfig:
    """Settings of a run; all of them are written beside its results.

    Attributes:
        steps: of DDIM, at the same times for both modalities.
        eta: 0 adds no noise on the way, 1 as much as DDPM.
        geometry_scale: guidance of geometry by texts; 1 is none.
        image_scale: guidance of pictures by texts.
        box_scale: guidance of both by boxes; another scale than 1 costs a third pass in each step.
        align_by_snr: give pictures the times at which they are as noisy as geometry is.
        seed: of all that is random; what a part gets hangs on it, on the names of the layout and of
            the part, and on nothing else.
        slots: parts that are in the network at once; CoPart was trained with up to 8.
        kept: of these, parts that stay where an object has more; 5 to 7 in CoPart.
        batch_branches: parts and wholes, of one object or several, that share a pass. An object is
            never split.
        box_points: points on each box, for the encoder.
    """

    steps: int = 50
    eta: float = 0.0
    geometry_scale: float = 7.5
    image_scale: float = 4.5
    box_scale: float = 1.0
    align_by_snr: bool = False
    seed: int = 0
    slots: int = 8
    kept: int = 5
    batch_branches: int = 36
    box_points: int = 4096

    def __post_init__(self) -> None:
        for name in ("steps", "batch_branches", "box_points"):
            if getattr(self, name) < 1:
                raise UsageError(f"sampling.{name} is {getattr(self, name)}, expected at least 1")
        if not 0 <= self.eta <= 1:
            raise UsageError(f"sampling.eta is {self.eta}, expected 0 to 1")
        if self.seed < 0:
            raise UsageError(f"sampling.seed is {self.seed}, expected 0 or more")
        if self.slots < 2 or not 1 <= self.kept < self.slots:
            raise UsageError(
                f"sampling.kept is {self.kept} of sampling.slots {self.slots}; expected at least 2 "
                "slots, of which 1 or more are kept, but not all"
            )
