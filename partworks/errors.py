"""The errors that carry a reason: the short word that the ledger keeps and users count by."""

from __future__ import annotations


class UsageError(Exception):
    """The call itself was wrong: the command line prints the message and exits with 2."""


class Rejected(Exception):
    """A rule says no to an object; it is final until the input, the config or the version changes.

    Args:
        reason: a word of the stage's `reasons` table, such as `corrupt_file`.
        message: what was found, what was expected, and what to do.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message

    def __reduce__(self) -> tuple[type[Rejected], tuple[str, str]]:
        return type(self), (self.reason, self.message)


class Failed(Exception):
    """Something went wrong with an object that a retry may mend.

    Args:
        reason: a word of the stage's `reasons` table, such as `fetch_failed`.
        message: what went wrong and what to do.
        stderr: what a process that did the work wrote last, for the ledger.
    """

    def __init__(self, reason: str, message: str, *, stderr: str = "") -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message
        self.stderr = stderr

    def __reduce__(self) -> tuple[type[Failed], tuple[str, str], dict[str, str]]:
        return type(self), (self.reason, self.message), {"stderr": self.stderr}
