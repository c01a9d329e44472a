import numpy as np
import pytest
import trimesh

from ingest.normalise import normalise
from ingest.samples import build_sample
from partworks.evaluation.blind import without_nodes
from segment.config import SegmentConfig
from segment.graph import AREA, COLUMNS, LENGTH, TRAITS, WEIGHT, Whole, build_graph
from segment.segmenter import segment_mesh
from segment.surface import Surface, read_surface
from segment.symmetry import (
    Mirror,
    find_mirrors,
    mirror_patches,
    region_twins,
    same_for_twins,
)
from tests.segment.shapes import box, chair, merged, mesh, node


def read(*shapes: trimesh.Trimesh) -> Surface:
    nodes = [node(shape, material=0) for shape in shapes]
    return read_surface(mesh(*nodes), weld_tolerance=0, soup_tolerance=0)


def mirrors(surface: Surface) -> tuple[Mirror, ...]:
    return find_mirrors(surface, samples=20_000, generator=np.random.default_rng(0))


def test_a_box_has_three_planes_and_a_chair_one() -> None:
    assert len(mirrors(read(box((1, 2, 3), cuts=2)))) == 3
    surface = read_surface(chair(), weld_tolerance=0, soup_tolerance=0)
    (only,) = [mirror for mirror in mirrors(surface) if mirror.share > 0.95]
    assert only.side == pytest.approx(surface.centroids[:, 0] / surface.diagonal)


def test_what_is_askew_has_none() -> None:
    shape = box((1, 2, 3), cuts=2)
    shape.apply_transform(trimesh.transformations.rotation_matrix(0.6, [1, 2, 3]))
    assert mirrors(read(shape)) == ()


def test_twins_of_faces_are_their_reflections() -> None:
    surface = read(box((1, 2, 3), cuts=3))
    mirror = mirrors(surface)[0]
    met = mirror.twin >= 0
    assert mirror.share > 0.95 and mirror.share == pytest.approx(
        surface.areas[met].sum() / surface.areas.sum()
    )
    axis = int(np.abs(mirror.side[:, None] * surface.diagonal - surface.centroids).sum(0).argmin())
    flip = np.where(np.arange(3) == axis, -1, 1)
    off = (surface.centroids[mirror.twin] - surface.centroids * flip)[met]
    assert np.linalg.norm(off, axis=1).max() < 0.1 * surface.diagonal


def test_regions_on_either_side_are_twins_and_those_across_are_their_own() -> None:
    surface = read_surface(chair(), weld_tolerance=0, soup_tolerance=0)
    mirror = max(mirrors(surface), key=lambda mirror: mirror.share)
    labels = surface.source_node  # seat, back, and legs at (-, -), (+, -), (-, +), (+, +)
    assert region_twins(labels, surface, mirror).tolist() == [0, 1, 3, 2, 5, 4]


def test_twins_get_the_mean_of_their_numbers() -> None:
    pairs = np.array([[0, 1], [0, 2], [1, 2]])
    sums = np.zeros((3, COLUMNS))
    sums[:, LENGTH] = [1.0, 2.0, 4.0]
    sums[:, WEIGHT] = [1.0, 2.0, 4.0]
    traits = np.zeros((3, TRAITS))
    traits[:, AREA] = [5.0, 1.0, 3.0]
    whole = Whole(area=9.0, diagonal=1.0, shells=1.0)
    graph = build_graph(traits, pairs, sums, np.array([0.0, 0.0, 0.0]), whole=whole)
    even = same_for_twins(graph, [np.array([0, 2, 1])])
    assert even.sums[:, LENGTH].tolist() == [1.5, 1.5, 4.0]
    assert even.area.tolist() == [5.0, 2.0, 2.0]
    # What touches on one side only is not made to touch on the other.
    apart = sums.copy()
    apart[1, LENGTH] = 0
    graph = build_graph(traits, pairs, apart, np.array([0.0, 0.1, 0.0]), whole=whole)
    assert same_for_twins(graph, [np.array([0, 2, 1])]).sums[:, LENGTH].tolist() == [1.0, 0.0, 4.0]


def test_patches_of_one_side_are_those_of_the_other() -> None:
    surface = read(trimesh.creation.icosphere(subdivisions=4))
    mirror = mirrors(surface)[0]
    random = np.random.default_rng(0)
    seeds = random.normal(size=(30, 3))
    labels = np.linalg.norm(surface.centroids[:, None] - seeds, axis=2).argmin(axis=1)
    labels = np.unique(labels, return_inverse=True)[1].astype(np.int32)
    found = mirror_patches(labels, np.zeros_like(labels), surface, mirror)
    twins = region_twins(found, surface, mirror)
    count = int(found.max()) + 1
    reflected = found[mirror.twin]
    shared = np.zeros((count, count))
    np.add.at(shared, (found, reflected), surface.areas)
    overlap = shared.max(axis=1) / shared.sum(axis=1)
    assert np.average(overlap, weights=shared.sum(axis=1)) > 0.95
    assert (twins != np.arange(count)).sum() > count / 2
    # The side that is copied is as it was.
    kept = mirror.side > 0.02
    assert len(np.unique(np.stack([labels[kept], found[kept]]), axis=1).T) == len(
        np.unique(found[kept])
    )


def agreement(labels: np.ndarray, surface: Surface, mirror: Mirror) -> float:
    """The mean IoU of each segment with what some segment is reflected to, by area."""
    met = mirror.twin >= 0
    count = int(labels.max()) + 1
    shared = np.zeros((count, count))
    np.add.at(shared, (labels[met], labels[mirror.twin[met]]), surface.areas[met])
    size = shared.sum(axis=1)
    joint = size[:, None] + shared.sum(axis=0) - shared
    best = (shared / np.maximum(joint, 1e-30)).max(axis=1)
    return float((best * size).sum() / size.sum())


def test_a_dog_is_cut_alike_on_both_sides() -> None:
    blind, _ = without_nodes(build_sample("dog").mesh)
    whole, _ = normalise(merged(blind), z_up=False)
    surface = read_surface(whole, weld_tolerance=0, soup_tolerance=0)
    mirror = mirrors(surface)[0]
    scores = {}
    for symmetry in (False, True):
        found = segment_mesh(
            whole,
            config=SegmentConfig(symmetry=symmetry),
            generator=np.random.default_rng(0),
        )
        scores[symmetry] = [
            agreement(labels, surface, mirror)
            for labels in (found.face_labels, found.default_labels)
        ]
    assert scores[True][0] > 0.97 and scores[False][0] < 0.8
    assert scores[True][1] > 0.85 and scores[False][1] < 0.8
