from __future__ import annotations

from itertools import islice

import pytest

from train.batches import Draw, EveryPartOnce, StepBatches, Stream


def batches(step: int = 0, *, rank: int = 0, world: int = 1, seed: int = 3) -> StepBatches:
    return StepBatches(
        Stream(10, seed=seed), batch_size=4, clock=lambda: step, rank=rank, world=world
    )


def test_every_epoch_has_each_part_once_in_another_order() -> None:
    stream = Stream(10, seed=0)
    epochs = [[stream[place].part for place in range(start, start + 10)] for start in (0, 10, 20)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(10))] * 3
    assert epochs[0] != epochs[1] != epochs[2]


def test_the_seed_decides() -> None:
    first = batches(seed=3).batch(0)
    assert first == batches(seed=3).batch(0)
    assert first != batches(seed=4).batch(0)


def test_going_on_from_a_step_is_as_if_never_stopped() -> None:
    """Ten parts in batches of four: every third batch lies across the end of an epoch."""
    straight = list(islice(batches(), 12))
    for step in range(12):
        assert list(islice(batches(step), 12 - step)) == straight[step:]


def test_the_clock_is_asked_when_iteration_starts() -> None:
    now = [0]
    loader = StepBatches(Stream(10, seed=3), batch_size=4, clock=lambda: now[0])
    first = next(iter(loader))
    now[0] = 5
    assert next(iter(loader)) == loader.batch(5) != first


@pytest.mark.parametrize("world", [2, 3])
def test_ranks_share_the_stream(world: int) -> None:
    together = [
        sorted(
            draw for rank in range(world) for draw in batches(rank=rank, world=world).batch(step)
        )
        for step in range(4)
    ]
    stream = Stream(10, seed=3)
    size = 4 * world
    expected = [sorted(stream[p] for p in range(s * size, s * size + size)) for s in range(4)]
    assert together == expected


@pytest.mark.parametrize(("world", "length"), [(1, 3), (2, 2), (3, 1), (5, 1)])
def test_length_is_an_epoch_rounded_up(world: int, length: int) -> None:
    assert len(batches(world=world)) == length


def test_fewer_parts_than_a_batch_repeat() -> None:
    few = StepBatches(Stream(2, seed=0), batch_size=5, clock=lambda: 0)
    parts = [draw.part for draw in few.batch(0)]
    assert sorted(parts[:4]) == [0, 0, 1, 1]
    assert len({draw.place for draw in few.batch(0)}) == 5


def test_validation_has_every_part_once() -> None:
    shares = [list(EveryPartOnce(7, batch_size=2, rank=rank, world=2)) for rank in (0, 1)]
    assert shares[0] == [[Draw(0, 0), Draw(2, 2)], [Draw(4, 4), Draw(6, 6)]]
    assert shares[1] == [[Draw(1, 1), Draw(3, 3)], [Draw(5, 5)]]
    assert len(EveryPartOnce(7, batch_size=2, rank=1, world=2)) == 2


def test_a_rank_without_parts_repeats_one() -> None:
    assert list(EveryPartOnce(2, batch_size=4, rank=3, world=4)) == [[Draw(1, 1)]]
