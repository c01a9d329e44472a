"""What the requests of a root have cost, and a limit that they keep to.

Every worker, and every batch, has a record of its own in the root: what it has spent, and what it
holds for requests under way. It raises what it holds *before* it sends, then reads all records. If
they are beyond the budget together, it takes the raise back and does not send. Of two workers that
raise at the same time, the one that writes later sees the other's record, so that nothing is spent
that is not held, and no more is held than the budget, without any lock. That needs a root whose
files can be read as soon as they are written, which local disks and S3 are.

A worker that is killed leaves what it held counted as spent: perhaps it was.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from partworks import layout
from partworks.store import Store

FOLDER = "requests/spending"
AHEAD = 8
"""A worker holds money for so many requests, and for as many as are under way, beyond what it
needs, so as to write seldom."""


class OverBudget(Exception):
    """The next request could cost more than is left; the message has the numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """US dollars: spent, and held for requests under way; and requests that were paid."""

    spent: float = 0.0
    held: float = 0.0
    requests: int = 0

    @property
    def committed(self) -> float:
        """What may be gone."""
        return self.spent + self.held


def write_spending(store: Store, worker: str, record: Spending) -> None:
    """Leave a record in the root."""
    data = json.dumps(asdict(record), sort_keys=True) + "\n"
    store.write(layout.spending(worker), data.encode())


def read_spending(store: Store, *, without: str = "") -> Spending:
    """All records of a root together, but that of one worker."""
    total = Spending()
    for path in store.list(FOLDER):
        if without and path == layout.spending(without):
            continue
        record = Spending(**json.loads(store.read(path)))
        total = Spending(
            spent=total.spent + record.spent,
            held=total.held + record.held,
            requests=total.requests + record.requests,
        )
    return total


class Purse:
    """One worker's money.

    Args:
        store: the root.
        worker: a name that no other worker of the root ever had.
        budget: US dollars for the whole root; None for no limit.

    Not safe for threads: whoever shares it takes turns.
    """

    def __init__(self, store: Store, *, worker: str, budget: float | None) -> None:
        self._store = store
        self._worker = worker
        self._budget = budget
        self._spent = 0.0
        self._requests = 0
        self._open = 0
        self._under_way = 0.0
        self._held = 0.0

    @property
    def spent(self) -> float:
        """US dollars that this worker has spent."""
        return self._spent

    @property
    def under_way(self) -> int:
        """Requests that are taken for and not settled."""
        return self._open

    def covers(self, most: float) -> bool:
        """Whether `take` would not have to look at the root."""
        return self._budget is None or self._under_way + most <= self._held

    def take(self, most: float) -> None:
        """Set aside what a request costs at the most; `OverBudget` if that is too much."""
        if not self.covers(most):
            self._raise_held(most)
        self._under_way += most
        self._open += 1

    def settle(self, most: float, *, cost: float) -> None:
        """A request is over: `most` was set aside and `cost` was spent."""
        self._open -= 1
        # Sums of floats leave crumbs; nothing under way is nothing.
        self._under_way = max(self._under_way - most, 0.0) if self._open else 0.0
        self._held = max(self._held - max(most, cost), self._under_way)
        self._spent += cost
        self._requests += cost > 0

    def release(self) -> None:
        """Write down what was spent, and hold no more than what is under way."""
        self._held = self._under_way
        self._write()

    def _raise_held(self, most: float) -> None:
        needed = self._under_way + most
        for wanted in (needed + max(AHEAD, self._open) * most, needed):
            self._held = wanted
            self._write()
            others = read_spending(self._store, without=self._worker).committed
            if self._within(others):
                return
        self._held = self._under_way
        self._write()
        raise OverBudget(
            f"{others + self._spent:.4f} US$ of the budget of {self._budget} US$ are spent or held "
            f"for requests under way, and the next request may cost {most:.4f} US$"
        )

    def _within(self, others: float) -> bool:
        return self._budget is None or others + self._spent + self._held <= self._budget

    def _write(self) -> None:
        record = Spending(spent=self._spent, held=self._held, requests=self._requests)
        write_spending(self._store, self._worker, record)
