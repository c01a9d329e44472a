"""What the study makes and trains."""

from __future__ import annotations

from dataclasses import dataclass, field

from partworks.errors import UsageError
from train.study.learning import LearningConfig


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """How large the denoisers are.

    Attributes:
        width: channels of a token, in both.
        layers: blocks, in both.
        heads: of attention.
    """

    width: int = 48
    layers: int = 4
    heads: int = 4

    def __post_init__(self) -> None:
        if self.layers < 3:
            raise UsageError(
                f"network.layers is {self.layers}, expected at least 3, to have every kind of"
                " guidance"
            )


@dataclass(frozen=True, kw_only=True)
class StudyConfig:
    """Settings of the study.

    Attributes:
        objects: to train on.
        held_out: to measure with.
        draws: times at which an object's loss is measured.
        seed: of the made objects; held-out ones have the next.
        network: how large the denoisers are.
        learning: how they are trained.
    """

    objects: int = 1024
    held_out: int = 64
    draws: int = 16
    seed: int = 0
    network: NetworkConfig = field(default_factory=NetworkConfig)
    learning: LearningConfig = field(default_factory=LearningConfig)

    def __post_init__(self) -> None:
        if self.objects < self.learning.batch:
            raise UsageError(
                f"objects is {self.objects}, expected at least learning.batch,"
                f" {self.learning.batch}"
            )
        if self.held_out < 2 or self.draws < 1:
            raise UsageError(
                f"held_out is {self.held_out} and draws {self.draws}, expected at least 2 and 1"
            )
