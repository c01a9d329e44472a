"""Averages of records of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

Record = TypeVar("Record")


def mean_of(records: Sequence[Record]) -> Record:
    """A record whose every number is the mean over the given records of one class.

    Records in records are averaged alike. What is None in some records is averaged over the
    others, and stays None where it is so in all of them; text must be the same in all.
    """
    assert records and is_dataclass(records[0])
    values = {
        field.name: _mean([getattr(record, field.name) for record in records])
        for field in fields(records[0])
    }
    make: Callable[..., Record] = type(records[0])
    return make(**values)


def _mean(values: Sequence[Any]) -> Any:
    known = [value for value in values if value is not None]
    if not known:
        return None
    if is_dataclass(known[0]):
        return mean_of(known)
    if isinstance(known[0], str):
        assert len(set(known)) == 1
        return known[0]
    return float(sum(known)) / len(known)
