from __future__ import annotations

import asyncio

from caption.vlm.concurrency import AdaptiveLimit


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def answer(limit: AdaptiveLimit, clock: Clock, seconds: float, *, count: int = 1) -> None:
    for _ in range(count):
        since = clock.now
        clock.now += seconds
        limit.answered("part", since=since)


def test_it_doubles_each_round_until_the_most() -> None:
    clock = Clock()
    limit = AdaptiveLimit(50, clock=clock)
    assert limit.limit == 25
    answer(limit, clock, 0.2, count=25)
    assert limit.limit == 50
    answer(limit, clock, 0.2, count=100)
    assert limit.limit == 50


def test_a_refusal_halves_once_for_all_that_were_under_way() -> None:
    clock = Clock()
    limit = AdaptiveLimit(64, clock=clock)
    answer(limit, clock, 0.2, count=64)
    sent = clock.now
    clock.now += 0.1
    for _ in range(20):
        limit.refused(since=sent)
    assert limit.limit == 32
    limit.refused(since=clock.now)
    assert limit.limit == 16


def test_after_trouble_it_grows_by_one_a_round() -> None:
    clock = Clock()
    limit = AdaptiveLimit(64, clock=clock)
    limit.refused(since=0.0)
    start = limit.limit
    clock.now += 1
    answer(limit, clock, 0.2, count=start + 1)
    assert limit.limit == start + 1


def test_an_endpoint_that_slows_down_gets_less() -> None:
    clock = Clock()
    limit = AdaptiveLimit(16, clock=clock)
    answer(limit, clock, 0.2, count=40)
    assert limit.limit == 16
    answer(limit, clock, 2.0, count=20)
    slow = limit.limit
    assert slow < 8
    answer(limit, clock, 0.2, count=200)
    assert limit.limit > slow


def test_it_never_goes_below_one() -> None:
    clock = Clock()
    limit = AdaptiveLimit(4, clock=clock)
    for _ in range(20):
        clock.now += 1
        limit.refused(since=clock.now)
    assert limit.limit == 1


def test_no_more_are_inside_than_the_limit_and_all_come_through() -> None:
    async def run() -> tuple[int, int]:
        limit = AdaptiveLimit(8)
        most = done = 0

        async def one() -> None:
            nonlocal most, done
            async with limit.slot():
                most = max(most, limit.in_flight)
                assert limit.in_flight <= limit.limit
                await asyncio.sleep(0.001)
                done += 1

        await asyncio.gather(*(one() for _ in range(60)))
        return most, done

    assert asyncio.run(run()) == (4, 60)


def test_nobody_is_let_in_while_the_endpoint_wants_to_be_left_alone() -> None:
    async def run() -> float:
        limit = AdaptiveLimit(8)
        started = limit.now()
        limit.refused(since=started, wait_s=0.1)
        entered = []

        async def one() -> None:
            async with limit.slot():
                entered.append(limit.now() - started)

        await asyncio.gather(*(one() for _ in range(5)))
        assert len(entered) == 5
        return min(entered)

    assert asyncio.run(run()) >= 0.1
