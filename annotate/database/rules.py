"""How the queue behaves; one set of numbers for the whole installation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRules:
    """Numbers that a lead may want to change.

    Attributes:
        lease_seconds: how long a claim lasts without a sign of life.
        gold_share: share of what a reviewer is handed that has a known answer.
        skips: that many skips of a task send it to a lead.
        agree_iou: two accepted opinions with a lower mean matched IoU go to a lead.
        take_back_seconds: how long a reviewer may take back a submission.
    """

    lease_seconds: float = 15 * 60
    gold_share: float = 0.05
    skips: int = 3
    agree_iou: float = 0.9
    take_back_seconds: float = 15 * 60
