"""Which split an object belongs to: by its uid alone, so that it stays when data grows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

SPLITS = ("train", "val", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitShares:
    """Shares of the objects held out; the rest is `train`."""

    val: float
    test: float

    def __post_init__(self) -> None:
        if self.val < 0 or self.test < 0 or self.val + self.test > 1:
            raise ValueError(
                f"shards.val_share {self.val} and shards.test_share {self.test} must not be "
                "negative, and their sum at most 1"
            )


def split_of(uid: str, shares: SplitShares) -> str:
    """`train`, `val` or `test`.

    The first 64 bits of the uid's SHA-256 are a number in [0, 1): `test` lies at its lower end and
    `val` next to it, so that enlarging `test` never moves a test object into training.
    """
    head = hashlib.sha256(uid.encode()).digest()[:8]
    place = int.from_bytes(head, "big") / 2**64
    if place < shares.test:
        return "test"
    return "val" if place < shares.test + shares.val else "train"
