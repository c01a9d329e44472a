"""What can go wrong while fetching, each with its own reason."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "fetch_not_found": "The host says that there is no such file (404, 410).",
    "fetch_refused": "The host refuses to give the file (401, 403, 451 and the like).",
    "fetch_rate_limited": "The host said to the end that too much was asked of it (429).",
    "fetch_server_error": "The host answered with an error of its own to the end (5xx).",
    "fetch_truncated": "The transfer broke off before the end, each time.",
    "fetch_wrong_hash": "What came is not the file that the source lists, by SHA-256 or by size.",
    "fetch_timeout": "The host did not answer, stalled, or was too slow.",
    "fetch_unreachable": "The host could not be reached: name, connection or certificate.",
    "fetch_bad_response": "The answer is no valid one, or redirects to where we do not go.",
    "fetch_too_large": "The file is larger than the limit, as announced or as it came.",
}
"""Reason -> what it means; all are failures but `fetch_too_large`, which is a rejection."""


class Trouble(Exception):
    """One attempt went wrong.

    Args:
        reason: a word of `REASONS`.
        message: what was found, for people.
        again: whether another attempt may mend it.
        wait_s: how long the host asks to be left alone; None if it does not say.
    """

    def __init__(
        self, reason: str, message: str, *, again: bool = True, wait_s: float | None = None
    ) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message
        self.again = again
        self.wait_s = wait_s
