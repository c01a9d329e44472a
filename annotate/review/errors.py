"""The error of an operation that cannot be done."""

from __future__ import annotations


class OperationError(Exception):
    """An operation that is malformed, or that does not fit the state it meets.

    Args:
        code: a word of `annotate.review.checks.CODES` that a client can act on.
        message: what was found, what was expected, what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type[OperationError], tuple[str, str]]:
        return type(self), (self.code, self.message)
