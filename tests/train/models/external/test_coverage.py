from __future__ import annotations

import pytest
import torch
from torch import Tensor

from train.models.external.coverage import CoverageReport, Fate, cover
from train.models.external.errors import CheckpointError
from train.models.external.keys import KeyMap, layer

KEYS = KeyMap(
    entries=tuple(layer("a", ("b", "c"), bias=False)),
    constants={"basis": torch.tensor([1.0, 2.0])},
    added=("new",),
)
OURS = {"b.weight": torch.zeros(2, 3), "c.weight": torch.zeros(2, 3), "new": torch.zeros(1)}
THEIRS = {"a.weight": torch.ones(4, 3), "basis": torch.tensor([1.0, 2.0])}


def _cover(**changes: Tensor | None) -> CoverageReport:
    theirs = {**THEIRS, **{key.replace("__", "."): value for key, value in changes.items()}}
    present = {key: value for key, value in theirs.items() if value is not None}
    return cover(present, OURS, keys=KEYS, ignored={"optimizer.*": "of the optimiser"})


def test_a_sound_checkpoint() -> None:
    report = _cover(optimizer__step=torch.zeros(()))
    report.require_total()
    assert report.counts == {"loaded": 1, "constant": 1, "ignored": 1, "added": 1}


@pytest.mark.parametrize(
    ("changes", "key", "fate"),
    [
        ({"a__weight": None}, "a.weight", Fate.MISSING),
        ({"basis": None}, "basis", Fate.MISSING),
        ({"more": torch.zeros(1)}, "more", Fate.UNEXPECTED),
        ({"a__weight": torch.ones(3, 4)}, "a.weight", Fate.SHAPE),
        ({"basis": torch.ones(3)}, "basis", Fate.SHAPE),
        ({"basis": torch.tensor([1.0, 2.1])}, "basis", Fate.VALUE),
        ({"a__weight": torch.ones(4, 3, dtype=torch.int8)}, "a.weight", Fate.VALUE),
        ({"a__weight": torch.ones(4, 3, dtype=torch.complex64)}, "a.weight", Fate.VALUE),
        ({"a__weight": torch.ones(4, 3).to_sparse()}, "a.weight", Fate.VALUE),
        ({"a__weight": torch.full((4, 3), torch.nan)}, "a.weight", Fate.VALUE),
    ],
)
def test_whatever_is_wrong_is_named(
    changes: dict[str, Tensor | None], key: str, fate: Fate
) -> None:
    report = _cover(**changes)
    assert [(row.key, row.fate) for row in report.problems] == [(key, fate)]
    with pytest.raises(CheckpointError, match=f"{key}: {fate.value}"):
        report.require_total()


def test_a_huge_claim_costs_nothing() -> None:
    """A tensor of a few bytes may say it has any shape; shapes are compared before values."""
    report = _cover(a__weight=torch.zeros(1).expand(10**6, 10**6))
    assert [row.fate for row in report.problems] == [Fate.SHAPE]


def test_a_format_that_forgets_one_of_our_tensors() -> None:
    report = cover(THEIRS, {**OURS, "forgotten": torch.zeros(1)}, keys=KEYS, ignored={})
    assert [(row.key, row.fate) for row in report.problems] == [("forgotten", Fate.UNMAPPED)]


def test_a_format_for_a_larger_network() -> None:
    smaller = {key: tensor for key, tensor in OURS.items() if key != "c.weight"}
    report = cover(THEIRS, smaller, keys=KEYS, ignored={})
    assert ("c.weight", Fate.UNMAPPED) in [(row.key, row.fate) for row in report.problems]


def test_the_table_has_a_line_for_every_tensor() -> None:
    lines = _cover(more=torch.zeros(2, 2), a__weight=torch.ones(4, 3).half()).table().splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["a.weight", "basis", "more", "new"]
    assert "b.weight, c.weight (float16 -> float32)" in lines[0]
    assert lines[-1] == "1 loaded, 1 constant, 1 unexpected, 1 added"


def test_a_long_list_of_problems_is_cut() -> None:
    with pytest.raises(CheckpointError, match="and 2 more"):
        _cover(**{f"more{index}": torch.zeros(1) for index in range(10)}).require_total()
