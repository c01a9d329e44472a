import numpy as np
import pytest

from segment.proposers.base import ViewMasks
from segment.proposers.geometric import GeometricConfig, GeometricProposer, propose_masks
from tests.segment.proposers.made_views import left_half, rendered, wall
from tests.segment.shapes import chair, dumbbell, merged


def best_overlap(masks: ViewMasks, part: np.ndarray) -> float:
    return max((m & part).sum() / (m | part).sum() for m in map(masks.mask, range(masks.count)))


def same(first: ViewMasks, second: ViewMasks) -> bool:
    return (
        first.pixels.tobytes() == second.pixels.tobytes()
        and first.starts.tobytes() == second.starts.tobytes()
        and first.score.tobytes() == second.score.tobytes()
    )


def test_parts_of_a_chair_are_found_without_nodes_or_materials() -> None:
    whole = chair()
    views = rendered(merged(whole), size=256)
    found = GeometricProposer(GeometricConfig()).propose(views, generator=np.random.default_rng(0))
    overlaps = []
    for view, masks in zip(views, found, strict=True):
        seen = np.where(view.hit, whole.face_node[view.face_id], -1)
        for part in np.unique(seen[seen >= 0]):
            if (seen == part).sum() > 150:
                overlaps.append(best_overlap(masks, seen == part))
    assert len(overlaps) > 12 and np.mean(overlaps) > 0.8


def test_masks_are_nested_and_ranked() -> None:
    for view in rendered(chair()):
        masks = propose_masks(view, GeometricConfig())
        assert 3 < masks.count <= 256 and (np.diff(masks.score) <= 0).all()
        assert not (~view.hit.reshape(-1))[masks.pixels].any()


def test_a_weak_border_scores_less_than_a_strong_one() -> None:
    left = left_half()
    strong = propose_masks(
        wall(depth=np.where(left, 2.0, 3.0).astype(np.float32)), GeometricConfig()
    )
    normal = np.zeros((64, 64, 3), np.float32)
    normal[left], normal[~left] = (-0.2, 0, 0.98), (0.2, 0, 0.98)
    weak = propose_masks(wall(normal=normal), GeometricConfig())
    for masks, low, high in ((strong, 0.95, 1.0), (weak, 0.02, 0.5)):
        halves = [k for k in range(masks.count) if np.array_equal(masks.mask(k), left)]
        assert len(halves) == 1 and low <= masks.score[halves[0]] <= high


def test_limbs_are_found_where_no_edge_is() -> None:
    mesh = dumbbell()
    height = mesh.vertices[mesh.faces].mean(axis=1)[:, 2]
    view = rendered(mesh, count=3)[2]
    ball = view.hit & (height[view.face_id] > 0.35)
    assert ball.sum() > 500 and best_overlap(propose_masks(view, GeometricConfig()), ball) > 0.8


def test_thinned_out_views_give_much_the_same_masks() -> None:
    view = rendered(chair(), size=256, count=1)[0]
    full = propose_masks(view, GeometricConfig(working_size=256))
    thinned = propose_masks(view, GeometricConfig(working_size=128))
    large = [full.mask(k) for k in range(full.count) if full.sizes[k] > 500]
    assert len(large) > 2 and np.mean([best_overlap(thinned, mask) for mask in large]) > 0.85
    assert not (~view.hit.reshape(-1))[thinned.pixels].any()


def test_same_view_same_bytes_and_no_random_numbers() -> None:
    view = rendered(chair(), count=1)[0]
    proposer = GeometricProposer(GeometricConfig())
    first, second = (
        proposer.propose([view], generator=np.random.default_rng(seed))[0] for seed in (0, 1)
    )
    assert same(first, second)


def test_few_masks_are_the_best_ones() -> None:
    view = rendered(chair(), count=1)[0]
    assert same(
        propose_masks(view, GeometricConfig(max_masks=3)),
        propose_masks(view, GeometricConfig()).best(3),
    )


def test_crumbs_are_no_masks() -> None:
    crumbs = wall(face_id=np.where(np.indices((64, 64)).sum(axis=0) % 4, -1, 0).astype(np.int32))
    assert propose_masks(crumbs, GeometricConfig(min_share=0.01)).count == 0


def test_nothing_to_see() -> None:
    nothing = wall(face_id=np.full((64, 64), -1, np.int32))
    assert propose_masks(nothing, GeometricConfig()).count == 0


@pytest.mark.parametrize("wrong", [{"working_size": 4}, {"max_masks": 0}, {"min_share": 1.0}])
def test_wrong_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        GeometricConfig(**wrong)  # type: ignore[arg-type]
