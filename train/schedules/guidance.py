"""Classifier-free guidance (Ho and Salimans 2022), by one condition and by two."""

from __future__ import annotations

from torch import Tensor


def guided(conditional: Tensor, unconditional: Tensor, *, scale: float) -> Tensor:
    """Like its arguments: u + scale·(c - u). TRELLIS' strength is `scale - 1`."""
    return unconditional + scale * (conditional - unconditional)


def doubly_guided(
    free: Tensor, first: Tensor, both: Tensor, *, first_scale: float, second_scale: float
) -> Tensor:
    """Like its arguments: free + a·(first - free) + b·(both - first) (AutoPartGen, section 4.3).

    Args:
        free: without any condition.
        first: with the first condition alone.
        both: with both.
        first_scale: a; with b 0 the second condition does not count.
        second_scale: b; 1 and 1 give `both`.
    """
    return free + first_scale * (first - free) + second_scale * (both - first)
