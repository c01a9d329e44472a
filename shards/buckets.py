"""Which shard of its split a sample is in: linear hashing.

Source: W. Litwin, "Linear hashing: a new tool for file and table addressing" (VLDB 1980). With n
buckets a key is at its hash modulo the power of two above n, or, where there is no such bucket yet,
modulo the power of two below. One bucket more takes keys from one bucket only, so data can grow
without the other shards changing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


def uid_hashes(uids: Sequence[str]) -> Hashes:
    """(N,) uint64: a hash of each uid, from other bits than those that draw the splits."""
    return np.array(
        [int.from_bytes(hashlib.sha256(uid.encode()).digest()[8:16], "big") for uid in uids],
        np.uint64,
    )


def bucket_of(hashes: Hashes, count: int) -> NDArray[np.int64]:
    """(N,) int64: the bucket, 0…count-1, of each hash."""
    span = 1 << count.bit_length()
    high = (hashes & np.uint64(span - 1)).astype(np.int64)
    return np.where(high < count, high, high & (span // 2 - 1))


def bucket_count(hashes: Hashes, *, total: int, target: int) -> int:
    """How many buckets `total` bytes take: at most `target` each on average, and none is empty.

    A bucket that has not been split yet is twice as large as one that has, so some hold up to
    twice the average and a little more. Where samples are so large that a bucket holds a few of
    them, chance would leave buckets empty; then there are fewer and they are larger. The count
    never falls when samples are added.
    """
    wanted = min(ceil(total / target), len(hashes))
    # A bucket that is split has both halves occupied only if it was: if no bucket of n is empty,
    # none of n - 1 is. So the largest such n is found by halving.
    low, high = 1, max(1, wanted)
    while low < high:
        middle = (low + high + 1) // 2
        if len(np.unique(bucket_of(hashes, middle))) == middle:
            low = middle
        else:
            high = middle - 1
    return low
