"""Whether suggestions are taken: counted from operation logs alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotate.review.base import Base
from annotate.review.fold import fold
from annotate.review.operations import Merge, Operation
from annotate.review.state import State
from annotate.review.suggest.ranking import Suggestion

TOOL = "suggestion"
"""The tool of a merge that took a suggestion as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Counts over some reviews.

    Attributes:
        merges: that were in force at the end.
        taken: of all operations, merges that took a suggestion.
        kept: of these, how many were in force at the end.
        offered: suggestions shown at the start.
        right: of these, how many had all their groups in one part at the end, however they were
            merged.
    """

    merges: int = 0
    taken: int = 0
    kept: int = 0
    offered: int = 0
    right: int = 0

    @property
    def share(self) -> float | None:
        """Of the merges in force, the share that took a suggestion; None without any."""
        return self.kept / self.merges if self.merges else None

    @property
    def precision(self) -> float | None:
        """Of the suggestions shown at the start, the share that was right; None without any."""
        return self.right / self.offered if self.offered else None


def acceptance(
    base: Base, operations: Sequence[Operation], *, shown: Sequence[Suggestion] = ()
) -> Acceptance:
    """What became of suggestions in one accepted review.

    Args:
        shown: the suggestions for the first state, as they were sent with the task.
    """
    end = fold(base, operations)
    merges = [operation for operation in end.done if isinstance(operation, Merge)]
    taken = [o for o in operations if isinstance(o, Merge) and o.tool == TOOL]
    return Acceptance(
        merges=len(merges),
        taken=len(taken),
        kept=sum(operation.tool == TOOL for operation in merges),
        offered=len(shown),
        right=sum(_came_true(base, end, entry) for entry in shown),
    )


def total(rows: Iterable[Acceptance]) -> Acceptance:
    """The counts of many reviews added up."""
    some = list(rows)
    return Acceptance(
        merges=sum(row.merges for row in some),
        taken=sum(row.taken for row in some),
        kept=sum(row.kept for row in some),
        offered=sum(row.offered for row in some),
        right=sum(row.right for row in some),
    )


def _came_true(base: Base, end: State, entry: Suggestion) -> bool:
    """Groups of the first state are followed by the atoms that name them."""
    assert max(entry.groups) < base.atom_count
    return len({int(end.group_of_atom[group]) for group in entry.groups}) == 1
