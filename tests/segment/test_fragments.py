import numpy as np
import trimesh
from scipy.sparse import csr_matrix

from segment.cuts import cut_prices
from segment.fragments import absorb_fragments, spread_labels
from segment.surface import Surface
from tests.segment.painted import surface_of
from tests.segment.shapes import box, mesh, node


def strip(length: int) -> Surface:
    """Squares in a row; square k is faces 2k and 2k + 1."""
    x = np.arange(length + 1)
    points = np.concatenate([np.stack([x, x * 0 + y, x * 0], axis=1) for y in (0, 1)])
    low, high = x[:-1], x[:-1] + length + 1
    faces = np.stack([low, low + 1, high + 1, low, high + 1, high], axis=1).reshape(-1, 3)
    return surface_of(mesh(node(trimesh.Trimesh(points, faces, process=False))))


def squares(*labels: int) -> np.ndarray:
    return np.repeat(np.asarray(labels, np.int32), 2)


def absorbed(labels: np.ndarray, *, gain: np.ndarray | None = None, share: float) -> list[int]:
    surface = strip(len(labels) // 2)
    votes = np.zeros((len(labels), 4)) if gain is None else gain
    found = absorb_fragments(
        labels, surface, gain=csr_matrix(votes), price=cut_prices(surface), min_share=share
    )
    assert (found[::2] == found[1::2]).all()
    return found[::2].tolist()


def test_the_nearest_label_wins() -> None:
    found = spread_labels(squares(0, -1, -1, -1, -1, -1, 1, -1), strip(8))
    assert found[::2][[0, 1, 2, 4, 5, 6, 7]].tolist() == [0, 0, 0, 1, 1, 1, 1]


def test_components_without_a_label_stay_without() -> None:
    surface = surface_of(mesh(node(box((1, 1, 1))), node(box((1, 1, 1)), move=(3, 0, 0))))
    labels = np.full(24, -1, np.int32)
    assert (spread_labels(labels, surface) == -1).all()
    labels[3] = 5
    assert spread_labels(labels, surface).tolist() == [5] * 12 + [-1] * 12


def test_nothing_to_spread() -> None:
    full = squares(0, 1)
    assert np.array_equal(spread_labels(full, strip(2)), full)


def test_a_fragment_joins_the_only_neighbour() -> None:
    assert absorbed(squares(0, 0, 0, 0, 0, 0, 0, 1), share=0.2) == [0] * 8
    assert absorbed(squares(0, 0, 0, 0, 0, 0, 0, 1), share=0.1) == [0] * 7 + [1]


def test_votes_decide_between_equal_borders() -> None:
    labels = squares(0, 0, 0, 2, 1, 1, 1)
    assert absorbed(labels, share=0.2) == [0, 0, 0, 0, 1, 1, 1]
    gain = np.zeros((14, 4))
    gain[6:8, 1] = 0.1
    assert absorbed(labels, gain=gain, share=0.2) == [0, 0, 0, 1, 1, 1, 1]


def test_fragments_of_one_another_get_the_largest_ones_label() -> None:
    found = absorbed(squares(3, 1, 1, 0, 2, 2, 2, 2, 2, 2), share=0.25)
    assert found == [1, 1, 1, 1, 2, 2, 2, 2, 2, 2]


def test_shells_of_their_own_stay() -> None:
    surface = surface_of(mesh(node(box((1, 1, 1))), node(box((0.01, 0.01, 0.01)), move=(3, 0, 0))))
    labels = np.repeat(np.asarray([0, 1], np.int32), 12)
    found = absorb_fragments(
        labels,
        surface,
        gain=csr_matrix((24, 2)),
        price=cut_prices(surface),
        min_share=0.1,
    )
    assert np.array_equal(found, labels)
