from dataclasses import replace
from functools import cache

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from partworks.geometry.mesh import Mesh
from segment.lifting import lift, strongest
from segment.proposers.base import ViewMasks
from tests.segment.painted import (
    achievable_accuracy,
    cells_of,
    flat_masks,
    paint,
    seen_faces,
)
from tests.segment.shapes import mesh, node

Int32 = NDArray[np.int32]


@cache
def ball() -> tuple[Mesh, list[Int32]]:
    whole = mesh(node(trimesh.creation.icosphere(subdivisions=4)))
    return whole, seen_faces(whole)


def reordered(masks: ViewMasks, generator: np.random.Generator) -> ViewMasks:
    order = generator.permutation(masks.count)
    pixels = [masks.pixels[masks.starts[k] : masks.starts[k + 1]] for k in order]
    return ViewMasks.from_pixels(pixels, [1.0] * len(order), shape=masks.shape)


def test_clean_masks_give_the_true_parts() -> None:
    whole, images = ball()
    truth = cells_of(whole, 9)
    masks = paint(images, [truth], generator=np.random.default_rng(0))
    found = lift(images, masks, face_count=whole.face_count)
    assert (found.labels >= 0).all() and found.votes.shape[1] == 9
    assert achievable_accuracy(found.labels, truth, whole) == 1
    assert (found.confidence > 0.5).all() and (found.confidence <= 1).all()


def test_noisy_masks_of_three_levels_give_the_finest() -> None:
    whole, images = ball()
    truth = cells_of(whole, 9)
    levels = [np.zeros_like(truth), truth // 3, truth]
    generator = np.random.default_rng(0)
    masks = paint(images, levels, generator=generator, jitter=1.0, dropped=0.15, halved=0.05)
    found = lift(images, masks, face_count=whole.face_count)
    assert achievable_accuracy(found.labels, truth, whole) > 0.97


def test_votes_are_shares() -> None:
    whole, images = ball()
    masks = paint(images, [cells_of(whole, 5)], generator=np.random.default_rng(0), jitter=2)
    votes = lift(images, masks, face_count=whole.face_count).votes
    assert votes.dtype == np.float32 and (votes.data > 0).all()
    assert np.asarray(votes.sum(axis=1)).max() <= 1 + 1e-6


def test_a_part_wins_over_the_whole_that_more_views_found() -> None:
    images = [np.asarray([[0] * 40 + [1] * 40], np.int32)] * 6
    whole, part = "#" * 80, "#" * 40 + "." * 40
    masks = [flat_masks([whole, part])] * 3 + [flat_masks([whole])] * 3
    found = lift(images, masks, face_count=2)
    assert found.labels[0] != found.labels[1]
    assert len(set(found.communities.tolist())) == 2


def test_what_one_view_of_many_dreamt_up_loses() -> None:
    images = [np.asarray([[0] * 40 + [1] * 40], np.int32)] * 8
    whole, dream = "#" * 80, "#" * 40 + "." * 40
    masks = [flat_masks([whole, dream])] + [flat_masks([whole])] * 7
    found = lift(images, masks, face_count=2)
    assert found.labels[0] == found.labels[1]
    assert found.confidence[0] < found.confidence[1]


def test_votes_are_pooled_by_community() -> None:
    """Two masks of one thing win over a larger third that matches neither."""
    images = [np.asarray([[0] * 30 + [1] * 30 + [2] * 60], np.int32)] * 3
    pair, other = "#" * 60 + "." * 60, "#" * 30 + "." * 30 + "#" * 60
    found = lift(
        images, [flat_masks([pair]), flat_masks([pair]), flat_masks([other])], face_count=3
    )
    assert found.labels[0] == found.labels[1] != found.labels[2]


def test_low_scores_weigh_less() -> None:
    images = [np.asarray([[0] * 40 + [1] * 40], np.int32)]
    small, whole = "#" * 40 + "." * 40, "#" * 80
    sure = lift(images, [flat_masks([whole, small], score=[0.9, 0.9])], face_count=2)
    unsure = lift(images, [flat_masks([whole, small], score=[0.9, 0.1])], face_count=2)
    assert sure.labels[0] != sure.labels[1] and unsure.labels[0] == unsure.labels[1]


def test_faces_seen_nowhere_have_no_label() -> None:
    images = [np.asarray([[0, 0, 2, -1]], np.int32)]
    found = lift(images, [flat_masks(["##.."])], face_count=4)
    assert found.labels.tolist() == [0, -1, -1, -1]
    assert found.confidence[1:].tolist() == [0, 0, 0]


def test_no_masks_one_face_no_pixels() -> None:
    images = [np.asarray([[0, -1]], np.int32)]
    assert lift(images, [flat_masks([])], face_count=1).labels.tolist() == [-1]
    assert lift(images, [flat_masks(["#."])], face_count=1).labels.tolist() == [0]
    assert lift(images, [flat_masks([".#"])], face_count=1).labels.tolist() == [-1]


def test_a_partition_lends_votes_to_faces_smaller_than_pixels() -> None:
    whole, images = ball()
    truth = cells_of(whole, 6)
    atoms = cells_of(whole, 200, seed=3)
    truth = truth[np.unique(atoms, return_index=True)[1]][atoms]
    masks = paint(images, [truth], generator=np.random.default_rng(0))
    # Nearly all pixels gone: most faces are seen nowhere.
    kept = np.random.default_rng(1).random((len(images), *images[0].shape)) < 0.02
    sparse = [np.where(keep, image, -1) for keep, image in zip(kept, images, strict=True)]
    alone = lift(sparse, masks, face_count=whole.face_count)
    pooled = lift(sparse, masks, face_count=whole.face_count, partition=atoms)
    assert (alone.labels < 0).mean() > 0.1
    assert (pooled.labels >= 0).all() and pooled.votes.shape == (whole.face_count, 6)
    assert achievable_accuracy(pooled.labels, truth, whole) > 0.99
    assert all(len(np.unique(pooled.labels[atoms == atom])) == 1 for atom in range(200))


def test_same_bytes_for_masks_in_any_order() -> None:
    whole, images = ball()
    truth = cells_of(whole, 9)
    masks = paint(images, [truth // 3, truth], generator=np.random.default_rng(0), jitter=1)
    masks = [replace(each, score=np.ones_like(each.score)) for each in masks]
    random = np.random.default_rng(5)
    first = lift(images, masks, face_count=whole.face_count)
    again = lift(images, [reordered(each, random) for each in masks], face_count=whole.face_count)
    assert first.votes.data.tobytes() == again.votes.data.tobytes()
    assert first.labels.tobytes() == again.labels.tobytes()


def test_views_in_another_order_change_no_region() -> None:
    whole, images = ball()
    truth = cells_of(whole, 9)
    masks = paint(images, [truth], generator=np.random.default_rng(0), jitter=1)
    first = lift(images, masks, face_count=whole.face_count)
    again = lift(images[::-1], masks[::-1], face_count=whole.face_count)
    pairs = np.stack([first.labels, again.labels], axis=1)
    assert len(np.unique(pairs, axis=0)) == len(np.unique(first.labels))


def test_strongest_breaks_ties_downwards() -> None:
    votes = csr_matrix(np.asarray([[0, 0.5, 0.5], [0, 0, 0], [0.1, 0, 0.2]], np.float32))
    labels, confidence = strongest(votes)
    assert labels.tolist() == [1, -1, 2]
    assert np.allclose(confidence, [0.5, 0, 0.2])
