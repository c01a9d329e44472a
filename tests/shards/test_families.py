from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.samples import SAMPLES
from shards.families import TOLERANCE, FamilyFacts, creator_key, families, name_stem


def shapes(**shape: tuple[float, ...]) -> list[FamilyFacts]:
    return [FamilyFacts(uid=uid, shape=each) for uid, each in shape.items()]


def test_copies_join_and_others_do_not() -> None:
    near, far = 0.5 + 0.5 * TOLERANCE, 0.5 + 2 * TOLERANCE
    records = shapes(c=(0.5, 0.5), b=(0.5, near), d=(0.5, far), a=(0.9, 0.1))
    assert families(records) == ["b", "b", "d", "a"]


def test_every_number_must_be_near() -> None:
    base = np.linspace(0.1, 0.9, 18)
    for axis in range(18):
        moved = base.copy()
        moved[axis] += 1.5 * TOLERANCE
        records = shapes(a=tuple(base), b=tuple(moved))
        assert families(records) == ["a", "b"], f"number {axis}"


def test_no_shape_joins_nothing() -> None:
    assert families(shapes(a=(), b=())) == ["a", "b"]
    assert families(shapes(a=(0.5,), b=(0.5, 0.5))) == ["a", "b"], "of another version"
    assert families([]) == []


def test_kin_of_kin_is_kin() -> None:
    records = [
        FamilyFacts(uid="d", shape=(0.1,), creator="Ann", name="Chair 1"),
        FamilyFacts(uid="b", shape=(0.9,), creator="ann", name="chair_02 (red)"),
        FamilyFacts(uid="c", shape=(0.9,), creator="Bob", name="stool"),
        FamilyFacts(uid="a", shape=(0.5,), creator="Bob", name="bench"),
    ]
    assert families(records) == ["b", "b", "b", "a"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("", "chair 1"), ("", "chair 2")),
        (("unknown", "chair 1"), ("Unknown", "chair 2")),
        (("N/A", "chair"), ("n/a", "chair")),
        (("Ann", ""), ("Ann", "")),
        (("Ann", "untitled"), ("Ann", "Untitled.001")),
        (("Ann", "Object_1"), ("Ann", "Object_2")),
        (("Ann", "12"), ("Ann", "13")),
        (("Ann", "red"), ("Ann", "red 2")),
        (("Ann", "chair"), ("Bob", "chair")),
        (("Ann", "car door"), ("Ann", "car")),
        (("Ann", "red house"), ("Ann", "white house")),
    ],
)
def test_what_says_nothing_joins_nothing(one: tuple[str, str], other: tuple[str, str]) -> None:
    records = [
        FamilyFacts(uid="a", creator=one[0], name=one[1]),
        FamilyFacts(uid="b", creator=other[0], name=other[1]),
    ]
    assert families(records) == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Chair", "chair"),
        ("chair 2", "chair"),
        ("Chair_v3", "chair"),
        ("OfficeChair 002 dark blue", "office chair"),
        ("office-chair (remake)", "office chair"),
        ("chair.red.glb", "chair"),
        ("椅子 2", "椅子"),
        ("v2", ""),
        ("Blue", ""),
        ("../../x", ""),
    ],
)
def test_the_stem_of_a_name(name: str, stem: str) -> None:
    assert name_stem(name) == stem


def test_the_spelling_of_a_creator() -> None:
    assert creator_key("  Ann  Bee ") == creator_key("ANN BEE") == "ann bee"
    assert creator_key("(unknown)") == creator_key("?") == ""


def test_generated_objects_are_no_series() -> None:
    """They share their creator; were their names to join, the demo had one split."""
    records = [
        FamilyFacts(uid=name, creator="Partworks contributors", name=name) for name in SAMPLES
    ]
    assert len(set(families(records))) == len(SAMPLES)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_the_order_does_not_matter(data: st.DataObject) -> None:
    places = st.integers(0, 6).map(lambda step: (0.5 + step * TOLERANCE * 0.7,))
    facts = st.tuples(
        places, st.sampled_from(["", "Ann"]), st.sampled_from(["car 1", "car 2", "x"])
    )
    drawn = data.draw(st.lists(facts, min_size=1, max_size=12))
    records = [
        FamilyFacts(uid=f"{number:02d}", shape=shape, creator=creator, name=name)
        for number, (shape, creator, name) in enumerate(drawn)
    ]
    found = dict(zip([each.uid for each in records], families(records), strict=True))
    shuffled = data.draw(st.permutations(records))
    again = dict(zip([each.uid for each in shuffled], families(shuffled), strict=True))
    assert found == again
    for family in set(found.values()):
        assert family == min(uid for uid, each in found.items() if each == family)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 40), st.integers(1, 8))
def test_the_search_misses_no_pair(seed: int, count: int, dimensions: int) -> None:
    """Against comparing all with all, on a grid, where rounding has no say."""
    generator = np.random.default_rng(seed)
    steps = generator.integers(0, 3, (count, dimensions)) * 3
    records = [
        FamilyFacts(uid=f"{number:02d}", shape=tuple(row))
        for number, row in enumerate((steps * TOLERANCE / 4).tolist())
    ]
    parent = list(range(count))
    for _ in range(count):
        for one in range(count):
            for other in range(count):
                if np.abs(steps[one] - steps[other]).max() <= 4:
                    parent[one] = min(parent[one], parent[other])
    assert families(records) == [f"{root:02d}" for root in parent]


def test_many_copies_and_many_others() -> None:
    """Pairs of 20,000 copies would be 200 million; of 20,000 others none is to be compared."""
    generator = np.random.default_rng(0)
    copies = 0.5 + 1e-6 * generator.standard_normal((20_000, 18))
    others = generator.uniform(0, 1, (20_000, 18))
    records = [
        FamilyFacts(uid=f"{number:06d}", shape=tuple(row))
        for number, row in enumerate(np.concatenate([copies, others]).tolist())
    ]
    found = families(records)
    assert set(found[:20_000]) == {"000000"}
    assert len(set(found[20_000:])) == 20_000
