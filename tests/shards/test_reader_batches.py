from __future__ import annotations

import json
import pickle
from itertools import islice

import pytest

from shards.reader import Draw, Draws, EverySampleOnce, StepBatches

COUNT = 10


def batches(step: int = 0, *, rank: int = 0, world: int = 1, seed: int = 3) -> StepBatches:
    return StepBatches(
        Draws(COUNT, seed=seed), batch_size=4, clock=lambda: step, rank=rank, world=world
    )


def test_every_epoch_has_each_item_once_in_another_order() -> None:
    draws = Draws(COUNT, seed=0)
    epochs = [[draws[place].item for place in range(start, start + 10)] for start in (0, 10, 20)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(10))] * 3
    assert epochs[0] != epochs[1] != epochs[2]


def test_a_draw_hangs_on_seed_and_place_alone() -> None:
    draws = Draws(COUNT, seed=0)
    forwards = [draws[place] for place in range(50)]
    assert [draws[place] for place in reversed(range(50))] == forwards[::-1]
    again = pickle.loads(pickle.dumps(draws))  # noqa: TID251
    assert [again[place] for place in range(50)] == forwards


def test_the_seed_decides() -> None:
    first = batches(seed=3).batch(0)
    assert first == batches(seed=3).batch(0)
    assert first != batches(seed=4).batch(0)


def test_going_on_from_a_step_is_as_if_never_stopped() -> None:
    """Ten items in batches of four: every third batch lies across the end of an epoch."""
    straight = list(islice(batches(), 12))
    for step in range(12):
        assert list(islice(batches(step), 12 - step)) == straight[step:]


def test_the_clock_is_asked_when_iteration_starts() -> None:
    now = [0]
    loader = StepBatches(Draws(COUNT, seed=3), batch_size=4, clock=lambda: now[0])
    first = next(iter(loader))
    now[0] = 5
    assert next(iter(loader)) == loader.batch(5) != first


@pytest.mark.parametrize("world", [2, 3])
def test_ranks_share_the_draws(world: int) -> None:
    together = [
        sorted(
            draw for rank in range(world) for draw in batches(rank=rank, world=world).batch(step)
        )
        for step in range(4)
    ]
    draws = Draws(COUNT, seed=3)
    size = 4 * world
    expected = [sorted(draws[p] for p in range(s * size, s * size + size)) for s in range(4)]
    assert together == expected


@pytest.mark.parametrize(("world", "length"), [(1, 3), (2, 2), (3, 1), (5, 1)])
def test_length_is_an_epoch_rounded_up(world: int, length: int) -> None:
    assert len(batches(world=world)) == length


def test_fewer_items_than_a_batch_repeat() -> None:
    few = StepBatches(Draws(2, seed=0), batch_size=5, clock=lambda: 0)
    items = [draw.item for draw in few.batch(0)]
    assert sorted(items[:4]) == [0, 0, 1, 1]
    assert len({draw.place for draw in few.batch(0)}) == 5


def step_batches(batch_size: int, rank: int, world: int) -> StepBatches:
    return StepBatches(Draws(COUNT, seed=3), batch_size=batch_size, rank=rank, world=world)


@pytest.mark.parametrize("before", [(4, 1), (2, 2), (3, 2)])
@pytest.mark.parametrize("after", [(4, 1), (2, 2), (3, 2), (1, 3)])
@pytest.mark.parametrize("stop", [0, 1, 2, 5])
def test_no_item_is_lost_or_repeated_over_a_resume(
    before: tuple[int, int], after: tuple[int, int], stop: int
) -> None:
    """Also with another batch size and another number of ranks, and twice."""
    seen: list[Draw] = []
    state = None
    for (batch_size, world), steps in ((before, stop), (after, 3), (before, 4)):
        ranks = [step_batches(batch_size, rank, world) for rank in range(world)]
        start = 0
        for rank in ranks:
            if state is not None:
                rank.load_state_dict(json.loads(json.dumps(state)))
                start = state["step"]
        for together in islice(zip(*ranks, strict=True), steps):
            seen += [draw for batch in together for draw in batch]
        state = ranks[0].state_dict(step=start + steps)
        assert state == ranks[-1].state_dict(step=start + steps)
    draws = Draws(COUNT, seed=3)
    assert seen == [draws[place] for place in range(len(seen))]
    assert len(seen) >= 4 * COUNT // 5


def test_a_state_of_other_data_is_refused() -> None:
    state = batches().state_dict(step=4)
    with pytest.raises(ValueError, match=r"another order \(seed 3 -> 4\)"):
        batches(seed=4).load_state_dict(state)


def test_validation_has_every_item_once() -> None:
    shares = [list(EverySampleOnce(7, batch_size=2, rank=rank, world=2)) for rank in (0, 1)]
    assert shares[0] == [[Draw(0, 0), Draw(2, 2)], [Draw(4, 4), Draw(6, 6)]]
    assert shares[1] == [[Draw(1, 1), Draw(3, 3)], [Draw(5, 5)]]
    assert len(EverySampleOnce(7, batch_size=2, rank=1, world=2)) == 2


def test_a_rank_without_items_repeats_one() -> None:
    assert list(EverySampleOnce(2, batch_size=4, rank=3, world=4)) == [[Draw(1, 1)]]


@pytest.mark.parametrize("stop", range(5))
def test_validation_goes_on_where_it_was_once(stop: int) -> None:
    whole = list(EverySampleOnce(7, batch_size=2))
    after = EverySampleOnce(7, batch_size=2)
    after.load_state_dict(EverySampleOnce(7, batch_size=2).state_dict(step=stop))
    assert [list(after), list(after)] == [whole[stop:], whole]
    with pytest.raises(ValueError, match="batch_size 2 -> 3"):
        EverySampleOnce(7, batch_size=3).load_state_dict(after.state_dict(step=stop))
