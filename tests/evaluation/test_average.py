from __future__ import annotations

from dataclasses import dataclass

import pytest

from partworks.evaluation.average import mean_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: str
    number: float | None
    inner: Inner | None


def test_numbers_are_averaged_at_any_depth_and_none_is_passed_over() -> None:
    found = mean_of(
        [
            Outer(name="a", number=1.0, inner=None),
            Outer(name="a", number=None, inner=Inner(value=3.0)),
            Outer(name="a", number=4.0, inner=Inner(value=5.0)),
        ]
    )
    assert found == Outer(name="a", number=2.5, inner=Inner(value=4.0))


def test_what_is_none_everywhere_stays_none() -> None:
    assert mean_of([Outer(name="a", number=None, inner=None)]).number is None


def test_texts_must_be_the_same() -> None:
    with pytest.raises(AssertionError):
        mean_of([Outer(name=name, number=None, inner=None) for name in "ab"])
