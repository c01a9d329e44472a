from __future__ import annotations

import logging
import pickle

import pytest

from shards.reader import DamagedSampleError, DamageLog, first_sound


def broken(number: int) -> DamagedSampleError:
    return DamagedSampleError(
        f"number {number} is odd", shard="a.tar", sample=str(number), member="json"
    )


def read(number: int) -> int:
    if number % 2:
        raise broken(number)
    return number


def test_the_first_sound_one_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    met: list[DamagedSampleError] = []
    log = DamageLog(met.append)
    with caplog.at_level(logging.WARNING, "shards.reader"):
        for _ in range(3):
            assert first_sound([3, 5, 6, 8], read, on_damage="skip", log=log) == 6
    assert log.counts == {("a.tar", "3"): 3, ("a.tar", "5"): 3}
    assert [error.sample for error in met] == ["3", "5"] * 3
    assert [record.getMessage() for record in caplog.records] == [
        "number 3 is odd. Another sample takes its place",
        "number 5 is odd. Another sample takes its place",
    ]


def test_raise_stops_at_the_first() -> None:
    log = DamageLog()
    with pytest.raises(DamagedSampleError, match="number 3 is odd"):
        first_sound([3, 6], read, on_damage="raise", log=log)
    assert not log.counts


def test_without_a_sound_one_the_last_is_raised() -> None:
    with pytest.raises(DamagedSampleError, match="number 5 is odd"):
        first_sound([3, 5], read, on_damage="skip", log=DamageLog())


def test_other_errors_are_not_damage() -> None:
    with pytest.raises(ZeroDivisionError):
        first_sound([0], lambda number: 1 // number, on_damage="skip", log=DamageLog())


def test_the_error_goes_through_processes_and_loaders() -> None:
    again = pickle.loads(pickle.dumps(broken(3)))  # noqa: TID251
    assert (again.shard, again.sample, again.member) == ("a.tar", "3", "json")
    assert str(again) == "number 3 is odd"
    assert str(DamagedSampleError("the message alone")) == "the message alone"
