from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from tests.train.sampling.made import CABINET, CHAIR, part
from train.sampling.layout import Joint, Layout, PartLayout


def test_boxes_are_fitted_to_the_object_frame_and_back() -> None:
    fitted = CHAIR.fitted_boxes
    assert fitted.min(axis=(0, 1)).tolist() == [-0.5, -1, -0.5]
    assert fitted.max(axis=(0, 1)).tolist() == [0.5, 1, 0.5]
    np.testing.assert_allclose(
        CHAIR.frame.back(fitted.reshape(-1, 3)), CHAIR.boxes.reshape(-1, 3), atol=1e-6
    )


def test_an_extent_is_kept() -> None:
    alone = dataclasses.replace(CHAIR, parts=CHAIR.parts[:1], extent=CHAIR.around)
    np.testing.assert_array_equal(alone.fitted_boxes, CHAIR.fitted_boxes[:1])


def test_a_part_without_a_text_goes_by_its_name() -> None:
    assert [each.prompt for each in CHAIR.parts] == ["a red seat", "back", "a leg", "a leg"]


def test_rows() -> None:
    assert CHAIR.rows(["leg right", "seat", "seat"]) == [0, 3]
    with pytest.raises(ValueError, match="no part 'arm'; it has seat, back, leg left"):
        CHAIR.rows(["arm"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "a/b"}, "letters, digits"),
        ({"parts": ()}, "at least one"),
        ({"parts": (part("a", 0, 0, 0, 1, 1, 1),) * 2}, "called 'a'"),
        ({"links": ("seat",)}, "called 'seat'"),
        ({"extent": ((0.0, 0.0, 0.0), (5.0, 5.0, 5.0))}, "reaches 3.00 times as far"),
        ({"extent": ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))}, "expected a box"),
    ],
)
def test_impossible_layouts_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(CHAIR, **changes)


@pytest.mark.parametrize("name", ["", "a\nb", "ä" * 32])
def test_names_that_blender_would_cut_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="1 to 63 printable bytes"):
        part(name, 0, 0, 0, 1, 1, 1)
    assert part("ä" * 31, 0, 0, 0, 1, 1, 1).name


def test_boxes_without_a_side_are_refused() -> None:
    with pytest.raises(ValueError, match="lower corner first"):
        PartLayout(name="plate", box=((0.0, 1.0, 0.0), (1.0, 1.0, 1.0)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "fixed"}, "others none"),
        ({"limits": None}, "have limits"),
        ({"limits": (1.0, 0.0)}, "lower one first"),
        ({"axis": (0.0, 0.0, 0.0)}, "no length"),
    ],
)
def test_impossible_joints_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(CABINET.joints[0], **changes)


def fixed(name: str, parent: str, child: str) -> Joint:
    return Joint(name=name, kind="fixed", parent=parent, child=child)


@pytest.mark.parametrize(
    ("joints", "message"),
    [
        ([("a", "seat", "arm")], "at 'arm', which is no part"),
        ([("a", "seat", "back"), ("b", "leg left", "back")], "child of two joints"),
        ([("a", "seat", "back"), ("b", "back", "seat")], "in a circle"),
        ([("a", "seat", "seat")], "in a circle"),
        ([("a", "seat", "back"), ("a", "seat", "leg left")], "called 'a'"),
    ],
)
def test_joints_that_are_no_forest_are_refused(
    joints: list[tuple[str, str, str]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(CHAIR, joints=tuple(fixed(*each) for each in joints))


def test_bare_links_carry_joints() -> None:
    layout = Layout(
        name="arm",
        text="an arm",
        parts=CHAIR.parts[:2],
        links=("base",),
        joints=(fixed("a", "base", "seat"), fixed("b", "seat", "back")),
    )
    assert len(layout.joints) == 2
