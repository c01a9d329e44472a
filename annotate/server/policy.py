"""Who may do what: one table, and no by default."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Verb(StrEnum):
    """What a route does, for the policy."""

    WORK = "work"
    """Claim tasks, edit and submit what one holds, take back what one submitted."""

    EDIT_CAPTIONS = "edit captions"
    """See the captions of all objects, write texts in their place, withdraw anybody's."""

    READ_BLOBS = "read blobs"
    OWN_TOKENS = "own tokens"
    LEAD_TASKS = "lead tasks"
    """List tasks, reopen and release anybody's, make gold of decided ones, adjudicate."""

    SEE_FIGURES = "see figures"
    SEE_AUDIT = "see audit"
    MANAGE_ACCOUNTS = "manage accounts"


ROLES = ("reviewer", "lead", "admin")

_REVIEWER = frozenset({Verb.WORK, Verb.EDIT_CAPTIONS, Verb.READ_BLOBS, Verb.OWN_TOKENS})
_LEAD = _REVIEWER | {Verb.LEAD_TASKS, Verb.SEE_FIGURES, Verb.SEE_AUDIT}
_ADMIN = _LEAD | {Verb.MANAGE_ACCOUNTS}

POLICY: Mapping[str, frozenset[Verb]] = MappingProxyType(
    {"reviewer": _REVIEWER, "lead": _LEAD, "admin": _ADMIN}
)


def allowed(role: str, verb: Verb) -> bool:
    """Whether a role may do something; unknown roles may do nothing."""
    return verb in POLICY.get(role, frozenset())
