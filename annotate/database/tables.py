"""All tables under one roof, so that whoever imports this knows the whole schema."""

from __future__ import annotations

from annotate.database.accounts_tables import Account, Credential
from annotate.database.base import Base
from annotate.database.record_tables import (
    APPEND_ONLY,
    Agreement,
    Draft,
    Event,
    OperationRow,
    Review,
)
from annotate.database.work_tables import Skip, Slot, Task

__all__ = [
    "APPEND_ONLY",
    "Account",
    "Agreement",
    "Base",
    "Credential",
    "Draft",
    "Event",
    "OperationRow",
    "Review",
    "Skip",
    "Slot",
    "Task",
]
