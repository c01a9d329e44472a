"""The proposer that the settings name."""

from __future__ import annotations

from segment.config import SegmentConfig
from segment.proposers.base import Proposer


def make_proposer(config: SegmentConfig) -> Proposer | None:
    """The proposer of `config.method`, with its model loaded; None for `structure`.

    Raises:
        UsageError: the model cannot be loaded as it is configured.
    """
    if config.method == "geometric":
        from segment.proposers.geometric import GeometricProposer

        return GeometricProposer(config.geometric)
    if config.method == "sam2":
        from segment.proposers.sam2 import Sam2Proposer
        from segment.proposers.sam2_model import load_model

        return Sam2Proposer(config.sam2, model=load_model(config.sam2))
    return None
