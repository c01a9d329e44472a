from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from partworks.errors import UsageError
from shards.reader import Points, ShardIndex
from train.encode.clouds import clouds_of, moved_boxes, part_clouds, to_part_frame
from train.encode.config import EncodeConfig

PART = EncodeConfig(frame="part")


@pytest.fixture
def points(training_set: str) -> Points:
    index = ShardIndex(training_set)
    decoded: Points = index.decode(index.keys("train")[0], ["points.npz"])["points.npz"]
    return decoded


def test_parts_fill_their_own_frame_or_stay_where_they_are(points: Points) -> None:
    own = part_clouds(points, key="a", config=PART, sharp=False).surface
    assert np.abs(own[..., :3]).max(axis=(1, 2)) == pytest.approx(1, abs=1e-5)
    back = own[..., :3] * points.part_scale[:, None, None] + points.part_center[:, None]
    assert back == pytest.approx(points.part_surface[..., :3], abs=1e-6)
    assert np.array_equal(own[..., 3:], points.part_surface[..., 3:])
    there = part_clouds(points, key="a", config=EncodeConfig(frame="object"), sharp=False)
    assert np.array_equal(there.surface, points.part_surface)


def test_boxes_and_wholes_are_where_the_object_is(points: Points) -> None:
    found = clouds_of(points, key="a", config=PART, sharp=False)
    assert np.array_equal(found["object"].surface, points.object_surface[None])
    box = found["box"].surface
    assert box.shape == (len(points.part_box), 4096, 6)
    assert box[..., :3].min(axis=1) == pytest.approx(points.part_box[:, 0], abs=1e-6)
    assert box[..., :3].max(axis=1) == pytest.approx(points.part_box[:, 1], abs=1e-6)


def test_points_of_boxes_that_the_shards_have_are_taken(points: Points) -> None:
    known = np.ones((len(points.part_box), 9, 6), np.float32)
    stored = dataclasses.replace(points, box_surface=known)
    assert clouds_of(stored, key="a", config=PART, sharp=False)["box"].surface is known


def test_what_is_not_asked_for_is_not_there(points: Points) -> None:
    config = dataclasses.replace(PART, wholes=False, boxes=False)
    assert list(clouds_of(points, key="a", config=config, sharp=False)) == ["part"]


def test_fewer_points_are_some_of_them_by_seed_and_key(points: Points) -> None:
    def some(key: str, seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        config = dataclasses.replace(PART, points=10, seed=seed)
        return part_clouds(points, key=key, config=config, sharp=False).surface

    chosen = some("a", 0)
    assert chosen.shape == (len(points.part_box), 10, 6)
    own = to_part_frame(points.part_surface, points)
    for part in range(len(own)):
        rows = {row.tobytes() for row in own[part]}
        assert len({row.tobytes() for row in chosen[part]} & rows) == 10
    assert np.array_equal(chosen, some("a", 0))
    assert not np.array_equal(chosen, some("b", 0))
    assert not np.array_equal(chosen, some("a", 1))


def test_networks_of_sharp_edges_need_points_there(points: Points) -> None:
    with pytest.raises(UsageError, match=r"no part_sharp; set points\.sharp_points"):
        clouds_of(points, key="a", config=PART, sharp=True)
    parts = len(points.part_box)
    with_edges = dataclasses.replace(
        points, part_sharp=points.part_surface[:, :20], object_sharp=points.object_surface[:20]
    )
    found = clouds_of(
        with_edges, key="a", config=dataclasses.replace(PART, sharp_points=16), sharp=True
    )
    shapes = {name: None if c.sharp is None else c.sharp.shape for name, c in found.items()}
    assert shapes == {"part": (parts, 16, 6), "object": (1, 16, 6), "box": (parts, 16, 6)}


def test_variants_of_boxes_move_by_a_share_of_their_sides(points: Points) -> None:
    config = dataclasses.replace(PART, box_variants=40, box_jitter=0.1, box_points=30)
    moved = moved_boxes(points.part_box, config=config, key="a")
    sides = (points.part_box[:, 1] - points.part_box[:, 0])[:, None]
    shares = (moved - points.part_box) / sides
    assert moved.shape == (40, 6, 2, 3)
    assert 0.09 < np.abs(shares).max() < 0.1001
    assert np.abs(shares.mean(axis=0)).max() < 0.05, "to either side"
    cloud = clouds_of(points, key="a", config=config, sharp=False)["box_variant"].surface
    assert cloud.shape == (240, 30, 6)
    # Behind one another: all parts of the first variant, then of the second.
    inside = cloud.reshape(40, 6, 30, 6)[..., :3]
    assert (inside >= moved[:, :, None, 0] - 1e-6).all()
    assert (inside <= moved[:, :, None, 1] + 1e-6).all()
    assert np.array_equal(moved, moved_boxes(points.part_box, config=config, key="a"))
    assert not np.array_equal(moved, moved_boxes(points.part_box, config=config, key="b"))
