import numpy as np
import pytest
import trimesh

from partworks.geometry.adjacency import connected_components
from segment.graph import NODE, WEIGHT, build_graph, group_pairs, region_traits, whole_of
from segment.proximity import bridge_rows, near_rows, spread_samples
from segment.surface import Surface, read_surface
from tests.segment.shapes import box, chair, mesh, node


def read(whole: object) -> Surface:
    return read_surface(whole, weld_tolerance=0.0, soup_tolerance=0.0)


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


def test_samples_follow_the_area_and_reach_every_region() -> None:
    whole = mesh(
        node(box((1, 1, 1))),
        node(box((2, 2, 2)), move=(5, 0, 0)),
        node(box((1e-4, 1e-4, 1e-4)), move=(0, 5, 0)),
    )
    surface = read(whole)
    samples = spread_samples(surface.shell, surface, count=10_000, generator=generator())
    counts = np.bincount(surface.shell[samples.face])
    assert counts[0] == pytest.approx(2000, abs=1) and counts[1] == pytest.approx(8000, abs=1)
    assert counts[2] == 8
    assert samples.spacing == pytest.approx(np.sqrt(30 / 10_000), rel=1e-6)
    low, high = samples.points[:2000].min(axis=0), samples.points[:2000].max(axis=0)
    assert np.allclose(low, -0.5, atol=1e-6) and np.allclose(high, 0.5, atol=1e-6)


def test_regions_without_area_are_sampled_on_themselves() -> None:
    flat = trimesh.Trimesh(np.zeros((3, 3)), [[0, 1, 2]], process=False)
    surface = read(mesh(node(flat), node(box((1, 1, 1))), node(flat)))
    samples = spread_samples(surface.shell, surface, count=1000, generator=generator())
    assert set(np.unique(samples.face[samples.face < 1])) == {0}
    assert (samples.face == len(surface.faces) - 1).sum() == 8


def test_legs_are_near_the_seat_and_not_near_one_another() -> None:
    surface = read(chair())
    samples = spread_samples(surface.shell, surface, count=20_000, generator=generator())
    pairs, sums, gap = near_rows(surface.shell, surface, samples)
    traits = region_traits(surface.shell, surface, np.zeros(len(surface.faces)))
    graph = build_graph(traits, pairs, sums, gap, whole=whole_of(surface))
    assert graph.pairs.tolist() == [[0, 1], [0, 2], [0, 3], [0, 4], [0, 5]]
    assert (graph.gap < samples.spacing).all()
    assert np.allclose(graph.sums[:, NODE], graph.sums[:, WEIGHT])
    assert (graph.sums[:, WEIGHT] > 5 * samples.spacing).all()


def test_bridges_join_the_nearest() -> None:
    places = [0.0, 3.0, 7.0, 20.0]
    whole = mesh(*(node(box((1, 1, 1)), move=(x, 0, 0)) for x in places))
    surface = read(whole)
    samples = spread_samples(surface.shell, surface, count=10_000, generator=generator())
    nothing = np.zeros((0, 2), np.int64)
    pairs, _, gap = bridge_rows(surface.shell, surface, samples, nothing)
    merged, order, starts = group_pairs(pairs)
    assert merged.tolist() == [[0, 1], [1, 2], [2, 3]]
    assert gap[order[starts]] == pytest.approx([2, 3, 12], abs=0.2)


@pytest.mark.parametrize("count", [2, 3, 700, 5000])
def test_bridges_leave_nothing_alone(count: int) -> None:
    random = np.random.default_rng(count)
    corners = random.uniform(-1, 1, (count, 1, 3)) + random.normal(0, 1e-3, (count, 3, 3))
    loose = np.arange(3 * count).reshape(-1, 3)
    surface = read(mesh(node(trimesh.Trimesh(corners.reshape(-1, 3), loose, process=False))))
    samples = spread_samples(surface.shell, surface, count=1000, generator=generator())
    pairs, sums, gap = bridge_rows(surface.shell, surface, samples, np.zeros((0, 2), np.int64))
    assert connected_components(count, pairs).max() == 0
    assert np.isfinite(gap).all() and len(sums) == len(pairs)


def test_all_in_one_place() -> None:
    loose = np.arange(3000).reshape(-1, 3)
    points = np.zeros((3000, 3))
    surface = read(mesh(node(trimesh.Trimesh(points, loose, process=False))))
    samples = spread_samples(surface.shell, surface, count=1000, generator=generator())
    pairs, _, gap = bridge_rows(surface.shell, surface, samples, np.zeros((0, 2), np.int64))
    assert connected_components(1000, pairs).max() == 0 and not gap.any()
