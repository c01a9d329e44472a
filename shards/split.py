"""Which split an object belongs to: by its family, and for good.

Families are drawn by a hash, so that a data set made from nothing depends on its objects alone. An
object that was in a split before stays there: data grows, families with it, and what a model was
trained on must never be what it is tested on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

SPLITS = ("train", "val", "test")
_HELD_OUT_MOST = SPLITS[::-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitShares:
    """Shares of the families held out; the rest is `train`."""

    val: float
    test: float

    def __post_init__(self) -> None:
        if self.val < 0 or self.test < 0 or self.val + self.test > 1:
            raise ValueError(
                f"shards.val_share {self.val} and shards.test_share {self.test} must not be "
                "negative, and their sum at most 1"
            )


def split_of(family: str, shares: SplitShares) -> str:
    """`train`, `val` or `test`: where a family goes of which no member has a split yet.

    The first 64 bits of the SHA-256 of its id are a number in [0, 1): `test` lies at its lower end
    and `val` next to it, so that enlarging `test` never moves a test object into training.
    """
    head = hashlib.sha256(family.encode()).digest()[:8]
    place = int.from_bytes(head, "big") / 2**64
    if place < shares.test:
        return "test"
    return "val" if place < shares.test + shares.val else "train"


def assign_splits(
    families: Mapping[str, str], *, earlier: Mapping[str, str], shares: SplitShares
) -> dict[str, str]:
    """The split of each object.

    An object keeps its earlier split. A new one follows its family; where members of a family are
    in several splits, because something new has joined families that were apart, it goes to the
    one that is held out most.

    Args:
        families: uid -> family.
        earlier: uid -> split as it was last.
    """
    known: dict[str, set[str]] = {}
    for uid, family in families.items():
        if uid in earlier:
            known.setdefault(family, set()).add(earlier[uid])
    following = {
        family: next(split for split in _HELD_OUT_MOST if split in splits)
        for family, splits in known.items()
    }
    return {
        uid: earlier.get(uid) or following.get(family) or split_of(family, shares)
        for uid, family in families.items()
    }


def leaks(families: Mapping[str, str], splits: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Families that lie in several splits, with those splits, held out least first.

    There are none in a data set that was made at once. They arise when a new object turns out to be
    the kin of two families that were in different splits already.
    """
    found: dict[str, set[str]] = {}
    for uid, family in families.items():
        found.setdefault(family, set()).add(splits[uid])
    return {
        family: tuple(sorted(each, key=SPLITS.index))
        for family, each in sorted(found.items())
        if len(each) > 1
    }
