from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shards.split import SPLITS, SplitShares, assign_splits, leaks, split_of

UIDS = [f"object-{number}" for number in range(5000)]
HALF = SplitShares(val=0.25, test=0.25)
uids = st.sampled_from("abcdefgh")


def test_shares_are_met() -> None:
    shares = SplitShares(val=0.1, test=0.2)
    counts = Counter(split_of(uid, shares) for uid in UIDS)
    assert counts["val"] == pytest.approx(500, abs=80)
    assert counts["test"] == pytest.approx(1000, abs=100)
    assert counts.total() == 5000


def test_a_known_family_stays_where_it_is() -> None:
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


@given(st.dictionaries(uids, uids))
def test_from_nothing_a_family_is_in_one_split(families: dict[str, str]) -> None:
    splits = assign_splits(families, earlier={}, shares=HALF)
    assert splits == {uid: split_of(family, HALF) for uid, family in families.items()}
    assert leaks(families, splits) == {}


@given(st.dictionaries(uids, uids), st.dictionaries(uids, st.sampled_from(SPLITS)))
def test_earlier_splits_stand(families: dict[str, str], earlier: dict[str, str]) -> None:
    splits = assign_splits(families, earlier=earlier, shares=HALF)
    assert splits.keys() == families.keys()
    for uid, split in splits.items():
        kin = {earlier[each] for each in earlier if families.get(each) == families[uid]}
        if uid in earlier:
            assert split == earlier[uid]
        elif kin:
            assert split == max(kin, key=SPLITS.index), "the split that is held out most"
        else:
            assert split == split_of(families[uid], HALF)


@given(st.dictionaries(uids, uids), st.dictionaries(uids, st.sampled_from(SPLITS)))
def test_an_assignment_repeats_itself(families: dict[str, str], earlier: dict[str, str]) -> None:
    splits = assign_splits(families, earlier=earlier, shares=HALF)
    assert assign_splits(families, earlier=splits, shares=HALF) == splits


def test_leaks_are_told() -> None:
    families = {"a": "a", "b": "a", "c": "c", "d": "c"}
    splits = {"a": "test", "b": "train", "c": "val", "d": "val"}
    assert leaks(families, splits) == {"a": ("train", "test")}
