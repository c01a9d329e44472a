import numpy as np
import pytest

from segment import evidence
from segment.counts import MaskCounts
from segment.evidence import RELIABLE, joint_evidence
from tests.segment.painted import flat_counts

ALL_PAIRS = np.asarray([[0, 1], [0, 2], [1, 2]])


def row(*faces: tuple[int, int]) -> list[int]:
    return [face for face, length in faces for _ in range(length)]


def test_masks_that_hold_both_speak_for_and_those_that_hold_one_against() -> None:
    image = row((0, 16), (1, 16), (2, 16))
    counts = flat_counts([image], [["#" * 32 + "." * 16, "." * 32 + "#" * 16]])
    # Each face has 16 pixels, which count half, so a pair counts a quarter.
    assert RELIABLE == 16
    assert np.allclose(joint_evidence(ALL_PAIRS, counts), [[0.25, 0], [0, 0.5], [0, 0.5]])


def test_a_view_that_sees_only_one_says_nothing() -> None:
    counts = flat_counts([row((0, 16)), row((1, 16))], [["#" * 16], ["#" * 16]])
    assert joint_evidence(np.asarray([[0, 1]]), counts).tolist() == [[0, 0]]


def test_agrees_with_a_plain_loop() -> None:
    random = np.random.default_rng(0)
    images = [random.integers(0, 6, 60).tolist() for _ in range(3)]
    masks = [["".join(random.choice(list(".#"), 60)) for _ in range(4)] for _ in range(3)]
    counts = flat_counts(images, masks)
    counts = MaskCounts(
        seen=counts.seen,
        under=counts.under,
        view=counts.view,
        score=random.random(12).astype(np.float32),
    )
    pairs = np.asarray([[a, b] for a in range(6) for b in range(a)])
    shares, trust = counts.shares().toarray(), counts.seen / (counts.seen + RELIABLE)
    for (left, right), found in zip(pairs, joint_evidence(pairs, counts), strict=True):
        weight = counts.score * (trust[left] * trust[right])[counts.view]
        both = (weight * shares[left] * shares[right]).sum()
        one = (weight * (shares[left] + shares[right] - 2 * shares[left] * shares[right])).sum()
        assert np.allclose(found, [both, one], rtol=1e-5)


def test_regions_pool_their_faces() -> None:
    image = row((0, 8), (1, 24), (2, 16), (3, 16))
    counts = flat_counts([image], [["#" * 32 + "." * 32]])
    regions = np.asarray([0, 0, 1, -1], np.int32)
    found = joint_evidence(np.asarray([[0, 1]]), counts, labels=regions)
    assert np.allclose(found, [[0, 32 / 48 * 0.5]])


def test_pairs_in_chunks_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    image = row((0, 16), (1, 20), (2, 9))
    counts = flat_counts([image], [["#" * 30 + "." * 15]])
    whole = joint_evidence(ALL_PAIRS, counts)
    monkeypatch.setattr(evidence, "CHUNK", 2)
    assert np.array_equal(joint_evidence(ALL_PAIRS, counts), whole)


def test_no_pairs_and_no_masks() -> None:
    counts = flat_counts([row((0, 4), (1, 4))], [[]])
    assert joint_evidence(np.zeros((0, 2), np.int64), counts).shape == (0, 2)
    assert joint_evidence(np.asarray([[0, 1]]), counts).tolist() == [[0, 0]]
