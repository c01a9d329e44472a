from __future__ import annotations

import pytest
import torch

from train.models.external.keys import Entry, KeyMap, layer


def test_fused_rows_head_by_head() -> None:
    """Two heads of two channels; rows are named by projection, head and channel."""
    entry = Entry(theirs=("qkv",), ours=("q", "k", "v"), heads=2)
    fused = torch.tensor([11.0, 12, 21, 22, 31, 32, 111, 112, 121, 122, 131, 132])
    q, k, v = entry.to_ours([fused], rows=[4, 4, 4])
    assert q.tolist() == [11, 12, 111, 112]
    assert k.tolist() == [21, 22, 121, 122]
    assert v.tolist() == [31, 32, 131, 132]
    assert torch.equal(entry.to_theirs([q, k, v])[0], fused)


def test_separate_rows_that_are_used_head_by_head() -> None:
    """The join of q, k and v is cut into two heads: the first head's values are rows of k."""
    entry = Entry(theirs=("q", "k", "v"), ours=("q", "k", "v"), heads=2)
    theirs = [torch.arange(4.0) + 10 * part for part in (1, 2, 3)]
    ours = entry.to_ours(theirs, rows=[4, 4, 4])
    assert ours[0].tolist() == [10, 11, 22, 23]
    assert ours[1].tolist() == [12, 13, 30, 31]
    assert ours[2].tolist() == [20, 21, 32, 33]
    assert all(map(torch.equal, entry.to_theirs(ours), theirs))


def test_rows_one_projection_after_the_other() -> None:
    entry = Entry(theirs=("kv",), ours=("k", "v"))
    k, v = entry.to_ours([torch.arange(6.0)], rows=[3, 3])
    assert k.tolist() == [0, 1, 2]
    assert v.tolist() == [3, 4, 5]


def test_shares_of_unequal_size() -> None:
    entry = Entry(theirs=("out",), ours=("signed", "cubes"))
    signed, cubes = entry.to_ours([torch.arange(25.0)[:, None]], rows=[1, 24])
    assert signed.tolist() == [[0.0]]
    assert cubes[:, 0].tolist() == list(range(1, 25))


def test_columns_move_to_the_front() -> None:
    entry = Entry(theirs=("theirs",), ours=("ours",), roll=3)
    theirs = torch.arange(14.0).reshape(2, 7)
    (ours,) = entry.to_ours([theirs], rows=[2])
    assert ours[0].tolist() == [4, 5, 6, 0, 1, 2, 3]
    assert torch.equal(entry.to_theirs([ours])[0], theirs)


@pytest.mark.parametrize("shape", [(12,), (12, 5), (24, 3)])
def test_there_and_back(shape: tuple[int, ...]) -> None:
    theirs = torch.randn(shape)
    for heads in (1, 2, 4):
        entry = Entry(theirs=("a",), ours=("x", "y", "z"), heads=heads)
        rows = [shape[0] // 3] * 3
        assert torch.equal(entry.to_theirs(entry.to_ours([theirs], rows=rows))[0], theirs)


def test_a_layer_is_its_weight_and_its_bias() -> None:
    both = [entry.theirs for entry in layer("a", "b")]
    assert both == [("a.weight",), ("a.bias",)]
    assert [entry.ours for entry in layer("a", ("b", "c"), bias=False)] == [
        ("b.weight", "c.weight")
    ]


def test_a_map_renames_all_of_its_entries() -> None:
    keys = KeyMap(entries=(*layer("a", ("b", "c")), *layer("d", "e", bias=False)))
    like = {
        "b.weight": torch.zeros(2, 3),
        "c.weight": torch.zeros(2, 3),
        "b.bias": torch.zeros(2),
        "c.bias": torch.zeros(2),
        "e.weight": torch.zeros(1, 1),
    }
    theirs = {"a.weight": torch.randn(4, 3), "a.bias": torch.randn(4), "d.weight": torch.ones(1, 1)}
    ours = keys.to_ours(theirs, like=like)
    assert {key: tensor.shape for key, tensor in ours.items()} == {
        key: tensor.shape for key, tensor in like.items()
    }
    back = keys.to_theirs(ours)
    assert back.keys() == theirs.keys()
    assert all(torch.equal(back[key], theirs[key]) for key in theirs)
