import numpy as np

from segment.counts import MaskCounts, count_masks
from segment.proposers.base import ViewMasks
from tests.segment.painted import flat_counts, flat_masks

FACES = [np.asarray([[-1, 0, 0, 1, 2]], np.int32), np.asarray([[2, 2, 2, -1, 0]], np.int32)]


def counts(*, partition: list[int] | None = None) -> MaskCounts:
    masks = [flat_masks(["###..", "..###"]), flat_masks(["##...", "...#."])]
    groups = None if partition is None else np.asarray(partition, np.int32)
    return count_masks(FACES, masks, face_count=3, partition=groups)


def test_pixels_of_faces_in_views_and_under_masks() -> None:
    found = counts()
    assert found.seen.tolist() == [[2, 1], [1, 0], [1, 3]]
    # From small to large in each view; the mask over the background alone is left out.
    assert found.under.toarray().tolist() == [[2, 1, 0], [0, 1, 0], [0, 1, 2]]
    assert found.view.tolist() == [0, 0, 1]
    shares = found.shares().toarray()
    assert np.allclose(shares, [[1, 0.5, 0], [0, 1, 0], [0, 1, 2 / 3]])


def test_counting_agrees_with_a_plain_loop() -> None:
    random = np.random.default_rng(0)
    image = random.integers(-1, 7, (20, 30)).astype(np.int32)
    drawn = random.random((5, 20, 30)) < 0.4
    found = count_masks(
        [image], [ViewMasks.from_masks(drawn, [0.5] * 5, shape=image.shape)], face_count=7
    )
    plain = [[int((mask & (image == face)).sum()) for mask in drawn] for face in range(7)]
    assert sorted(map(tuple, found.under.toarray().T)) == sorted(zip(*plain, strict=True))


def test_partition_counts_as_pooling_does() -> None:
    at_once, later = counts(partition=[1, 0, 1]), counts().pooled(np.asarray([1, 0, 1]), count=2)
    assert at_once.seen.tolist() == later.seen.tolist() == [[1, 0], [3, 4]]
    assert (at_once.under != later.under).nnz == 0


def test_pooling_leaves_out_what_has_no_group() -> None:
    assert counts().pooled(np.asarray([-1, 0, -1]), count=1).seen.tolist() == [[1, 0]]


def test_order_of_masks_does_not_matter() -> None:
    random = np.random.default_rng(1)
    image = random.integers(0, 50, (40, 40)).astype(np.int32)
    drawn = random.random((9, 40, 40)) < 0.1
    drawn[4:, 20:] = False
    first = count_masks([image], [ViewMasks.from_masks(drawn, [1] * 9, shape=(40, 40))],
                        face_count=50)  # fmt: skip
    order = random.permutation(9)
    again = count_masks([image], [ViewMasks.from_masks(drawn[order], [1] * 9, shape=(40, 40))],
                        face_count=50)  # fmt: skip
    assert first.under.data.tobytes() == again.under.data.tobytes()
    assert first.under.indices.tobytes() == again.under.indices.tobytes()


def test_no_masks_and_no_views() -> None:
    nothing = count_masks(FACES, [flat_masks([]), flat_masks([])], face_count=3)
    assert nothing.mask_count == 0 and nothing.under.shape == (3, 0)
    assert nothing.seen.sum() == 8
    assert count_masks([], [], face_count=3).seen.shape == (3, 0)


def test_flat_scenes_are_what_they_look_like() -> None:
    assert flat_counts([[0, 1, 1]], [[".##"]]).under.toarray().tolist() == [[0], [2]]
