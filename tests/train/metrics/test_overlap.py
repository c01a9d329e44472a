from __future__ import annotations

import numpy as np
import pytest

from tests.train.evaluation.made import box_mesh
from train.metrics.mesh import TriangleMesh
from train.metrics.overlap import overlap, part_overlap

LEFT = box_mesh((-1, -1, -1), (0, 1, 1))
RIGHT = box_mesh((0, -1, -1), (1, 1, 1))
MIDDLE = box_mesh((-0.5, -1, -1), (0.5, 1, 1))


def test_parts_that_touch_do_not_overlap() -> None:
    assert part_overlap([LEFT, RIGHT]) == 0.0


def test_shares_of_the_union() -> None:
    # Half of either is shared, and they fill three quarters of the cube.
    assert part_overlap([LEFT, MIDDLE]) == pytest.approx(1 / 3)
    assert part_overlap([LEFT, RIGHT, MIDDLE]) == pytest.approx(1 / 2)
    assert part_overlap([LEFT, LEFT, LEFT]) == 1.0


def test_nothing_overlaps_with_nothing() -> None:
    assert part_overlap([]) == part_overlap([TriangleMesh.empty()] * 2) == 0.0
    assert overlap([np.zeros((2, 2, 2), bool)]) == 0.0
