from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from train.study.objects import COLORS, KINDS, MOST_PARTS, made_objects, shaded


def test_objects_hang_on_seed_and_number_alone() -> None:
    assert made_objects(3, seed=5) == made_objects(9, seed=5)[:3]
    assert made_objects(3, seed=5) != made_objects(3, seed=6)


def test_every_value_occurs() -> None:
    objects = made_objects(60, seed=0)
    assert {len(made.parts) for made in objects} == set(range(2, MOST_PARTS + 1))
    assert {made.is_dark for made in objects} == {False, True}
    parts = {(part.color, part.kind) for made in objects for part in made.parts}
    assert parts == {(color, kind) for color in COLORS for kind in KINDS}


def test_objects_fill_their_frame() -> None:
    """So that the layout changes nothing, and boxes are those that the latents have."""
    for made in made_objects(20, seed=1):
        np.testing.assert_allclose(made.layout.fitted_boxes, np.array(made.boxes), atol=1e-6)
        assert np.abs(np.array(made.boxes)).max() == pytest.approx(1.0)


def test_parts_do_not_overlap() -> None:
    for made in made_objects(20, seed=2):
        boxes = np.array(made.boxes)
        for one, two in pairwise(boxes):
            shared = np.minimum(one[1], two[1]) - np.maximum(one[0], two[0])
            assert shared.min() < 1e-9


def test_texts_tell_what_they_should() -> None:
    (made,) = made_objects(1, seed=4)
    assert [part.text for part in made.layout.parts] == [
        f"{part.color} {part.kind}" for part in made.parts
    ]
    shade = "dark" if made.is_dark else "light"
    assert made.layout.text == f"{shade} object"
    # Only the whole is told the shade, and nobody the taper.
    assert all(shade not in part.text for part in made.parts)


def test_a_swap_moves_captions_and_nothing_else() -> None:
    (made,) = made_objects(1, seed=4)
    swapped = made.swapped(0, 1)
    assert swapped.parts[:2] == made.parts[1::-1]
    assert (swapped.boxes, swapped.taper, swapped.is_dark) == (made.boxes, made.taper, made.is_dark)
    assert [part.name for part in swapped.layout.parts] == [part.name for part in made.layout.parts]
    assert swapped.swapped(0, 1) == made


def test_dark_colors_are_half_as_bright() -> None:
    np.testing.assert_allclose(shaded("red", is_dark=True) * 2, shaded("red", is_dark=False))
