"""What is wrong with a checkpoint."""

from __future__ import annotations

from partworks.errors import UsageError


class CheckpointError(UsageError):
    """A checkpoint cannot be read, is unsafe, or is not one of the network it is meant for."""
