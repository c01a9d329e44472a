from __future__ import annotations

import numpy as np
import pytest

from ingest.samples.cage import blocks, catmull_clark
from ingest.samples.shape import smoothed
from tests.ingest.surfaces import is_closed, shells, volume

STEPS = {(0, 0, 0): 0, (1, 0, 0): 1, (1, 1, 0): 2}
TICKS = ((0.0, 1.0, 2.0), (0.0, 1.0, 2.0), (0.0, 1.0))


def test_without_subdivision_the_blocks_stay_as_they_are() -> None:
    made = blocks(STEPS, TICKS, levels=0)
    assert is_closed(made.vertices, made.faces)
    assert volume(made.vertices, made.faces) == pytest.approx(3)
    assert np.bincount(made.groups).tolist() == [10, 8, 10]


def test_subdivision_rounds_one_closed_shell_and_keeps_the_parts() -> None:
    made = smoothed(blocks(STEPS, TICKS, levels=3), 180)
    assert is_closed(made.vertices, made.faces)
    assert shells(made.vertices, made.faces).max() == 0
    assert 1.2 < volume(made.vertices, made.faces) < 3
    assert np.bincount(made.groups).tolist() == [10 * 64, 8 * 64, 10 * 64]


def test_a_cube_tends_to_the_known_limit() -> None:
    """The limit of a cube's corner under Catmull-Clark: (n² v + 4 Σ edges + Σ faces) / n(n + 5)."""
    corners = np.asarray([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    quads = np.asarray(
        [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    )
    vertices = corners
    for _ in range(6):
        vertices, quads = catmull_clark(vertices, quads)
    # n = 3: the corner (1,1,1), 3 neighbours such as (1,1,-1), 3 far corners such as (1,-1,-1)
    limit = (9 * 1 + 4 * (1 + 1 - 1) + (1 - 1 - 1)) / 24
    assert np.allclose(vertices[7], limit, atol=1e-3)
