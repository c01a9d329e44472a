from __future__ import annotations

from math import pi, sin

import numpy as np
import pytest
import trimesh

from train.metrics.boxes import mesh_box
from train.study.solids import Solid


def solid(*, is_round: bool, taper: float) -> Solid:
    return Solid(low=(-1.0, 0.0, 2.0), high=(1.0, 3.0, 2.5), is_round=is_round, taper=taper)


@pytest.mark.parametrize("is_round", [False, True])
@pytest.mark.parametrize("taper", [1.0, 0.4])
def test_a_solid_is_closed_and_as_large_as_it_should_be(*, is_round: bool, taper: float) -> None:
    made = solid(is_round=is_round, taper=taper)
    mesh = made.mesh()
    found = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    assert found.is_watertight
    assert found.is_winding_consistent
    # A frustum; the circle is a regular polygon of 24 corners.
    floor = 2.0 * 0.5 * ((24 / 2) * sin(2 * pi / 24) / 4 if is_round else 1.0)
    assert found.volume == pytest.approx(3.0 / 3 * floor * (1 + taper + taper**2))


@pytest.mark.parametrize("is_round", [False, True])
def test_the_floor_touches_the_box(*, is_round: bool) -> None:
    made = solid(is_round=is_round, taper=0.3)
    box = mesh_box(made.mesh())
    assert box is not None
    np.testing.assert_allclose(box, made.box, atol=1e-12)
