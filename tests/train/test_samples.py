from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from shards.reader import ShardIndex
from train.frames import BOUND, Frame, random_rotation
from train.queries import QueryConfig
from train.samples import WHOLE, StoredObject, choose_frame, collate, make_item, size_of

QUERIES = QueryConfig(surface=64, count=96)
MEMBERS = ("json", "points.npz", "field.npz", "mesh.npz")


@pytest.fixture(scope="module")
def stored(root: str) -> StoredObject:
    index = ShardIndex(root)
    key = index.keys("train")[0]
    return StoredObject.of(key, index.decode(key, MEMBERS))


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


def box_distance(points: torch.Tensor, half: np.ndarray) -> np.ndarray:
    beyond = np.abs(points.numpy()) - half
    outside = np.linalg.norm(np.maximum(beyond, 0), axis=1)
    found: np.ndarray = outside + np.minimum(beyond.max(axis=1), 0)
    return found


@pytest.mark.parametrize("part", [0, 3, 5])
def test_a_part_is_a_box_in_its_own_frame(stored: StoredObject, part: int) -> None:
    """Parts of the table are boxes, of which every distance is known."""
    shape = stored.shape(part)
    frame = choose_frame(shape, "part", rotate=False, generator=generator())
    item = make_item(shape, frame=frame, queries=QUERIES, generator=generator())
    low, high = stored.points.part_box[part]
    half = (high - low) / (high - low).max()
    true = box_distance(item["queries"], half).clip(-0.1, 0.1)
    np.testing.assert_allclose(item["distance"], true, atol=1e-5)
    assert float(item["truncation"]) == pytest.approx(0.1)
    assert np.abs(item["surface"][:, :3]).max() <= 1 + 1e-6
    vertices, faces = item["mesh"]
    assert (vertices.shape, faces.shape) == ((8, 3), (12, 3))
    np.testing.assert_allclose(vertices.amax(dim=0), half, atol=1e-6)


def test_center_and_scale_lead_back(stored: StoredObject) -> None:
    shape = stored.shape(2)
    frame = choose_frame(shape, "part", rotate=False, generator=generator())
    item = make_item(shape, frame=frame, queries=QUERIES, generator=generator())
    vertices, _ = item["mesh"]
    back = vertices * item["scale"] + item["center"]
    low, high = stored.points.part_box[2]
    np.testing.assert_allclose(back.amin(dim=0), low, atol=1e-6)
    np.testing.assert_allclose(back.amax(dim=0), high, atol=1e-6)


def test_in_the_objects_frame_nothing_moves(stored: StoredObject) -> None:
    shape = stored.shape(1)
    frame = choose_frame(shape, "object", rotate=False, generator=generator())
    item = make_item(shape, frame=frame, queries=QUERIES, generator=generator())
    given = {row.tobytes() for row in stored.points.part_surface[1]}
    assert {row.tobytes() for row in item["surface"].numpy()} <= given
    assert float(item["truncation"]) == pytest.approx(0.1 * shape.scale)


@pytest.mark.parametrize("name", ["part", "object"])
def test_what_is_turned_fits(stored: StoredObject, name: str) -> None:
    for seed in range(5):
        random = np.random.default_rng(seed)
        for part in (4, 5, WHOLE):
            shape = stored.shape(part)
            frame = choose_frame(shape, name, rotate=True, generator=random)  # type: ignore[arg-type]
            item = make_item(shape, frame=frame, queries=QUERIES, generator=random)
            vertices, faces = item["mesh"]
            # The frame knows some hundred points of the surface, and not the very corners.
            assert vertices.abs().max() <= (1.15 if name == "part" else 1)
            corners = vertices[faces]
            crossed = torch.linalg.cross(corners[:, 1], corners[:, 2])
            volume = float((corners[:, 0] * crossed).sum()) / 6
            true = shape.mesh[0][shape.mesh[1]]  # type: ignore[index]
            expected = np.einsum("fi,fi->", true[:, 0], np.cross(true[:, 1], true[:, 2])) / 6
            assert volume * frame.scale**3 == pytest.approx(expected, rel=1e-4)


def test_the_whole_is_an_item(stored: StoredObject) -> None:
    shape = stored.shape(WHOLE)
    frame = choose_frame(shape, "part", rotate=False, generator=generator())
    assert (frame.scale, frame.center.tolist()) == (1.0, [0, 0, 0])
    item = make_item(shape, frame=frame, queries=QUERIES, generator=generator())
    assert len(item["mesh"][1]) == 6 * 12


def test_without_signs_there_are_no_distances(stored: StoredObject) -> None:
    assert stored.field is not None
    rows = stored.field.part_row.copy()
    rows[1] = -1
    without = dataclasses.replace(stored, field=dataclasses.replace(stored.field, part_row=rows))
    assert [without.is_trusted(part) for part in (0, 1, WHOLE)] == [True, False, True]
    shape = without.shape(1)
    assert shape.field is None
    item = make_item(
        shape, frame=Frame.upright(shape.center, 1), queries=QUERIES, generator=generator()
    )
    assert not item["trusted"]
    assert not item["distance"].any()


def test_how_much_of_its_cube_a_part_fills(stored: StoredObject) -> None:
    """The top of the table is 2 by 0.1 by 1; 64 points tell it within some hundredths."""
    index = next(part for part in range(6) if stored.points.part_scale[part] > 0.9)
    low, high = stored.points.part_box[index].astype(float)
    share = np.prod((high - low) / (high - low).max()) / BOUND**3
    assert stored.solid(index) == pytest.approx(share, abs=0.06)


def test_items_make_a_batch(stored: StoredObject) -> None:
    items = []
    for part in range(3):
        shape = stored.shape(part)
        frame = Frame(rotation=random_rotation(generator()), center=np.zeros(3), scale=1.0)
        item = make_item(shape, frame=frame, queries=QUERIES, generator=generator())
        items.append({**item, "key": "a", "part": torch.tensor(part)})
    batch = collate(items)
    assert size_of(batch) == 3
    assert batch["key"] == ["a"] * 3
    assert len(batch["mesh"]) == 3
    assert batch["part"].tolist() == [0, 1, 2]
    assert batch["queries"].shape == (3, 96, 3)
    assert batch["normals"].shape == (3, 32, 3)
