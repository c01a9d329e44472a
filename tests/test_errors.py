from __future__ import annotations

import copy

import pytest

from partworks.errors import Failed, Rejected


@pytest.mark.parametrize(
    "error", [Rejected("a", "b"), Failed("a", "b"), Failed("a", "b", stderr="c")]
)
def test_errors_survive_a_pipe(error: Failed | Rejected) -> None:
    received = copy.copy(error)  # by the same means as pickle
    assert type(received) is type(error)
    assert (received.reason, received.message, str(received)) == ("a", "b", "a: b")
    assert getattr(received, "stderr", None) == getattr(error, "stderr", None)
