from __future__ import annotations

import numpy as np
import pytest

from ingest.samples.shape import Shape, smoothed
from ingest.samples.solids import BACK, TOP, box, cylinder, lathe, sphere, torus
from tests.ingest.surfaces import is_closed, volume


def rounded_box(a: float, b: float, c: float, r: float) -> float:
    """Volume of a box a × b × c with a ball of radius r rolled around it. Source: Steiner."""
    sides = a * b + b * c + c * a
    return a * b * c + 2 * r * sides + np.pi * r**2 * (a + b + c) + 4 / 3 * np.pi * r**3


@pytest.mark.parametrize(
    ("solid", "expected"),
    [
        (box(1, 2, 3), 6.0),
        (box(1, 2, 3, bevel=0.1, steps=6), rounded_box(0.8, 1.8, 2.8, 0.1)),
        (cylinder(1, 2, segments=200), 2 * np.pi),
        (sphere(1, segments=160, rings=80), 4 * np.pi / 3),
        (torus(2, 0.5, segments=200, sides=120), 2 * np.pi**2 * 2 * 0.25),
        (lathe([(0, 0), (1, 0), (0, 3)], segments=200), np.pi),
    ],
)  # fmt: skip
def test_volume_and_closedness(solid: Shape, expected: float) -> None:
    made = smoothed(solid)
    assert is_closed(made.vertices, made.faces)
    assert volume(made.vertices, made.faces) == pytest.approx(expected, rel=2e-3)


def test_a_boxs_sides_look_where_their_names_say() -> None:
    made = box(1, 2, 3)
    for group, axis, sign in ((TOP, 1, 1), (BACK, 2, -1)):
        side = made.vertices[made.faces[made.groups == group]]
        normal = np.cross(side[:, 1] - side[:, 0], side[:, 2] - side[:, 0])
        assert (np.sign(normal[:, axis]) == sign).all()


def test_a_boxs_pictures_stand_upright_and_to_scale() -> None:
    front = box(1, 2, 3).select(4)
    for vertex, (u, v) in zip(front.vertices, front.uv, strict=True):
        assert u == pytest.approx(vertex[0] + 0.5)
        assert v == pytest.approx(1 - vertex[1])


def test_a_lathes_bands_are_numbered_from_the_profiles_start() -> None:
    made = lathe([(0, 0), (1, 0), (1, 1), (0.5, 2), (0, 2)], segments=8)
    heights = made.vertices[made.faces][:, :, 1]
    assert (heights[made.groups == 0] == 0).all()
    assert heights[made.groups == 2].min() == 1
    assert heights[made.groups == 2].max() == 2
