"""The queue says no, with a short word that clients can act on."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """What was asked cannot be done now or not by this account; nothing was changed.

    Args:
        code: `not_found`, `not_yours`, `lease_lost`, `already_submitted`, `conflict`,
            `id_reused`, `state_mismatch`, `closed`, `invalid`, `name_taken`.
        message: what was found, what was expected, and what to do.
        extra: further members of the answer, such as the true `version` of a draft.
    """

    def __init__(self, code: str, message: str, **extra: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.extra = extra
