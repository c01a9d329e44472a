from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from segment.expansion import expand
from segment.label_problem import LabelProblem


def everywhere(nodes: int, labels: int) -> csr_matrix:
    return csr_matrix(np.ones((nodes, labels), np.int8))


def tiny(seed: int, *, nodes: int = 7, labels: int = 3) -> LabelProblem:
    random = np.random.default_rng(seed)
    pairs = random.integers(0, nodes, (12, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    gain = random.random((nodes, labels)) * (random.random((nodes, labels)) < 0.7)
    return LabelProblem.from_real(csr_matrix(gain), pairs, random.random(len(pairs)) * 0.5)


def grid(side: int, seed: int) -> tuple[LabelProblem, NDArray[np.int32]]:
    """Nine squares on a grid, with votes of which a third are wrong."""
    random = np.random.default_rng(seed)
    rows, columns = np.indices((side, side)) * 3 // side
    truth = (3 * rows + columns).reshape(-1).astype(np.int32)
    wrong = random.random(len(truth)) < 0.33
    voted = np.where(wrong, random.integers(0, 9, len(truth)), truth)
    place = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate(
        [
            np.stack([place[:, 1:], place[:, :-1]], axis=2).reshape(-1, 2),
            np.stack([place[1:], place[:-1]], axis=2).reshape(-1, 2),
        ]
    )
    gain = csr_matrix((np.ones(len(truth)), (np.arange(len(truth)), voted)), (len(truth), 9))
    return LabelProblem.from_real(gain, pairs, np.full(len(pairs), 0.6)), truth


def test_energy_is_within_the_bound_and_nearly_always_least() -> None:
    equal = 0
    for seed in range(40):
        problem = tiny(seed)
        found = expand(problem, np.zeros(7, np.int32), candidates=everywhere(7, 3))
        best = min(
            problem.energy(np.asarray(labels, np.int32)) for labels in product(range(3), repeat=7)
        )
        # Energies as losses against every node's best label, which are not negative.
        most = int(problem.gain.max(axis=1).sum())
        assert best + most <= problem.energy(found) + most <= 2 * (best + most)
        equal += problem.energy(found) == best
    assert equal >= 36


@pytest.mark.parametrize("seed", range(3))
def test_no_single_expansion_lowers_the_energy_any_more(seed: int) -> None:
    problem = tiny(seed)
    found = expand(problem, np.zeros(7, np.int32), candidates=everywhere(7, 3))
    for label, takes in product(range(3), product((False, True), repeat=7)):
        other = np.where(takes, label, found).astype(np.int32)
        assert problem.energy(other) >= problem.energy(found)


def test_energy_never_rises_from_one_sweep_to_the_next() -> None:
    problem, _ = grid(30, 0)
    labels = np.asarray(problem.gain.argmax(axis=1)).reshape(-1).astype(np.int32)
    energies = [problem.energy(labels)]
    for _ in range(4):
        labels = expand(problem, labels, candidates=everywhere(900, 9), sweeps=1)
        energies.append(problem.energy(labels))
    assert energies == sorted(energies, reverse=True) and energies[1] < energies[0]


def test_noise_goes_and_squares_stay() -> None:
    problem, truth = grid(48, 1)
    labels = np.asarray(problem.gain.argmax(axis=1)).reshape(-1).astype(np.int32)
    assert np.mean(labels == truth) < 0.75
    found = expand(problem, labels, candidates=everywhere(len(truth), 9))
    assert np.mean(found == truth) > 0.97


def test_nodes_without_candidates_hold_still() -> None:
    problem, _ = grid(12, 2)
    start = np.random.default_rng(0).integers(-1, 9, 144).astype(np.int32)
    free = np.arange(144) % 2 == 0
    found = expand(problem, start, candidates=csr_matrix(np.outer(free, np.ones(9, np.int8))))
    assert np.array_equal(found[~free], start[~free])
    assert problem.energy(found) < problem.energy(start)


def test_labels_moved_together_reach_what_labels_moved_alone_do() -> None:
    problem, _ = grid(24, 3)
    labels = np.asarray(problem.gain.argmax(axis=1)).reshape(-1).astype(np.int32)
    near = problem.gain.astype(bool).astype(np.int8)
    together = expand(problem, labels, candidates=near)
    alone = labels
    for _ in range(6):
        for label in range(9):
            one = csr_matrix(near.multiply(np.arange(9) == label))
            alone = expand(problem, alone, candidates=one)
    assert abs(problem.energy(together) - problem.energy(alone)) < 0.02 * abs(problem.energy(alone))


def test_same_labels_twice_and_the_input_is_kept() -> None:
    problem, truth = grid(20, 4)
    start = np.zeros(len(truth), np.int32)
    first = expand(problem, start, candidates=everywhere(len(truth), 9))
    again = expand(problem, start, candidates=everywhere(len(truth), 9))
    assert first.tobytes() == again.tobytes() and not start.any()
