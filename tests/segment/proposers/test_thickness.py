import numpy as np

from segment.proposers.edges import find_edges
from segment.proposers.thickness import STEADY, TRUST, find_level_sets
from tests.segment.proposers.made_views import left_half, rendered, wall
from tests.segment.shapes import dumbbell


def masks_of(view, *, least: int = 20):  # type: ignore[no-untyped-def]
    sets = find_level_sets(view.diameter, view.hit, find_edges(view).drawn, least=least)
    return [(each.component == k, s) for each in sets for k, s in zip(each.chosen, each.score)]  # noqa: B905


def test_a_thin_half_and_a_thick_half_are_masks() -> None:
    left = left_half()
    view = wall(diameter=np.where(left, 0.05, 0.3).astype(np.float32))
    found = masks_of(view)
    for half in (left, ~left):
        assert any(np.array_equal(mask, half) for mask, _ in found)
    assert all(TRUST * STEADY <= score <= TRUST for _, score in found)


def test_one_thickness_has_no_masks() -> None:
    assert masks_of(wall()) == []
    assert masks_of(wall(diameter=np.zeros((64, 64), np.float32))) == []


def test_a_slope_has_no_masks_that_stay() -> None:
    slope = np.broadcast_to(np.geomspace(0.02, 0.4, 64, dtype=np.float32), (64, 64))
    small = [mask for mask, _ in masks_of(wall(diameter=slope)) if mask.mean() < 0.3]
    assert not small


def test_the_balls_of_a_dumbbell_are_masks_and_so_is_its_bar() -> None:
    mesh = dumbbell()
    height = mesh.vertices[mesh.faces].mean(axis=1)[:, 2]
    from_the_side = rendered(mesh, count=3)[2]
    place = np.where(from_the_side.hit, height[from_the_side.face_id], np.nan)
    found = [mask for mask, _ in masks_of(from_the_side)]
    for part in (place > 0.35, place < -0.35, np.abs(place) < 0.35):
        assert part.sum() > 500
        assert max((mask & part).sum() / (mask | part).sum() for mask in found) > 0.9


def test_what_edges_part_from_everything_is_no_news() -> None:
    depth = np.where(left_half(), 2.0, 3.0).astype(np.float32)
    view = wall(depth=depth, diameter=np.where(left_half(), 0.05, 0.3).astype(np.float32))
    assert masks_of(view) == []
