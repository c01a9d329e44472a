import numpy as np
from scipy.sparse import csr_matrix

from segment.label_problem import LabelProblem

GAIN = csr_matrix(np.asarray([[0.5, 0.0], [0.1, 0.2], [0.0, 0.0]]))
LINKS = np.asarray([[0, 1], [1, 2]], np.int32)


def problem() -> LabelProblem:
    return LabelProblem.from_real(GAIN, LINKS, np.asarray([0.2, 0.05]))


def test_whole_numbers_keep_the_ratios() -> None:
    made = problem()
    unit = made.energy(np.asarray([1, 1, 1], np.int32)) / -0.2
    for labels in ([0, 0, 0], [0, 1, 1], [1, 0, 1], [-1, 1, -1]):
        real = sum(GAIN[node, label] for node, label in enumerate(labels) if label >= 0)
        real -= 0.2 * (labels[0] != labels[1]) + 0.05 * (labels[1] != labels[2])
        assert np.isclose(made.energy(np.asarray(labels, np.int32)), -real * unit, rtol=1e-6)


def test_gains_of_single_nodes() -> None:
    made = problem()
    nodes = np.asarray([0, 0, 1, 2, 1])
    found = made.gains_of(nodes, np.asarray([0, 1, 1, 1, -1]))
    assert found[1] == found[3] == found[4] == 0
    assert np.isclose(found[0] / found[2], 2.5)


def test_labels_that_never_pay_are_no_candidates() -> None:
    everything = csr_matrix(np.ones((3, 2), np.int8))
    kept = problem().worthwhile(everything).toarray()
    # Node 0 loses 0.5 by label 1 and saves 0.2 at most.
    assert kept.tolist() == [[1, 0], [1, 1], [1, 1]]


def test_nothing_to_gain_and_nothing_to_pay() -> None:
    empty = LabelProblem.from_real(csr_matrix((2, 1)), np.zeros((0, 2), np.int32), np.zeros(0))
    assert empty.energy(np.asarray([0, -1], np.int32)) == 0
