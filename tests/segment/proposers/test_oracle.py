import numpy as np
import pytest

from segment.proposers.base import ViewMasks
from segment.proposers.oracle import OracleConfig, OracleProposer
from tests.segment.proposers.made_views import left_half, rendered, wall
from tests.segment.shapes import chair

CLEAN = {"jitter": 0.0, "drop_rate": 0.0, "merge_rate": 0.0, "split_rate": 0.0}
LEFT = left_half()
TWO = wall(face_id=np.where(LEFT, 0, 1).astype(np.int32))


def masks_of_two(seed: int = 0, **spoilt: float) -> ViewMasks:
    config = OracleConfig(**{**CLEAN, **spoilt})  # type: ignore[arg-type]
    proposer = OracleProposer(np.array([5, 8]), config)
    return proposer.propose([TWO], generator=np.random.default_rng(seed))[0]


def groups(masks: ViewMasks) -> set[bytes]:
    return {masks.mask(k).tobytes() for k in range(masks.count)}


def test_without_noise_masks_are_the_parts_or_their_pieces() -> None:
    assert groups(masks_of_two()) == {LEFT.tobytes(), (~LEFT).tobytes()}
    faces = np.where(LEFT, 0, 1).astype(np.int32)
    faces[:, 30:34] = 2
    for connected, sizes in ((True, [64 * 30, 64 * 30]), (False, [2 * 64 * 30])):
        proposer = OracleProposer(np.array([1, 1, -1]), OracleConfig(**CLEAN, connected=connected))
        (found,) = proposer.propose([wall(face_id=faces)], generator=np.random.default_rng(0))
        assert found.sizes.tolist() == sizes


def test_parts_of_a_chair_are_covered_once() -> None:
    whole = chair()
    views = rendered(whole)
    found = OracleProposer(whole.face_node, OracleConfig(**CLEAN, min_share=0)).propose(
        views, generator=np.random.default_rng(0)
    )
    for view, masks in zip(views, found, strict=True):
        assert np.array_equal(np.sort(masks.pixels), np.flatnonzero(view.hit))
        parts = whole.face_node[view.face_id.reshape(-1)[masks.pixels]]
        for k in range(masks.count):
            assert len(np.unique(parts[masks.starts[k] : masks.starts[k + 1]])) == 1


def test_drop_merge_and_split() -> None:
    assert masks_of_two(drop_rate=1.0).count == 0
    assert [int(s) for s in masks_of_two(merge_rate=1.0).sizes] == [64 * 64, 64 * 64]
    split = masks_of_two(split_rate=1.0)
    assert split.count == 4
    assert split.pixels.size == 64 * 64 == np.unique(split.pixels).size


def test_rates_are_kept_on_the_whole() -> None:
    counts = [masks_of_two(seed, drop_rate=0.3).count for seed in range(100)]
    assert 0.6 < np.mean(counts) / 2 < 0.8


def test_jitter_moves_borders_a_little() -> None:
    swayed = masks_of_two(jitter=32.0)  # two pixels at 64
    assert swayed.count == 2 and np.unique(swayed.pixels).size == swayed.pixels.size == 64 * 64
    left = next(m for m in map(swayed.mask, range(2)) if m[0, 0])
    wrong = (left != LEFT).any(axis=0)
    assert wrong.any() and not wrong[:20].any() and not wrong[44:].any()
    assert 0.005 < (left != LEFT).mean() < 0.08


def test_coarse_levels_hold_neighbours_together() -> None:
    faces = np.repeat(np.arange(4), 16)[None].repeat(64, axis=0).astype(np.int32)
    proposer = OracleProposer(np.arange(4), OracleConfig(**CLEAN, coarse_levels=2))
    masks = proposer.propose([wall(face_id=faces)], generator=np.random.default_rng(3))[0]
    quarter = 64 * 16
    sizes = sorted(masks.sizes.tolist())
    assert sizes[:4] == [quarter] * 4 and sizes[-1] >= 3 * quarter
    for k in range(masks.count):
        columns = np.flatnonzero(masks.mask(k)[0])
        assert columns[-1] - columns[0] + 1 == len(columns)


def test_seeded() -> None:
    noise = {"jitter": 32.0, "drop_rate": 0.3, "split_rate": 0.5}
    first, again, other = (masks_of_two(seed, **noise) for seed in (1, 1, 2))
    assert first.pixels.tobytes() == again.pixels.tobytes()
    assert first.score.tobytes() == again.score.tobytes()
    assert first.pixels.tobytes() != other.pixels.tobytes()


def test_labels_of_another_mesh_are_refused() -> None:
    proposer = OracleProposer(np.zeros(1, int), OracleConfig())
    with pytest.raises(ValueError, match="sees face 1, but there are labels of 1 faces"):
        proposer.propose([TWO], generator=np.random.default_rng(0))


def test_a_view_that_sees_nothing() -> None:
    nothing = wall(face_id=np.full((64, 64), -1, np.int32))
    proposer = OracleProposer(np.zeros(1, int), OracleConfig(coarse_levels=1))
    assert proposer.propose([nothing], generator=np.random.default_rng(0))[0].count == 0


@pytest.mark.parametrize("wrong", [{"drop_rate": 1.5}, {"jitter": -1.0}, {"min_share": 1.0}])
def test_wrong_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        OracleConfig(**wrong)  # type: ignore[arg-type]
