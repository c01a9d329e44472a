"""What can be wrong with a training set, said so that its owner can act on it."""

from __future__ import annotations


class ShardsNotFoundError(FileNotFoundError):
    """There is no training set where one was expected; the message says what to do."""


class UndecodableError(ValueError):
    """The bytes of a member are not what its name promises, or are larger than is allowed."""


class DamagedSampleError(Exception):
    """A sample cannot be read as it was written; other samples can.

    The message alone makes one too, as a loader does that carries an error out of its worker.

    Args:
        message: what was found, what was expected, what to do.
        shard: the file.
        sample: the key.
        member: the member that was found out first.
    """

    def __init__(
        self, message: str, *, shard: str = "", sample: str = "", member: str = ""
    ) -> None:
        super().__init__(message)
        self.shard = shard
        self.sample = sample
        self.member = member
