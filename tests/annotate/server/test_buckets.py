"""Rate limits, with a clock that only the test moves."""

from __future__ import annotations

from annotate.server import buckets
from annotate.server.buckets import Buckets


def test_a_bucket_empties_and_fills() -> None:
    now = [0.0]
    found = Buckets(3, per_second=0.5, clock=lambda: now[0])
    assert [found.take("a") for _ in range(4)] == [None, None, None, 2]
    assert found.take("b") is None
    now[0] = 1.9
    assert found.take("a") == 1
    now[0] = 2.0
    assert found.look("a") is None and found.look("a") is None
    assert found.take("a") is None and found.take("a") == 2
    now[0] = 1000.0
    assert [found.take("a") for _ in range(4)] == [None, None, None, 2]


def test_only_so_many_keys_are_remembered() -> None:
    found = Buckets(1, per_second=0.001, clock=lambda: 0.0)
    for number in range(buckets.MOST_KEYS + 10):
        found.take(str(number))
    assert len(found._level) == buckets.MOST_KEYS
    assert found.take(str(buckets.MOST_KEYS + 9)) is not None and found.take("0") is None
