from __future__ import annotations

import torch

from train.flexicubes.triangles import (
    alignment,
    centres,
    diagonal_weights,
    split_at_centre,
    split_by_diagonal,
)

QUADS = torch.tensor([[0, 1, 2, 3], [3, 2, 5, 4]])
POINTS = torch.tensor([[0.0, 0, 0], [4, 0, 0], [4, 4, 2], [0, 4, 0], [0, 8, 0], [4, 8, 0]])


def test_the_heavier_diagonal_cuts_and_ties_go_along_the_second() -> None:
    weights = torch.tensor([[2.0, 1.0], [1.0, 1.0]])
    faces = split_by_diagonal(QUADS, weights)
    assert faces.tolist() == [[0, 1, 2], [0, 2, 3], [3, 2, 4], [4, 2, 5]]
    ties = split_by_diagonal(QUADS, None)
    assert ties.tolist() == [[0, 1, 3], [3, 1, 2], [3, 2, 4], [4, 2, 5]]


def test_weights_of_diagonals_are_products_at_their_ends() -> None:
    gamma = torch.tensor([2.0, 3.0, 5.0, 7.0, 11.0, 13.0])
    weights = diagonal_weights(QUADS, gamma)
    assert weights is not None
    assert weights.tolist() == [[2 * 5, 3 * 7], [7 * 13, 5 * 11]]
    assert diagonal_weights(QUADS, None) is None


def test_alignment_is_the_cosine_between_the_ends() -> None:
    normals = torch.eye(3)[[0, 1, 0, 2, 1, 1]]
    assert alignment(QUADS, normals).tolist() == [[1, 0], [0, 0]]


def test_centres_lie_between_the_middles_of_the_diagonals() -> None:
    middle = torch.tensor([[2.0, 2, 1], [2, 2, 0]])
    assert torch.equal(centres(QUADS, POINTS, weights=None)[0], middle.mean(dim=0))
    weights = torch.tensor([[3.0, 1.0], [0.0, 1.0]])
    found = centres(QUADS, POINTS, weights=weights)
    assert torch.allclose(found[0], 0.75 * middle[0] + 0.25 * middle[1])
    assert torch.allclose(found[1], (POINTS[2] + POINTS[4]) / 2)


def test_four_triangles_go_around_each_centre() -> None:
    faces = split_at_centre(QUADS, first_centre=6)
    assert faces.tolist() == [
        *[[0, 1, 6], [1, 2, 6], [2, 3, 6], [3, 0, 6]],
        *[[3, 2, 7], [2, 5, 7], [5, 4, 7], [4, 3, 7]],
    ]
