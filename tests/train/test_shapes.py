from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from partworks.errors import UsageError
from shards.reader import DamagedSampleError, Draw, ShardIndex, decode_points
from train.queries import QueryConfig
from train.samples import WHOLE, StoredObject
from train.shapes import TRAINING, VALIDATION, ShapeDataset, ShapeOptions

QUERIES = QueryConfig(surface=64, count=48)
OPTIONS = ShapeOptions(queries=QUERIES)


def dataset(root: str, *, cache: int = 64, **options: Any) -> ShapeDataset:
    return ShapeDataset(
        ShardIndex(root),
        split="train",
        options=dataclasses.replace(OPTIONS, **options),
        cache_objects=cache,
    )


def without_signs(shapes: ShapeDataset, parts: set[tuple[int, int]]) -> None:
    """Take the signs of some parts, by row and number, from what is in the cache."""
    for row, key in enumerate(shapes.keys):
        _, stored = shapes._read(row)
        assert stored.field is not None
        own = [part for at, part in parts if at == row]
        rows = stored.field.part_row.copy()
        rows[own] = -1
        field = dataclasses.replace(stored.field, part_row=rows)
        shapes._cache[key] = dataclasses.replace(stored, field=field)


def test_an_item_is_one_part(root: str) -> None:
    shapes = dataset(root)
    assert len(shapes) == 7 * 6
    key = shapes.keys[2]
    points = decode_points(shapes.index.read(key, ["points.npz"])["points.npz"])
    own = (points.part_surface[3, :, :3] - points.part_center[3]) / points.part_scale[3]
    item = shapes[Draw(2 * 6 + 3, 7)]
    assert (item["key"], int(item["part"]), int(item["place"])) == (key, 3, 7)
    assert not item["stand_in"]
    gaps = np.linalg.norm(item["surface"].numpy()[:, None, :3] - own[None], axis=-1).min(axis=1)
    assert gaps.max() < 1e-5


def test_wholes_come_behind_their_parts(root: str) -> None:
    shapes = dataset(root, wholes=True)
    assert len(shapes) == 7 * 7
    names = [shapes.name(item) for item in range(14)]
    expected = [*range(6), WHOLE]
    assert names == [(key, part) for key in shapes.keys[:2] for part in expected]
    assert float(shapes[Draw(6, 0)]["scale"]) == 1


def test_items_hang_on_seed_phase_and_place_alone(root: str) -> None:
    def queries(place: int, **settings: int) -> bytes:
        return bytes(dataset(root, **settings)[Draw(5, place)]["queries"].numpy().tobytes())

    assert queries(0) == queries(0)
    distinct = {queries(0), queries(1), queries(0, seed=1), queries(0, phase=VALIDATION)}
    assert len(distinct) == 4


def test_the_cache_stays_small_and_changes_nothing(root: str) -> None:
    small, large = dataset(root, cache=2), dataset(root)
    for part in range(0, 42, 5):
        a, b = small[Draw(part, part)], large[Draw(part, part)]
        assert all(torch.equal(a[name], b[name]) for name in ("surface", "queries", "distance"))
    assert len(small._cache) == 2


def test_what_has_no_sign_is_replaced_in_training(root: str) -> None:
    shapes = dataset(root)
    without_signs(shapes, {(0, 1), (0, 2), *((1, part) for part in range(6))})
    found = [shapes[Draw(item, 0)] for item in range(12)]
    names = [(shapes.keys.index(item["key"]), int(item["part"])) for item in found]
    assert names[:6] == [(0, 0), (0, 3), (0, 3), (0, 3), (0, 4), (0, 5)]
    assert names[6:] == [(2, part) for part in range(6)]
    assert [bool(item["stand_in"]) for item in found] == [
        False,
        True,
        True,
        *[False] * 3,
        *[True] * 6,
    ]
    assert all(item["trusted"] for item in found)


@pytest.mark.parametrize("options", [{"phase": VALIDATION}, {"trusted_only": False}])
def test_what_is_measured_or_rendered_needs_no_sign(root: str, options: dict[str, Any]) -> None:
    shapes = dataset(root, **options)
    without_signs(shapes, {(0, 1)})
    item = shapes[Draw(1, 0)]
    assert (int(item["part"]), bool(item["trusted"]), bool(item["stand_in"])) == (1, False, False)


def test_nothing_with_a_sign_says_what_to_do(root: str) -> None:
    shapes = dataset(root)
    without_signs(shapes, {(row, part) for row in range(7) for part in range(6)})
    with pytest.raises(UsageError, match="trusted_only false"):
        shapes[Draw(0, 0)]


def test_the_first_items_with_signs(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [dataset(root, limit=8).name(item)[1] for item in range(8)] == [*range(6), 0, 1]
    trusted = StoredObject.is_trusted
    monkeypatch.setattr(
        StoredObject, "is_trusted", lambda self, part: part % 2 == 1 and trusted(self, part)
    )
    for phase in (TRAINING, VALIDATION):
        shapes = dataset(root, limit=8, phase=phase)
        assert [shapes.name(item)[1] for item in range(8)] == [1, 3, 5, 1, 3, 5, 1, 3]
        assert len(shapes) == 8


def test_the_first_solid_items(root: str) -> None:
    shapes = dataset(root, limit=100, least_solid=0.02)
    expected = [
        (key, part)
        for row, key in enumerate(shapes.keys)
        for part in range(6)
        if shapes._read(row)[1].solid(part) >= 0.02
    ]
    assert [shapes.name(item) for item in range(len(shapes))] == expected
    assert 0 < len(shapes) < 42


def test_members_that_are_not_there_are_named(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset(root, meshes=True).check()
    monkeypatch.setattr(ShardIndex, "members", lambda self, key: ("json", "points.npz"))
    with pytest.raises(UsageError, match=r"no field\.npz and no mesh\.npz; run the shards stage"):
        dataset(root, meshes=True).check()
    dataset(root, queries=QueryConfig(surface=64, count=0)).check()


@pytest.mark.parametrize(("queries", "message"), [
    (QueryConfig(surface=513), r"queries\.surface is 513, but .* 512 such points .*part_points"),
    (QueryConfig(surface=64, sharp=1), r"queries\.sharp is 1, but .* 0 such .*sharp_points"),
])  # fmt: skip
def test_too_few_points_are_told(root: str, queries: QueryConfig, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        dataset(root, queries=queries).check()


def test_parts_of_a_damaged_object_are_those_of_the_next(root: str, damaged: str) -> None:
    """As many as there were, and with the same random points."""
    harmed, sound = dataset(damaged), dataset(root)
    assert len(harmed) == len(sound)
    for part in range(6):
        item = harmed[Draw(2 * 6 + part, 9)]
        assert torch.equal(item["queries"], sound[Draw(3 * 6 + part, 9)]["queries"])
        assert item["stand_in"]
    assert torch.equal(harmed[Draw(0, 9)]["queries"], sound[Draw(0, 9)]["queries"])
    shards = {(harmed.index.shard(key), key) for key in harmed.keys[2:3]}
    assert set(harmed.damage.counts) == shards


def test_damage_stops_if_it_shall(damaged: str) -> None:
    shapes = ShapeDataset(
        ShardIndex(damaged), split="train", options=OPTIONS, cache_objects=4, on_damage="raise"
    )
    with pytest.raises(DamagedSampleError, match=r"train-000000\.tar"):
        shapes[Draw(12, 0)]
