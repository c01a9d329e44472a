from __future__ import annotations

import threading
from pathlib import Path

import pytest

from caption.vlm.spending import OverBudget, Purse, read_spending
from partworks.store import Store


def purse(folder: Path, name: str, budget: float | None) -> Purse:
    return Purse(Store(str(folder)), worker=name, budget=budget)


def test_what_is_spent_is_counted_over_workers(tmp_path: Path) -> None:
    for name in ("a", "b"):
        each = purse(tmp_path, name, None)
        each.take(1.0)
        each.settle(1.0, cost=0.25)
        each.release()
    found = read_spending(Store(str(tmp_path)))
    assert (found.spent, found.held, found.requests) == (0.5, 0.0, 2)


def test_no_more_is_taken_than_there_is(tmp_path: Path) -> None:
    each = purse(tmp_path, "a", 10.0)
    for _ in range(10):
        each.take(1.0)
    with pytest.raises(OverBudget, match="budget of 10"):
        each.take(1.0)
    each.settle(1.0, cost=0.5)
    with pytest.raises(OverBudget):
        each.take(1.0)
    each.settle(1.0, cost=0.5)
    each.take(1.0)


def test_a_worker_that_is_killed_leaves_what_it_held(tmp_path: Path) -> None:
    purse(tmp_path, "killed", 10.0).take(4.0)
    other = purse(tmp_path, "other", 10.0)
    other.take(4.0)
    with pytest.raises(OverBudget):
        other.take(4.0)


def test_a_raised_budget_goes_on(tmp_path: Path) -> None:
    first = purse(tmp_path, "a", 1.0)
    first.take(1.0)
    first.settle(1.0, cost=1.0)
    first.release()
    with pytest.raises(OverBudget):
        purse(tmp_path, "b", 1.0).take(1.0)
    purse(tmp_path, "c", 2.0).take(1.0)


def test_workers_at_once_never_spend_more_than_the_budget(tmp_path: Path) -> None:
    taken = []

    def work(name: str) -> None:
        mine = purse(tmp_path, name, 20.0)
        for _ in range(12):
            try:
                mine.take(1.0)
            except OverBudget:
                break
            mine.settle(1.0, cost=1.0)
            taken.append(1.0)
        mine.release()

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = read_spending(Store(str(tmp_path)))
    assert found.spent == sum(taken) <= 20.0 and found.held == 0.0
    # Whoever comes later gets what the others, in their caution, left.
    last = purse(tmp_path, "last", 20.0)
    for _ in range(20 - len(taken)):
        last.take(1.0)
    with pytest.raises(OverBudget):
        last.take(1.0)


def test_a_request_that_cost_more_than_thought_is_counted_whole(tmp_path: Path) -> None:
    each = purse(tmp_path, "a", 5.0)
    each.take(1.0)
    each.settle(1.0, cost=4.5)
    with pytest.raises(OverBudget):
        each.take(1.0)
    assert read_spending(Store(str(tmp_path))).committed == 4.5
