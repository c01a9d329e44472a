from __future__ import annotations

from collections import Counter

import pytest

from shards.split import SplitShares, split_of

UIDS = [f"object-{number}" for number in range(5000)]


def test_shares_are_met() -> None:
    shares = SplitShares(val=0.1, test=0.2)
    counts = Counter(split_of(uid, shares) for uid in UIDS)
    assert counts["val"] == pytest.approx(500, abs=80)
    assert counts["test"] == pytest.approx(1000, abs=100)
    assert counts.total() == 5000


def test_a_known_uid_stays_where_it_is() -> None:
    # The first digits of their sha256sum are ca, 3e, 18 and 0d; another rule would move published
    # objects between splits.
    shares = SplitShares(val=0.25, test=0.15)
    splits = {uid: split_of(uid, shares) for uid in ("a", "b", "d", "table")}
    assert splits == {"a": "train", "b": "val", "d": "test", "table": "test"}


def test_a_larger_test_share_takes_from_val_not_the_other_way_round() -> None:
    small, large = SplitShares(val=0.1, test=0.1), SplitShares(val=0.1, test=0.15)
    before = {uid for uid in UIDS if split_of(uid, small) == "test"}
    after = {uid for uid in UIDS if split_of(uid, large) == "test"}
    assert before < after
    assert {split_of(uid, small) for uid in after - before} == {"val"}


def test_no_shares_means_all_train() -> None:
    assert {split_of(uid, SplitShares(val=0, test=0)) for uid in UIDS} == {"train"}


@pytest.mark.parametrize(("val", "test"), [(-0.1, 0.1), (0.6, 0.5)])
def test_impossible_shares_are_refused(val: float, test: float) -> None:
    with pytest.raises(ValueError, match="at most 1"):
        SplitShares(val=val, test=test)
