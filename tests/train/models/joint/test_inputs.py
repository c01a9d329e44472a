from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.train.models.joint.made import small_inputs


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"counts": (3, 3)}, "expected 3 axes and 6 rows"),
        ({"counts": (7, 0)}, "at least one branch"),
        ({"geometry": None, "images": None}, "both None"),
        ({"timesteps": torch.zeros(7)}, r"timesteps has shape \(7,\), expected 1 axes and 2 rows"),
        ({"box_images": torch.zeros(7, 1, 4, 2, 2)}, "box_images has shape"),
        ({"images": torch.zeros(7, 4, 2, 2)}, "expected 5 axes"),
    ],
)
def test_shapes_that_do_not_fit(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(small_inputs((3, 4)), **changes)


def test_the_whole_comes_last() -> None:
    inputs = small_inputs((3, 1, 2))
    assert inputs.is_global_P.tolist() == [False, False, True, True, False, True]
    assert not small_inputs((3, 1), has_global=False).is_global_P.any()
    assert inputs.starts == (0, 3, 4)


def test_rows_of_objects_for_their_branches() -> None:
    found = small_inputs((3, 1, 2)).per_branch(torch.tensor([[5], [6], [7]]))
    assert found.flatten().tolist() == [5, 5, 5, 6, 7, 7]


def test_without_boxes() -> None:
    inputs = small_inputs()
    bare = inputs.without_boxes()
    assert bare.boxes is bare.box_images is bare.box_mask is None
    assert bare.text is inputs.text and bare.counts == inputs.counts
