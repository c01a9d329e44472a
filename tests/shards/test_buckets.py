from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shards.buckets import bucket_count, bucket_of, uid_hashes

uids = st.lists(st.text("abcdef0123456789", min_size=1, max_size=8), unique=True, max_size=60)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=40), st.integers(1, 200))
def test_litwins_rule(hashes: list[int], count: int) -> None:
    """h modulo 2^L, and modulo 2^(L + 1) where that bucket has been split."""
    level = count.bit_length() - 1
    expected = []
    for each in hashes:
        bucket = each % 2**level
        expected.append(each % 2 ** (level + 1) if bucket < count - 2**level else bucket)
    found = bucket_of(np.array(hashes, np.uint64), count)
    assert found.tolist() == expected
    assert all(0 <= bucket < count for bucket in found)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=60), st.integers(1, 100))
def test_one_more_bucket_takes_from_one(hashes: list[int], count: int) -> None:
    array = np.array(hashes, np.uint64)
    before, after = bucket_of(array, count), bucket_of(array, count + 1)
    moved = before != after
    assert set(after[moved]) <= {count}
    split = count - (1 << (count.bit_length() - 1))
    assert set(before[moved]) <= {split}


@given(uids, uids, st.integers(1, 30))
def test_adding_touches_what_it_hits_or_splits(one: list[str], two: list[str], target: int) -> None:
    both = sorted({*one, *two})
    old, new = uid_hashes(one), uid_hashes(both)
    if not one:
        return
    few = bucket_count(old, total=10 * len(one), target=target)
    many = bucket_count(new, total=10 * len(both), target=target)
    assert few <= many
    before = dict(zip(one, bucket_of(old, few).tolist(), strict=True))
    after = dict(zip(both, bucket_of(new, many).tolist(), strict=True))
    hit = {after[uid] for uid in both if uid not in before}
    split = {count - (1 << (count.bit_length() - 1)) for count in range(few, many)}
    for bucket in range(few):
        if bucket not in hit | split:
            was = {uid for uid, each in before.items() if each == bucket}
            assert was == {uid for uid, each in after.items() if each == bucket}


@given(uids.filter(bool), st.integers(1, 2000), st.integers(1, 300))
def test_no_bucket_is_empty_and_no_more_would_do(some: list[str], total: int, target: int) -> None:
    hashes = uid_hashes(some)
    count = bucket_count(hashes, total=total, target=target)
    assert len(np.unique(bucket_of(hashes, count))) == count
    wanted = -(-total // target)
    assert count <= max(1, wanted)
    for more in range(count + 1, min(wanted, len(some)) + 1):
        assert len(np.unique(bucket_of(hashes, more))) < more


def test_buckets_keep_near_the_target() -> None:
    hashes = uid_hashes([f"object-{number}" for number in range(20_000)])
    for target in (100, 150, 190):
        count = bucket_count(hashes, total=20_000, target=target)
        sizes = np.bincount(bucket_of(hashes, count))
        assert count == -(-20_000 // target)
        assert sizes.max() < 2.5 * target


def test_a_known_uid_stays_where_it_is() -> None:
    """Another hash would send every object to another shard."""
    assert uid_hashes(["table"]).tolist() == [0xCCAFB665A8B2FDD9]


def test_buckets_do_not_follow_the_splits() -> None:
    hashes = uid_hashes([f"object-{number}" for number in range(4000)])
    assert np.bincount(bucket_of(hashes, 4)).tolist() == pytest.approx([1000] * 4, abs=120)
