"""From operations to the state that they make: replay, undo and redo.

Undo and redo work on what is in force, as on a stack: undo takes the last operation off, redo puts
it back, and any other operation forgets what was taken off. So undoing n times and redoing n times
changes nothing, however deep and however often, and the log alone says where a review stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from annotate.review.base import Base
from annotate.review.checks import MOST_OPERATIONS, check, check_fit
from annotate.review.errors import OperationError
from annotate.review.grouping import applied
from annotate.review.operations import Operation, Redo, Undo
from annotate.review.state import State, first_state


def fold(base: Base, operations: Iterable[Operation]) -> State:
    """The state after all operations, oldest first.

    What was undone for good is not replayed, and so neither checked nor paid for.

    Raises:
        OperationError: one of those in force does not fit, or an undo or redo has nothing to do.
    """
    log = list(operations)
    identifiers = frozenset(operation.id for operation in log)
    if len(identifiers) != len(log):
        raise OperationError("repeated_id", "two operations of the log have one id")
    if len(log) > MOST_OPERATIONS:
        raise OperationError("too_large", f"{len(log)} operations; {MOST_OPERATIONS} are the most")
    done, undone = stacks(log)
    return replace(
        _replayed(base, done),
        version=len(log),
        done=tuple(done),
        undone=tuple(undone),
        operation_ids=identifiers,
    )


def stacks(operations: Iterable[Operation]) -> tuple[list[Operation], list[Operation]]:
    """What is in force, oldest first, and what redo would bring back, the next one last.

    Raises:
        OperationError: `nothing_to_undo` or `nothing_to_redo`.
    """
    done: list[Operation] = []
    undone: list[Operation] = []
    for operation in operations:
        match operation:
            case Undo():
                if not done:
                    raise OperationError("nothing_to_undo", "no operation is in force")
                undone.append(done.pop())
            case Redo():
                if not undone:
                    raise OperationError("nothing_to_redo", "nothing was undone since")
                done.append(undone.pop())
            case _:
                done.append(operation)
                undone.clear()
    return done, undone


def step(base: Base, state: State, operation: Operation) -> State:
    """The state after one more operation: the same as folding the longer log.

    Only an undo costs more than the operation itself: what stays in force is replayed.

    Raises:
        OperationError: it does not fit.
    """
    check(base, state, operation)
    done, undone = state.done, state.undone
    match operation:
        case Undo():
            done, undone = done[:-1], (*undone, done[-1])
            changed = _replayed(base, done)
        case Redo():
            changed = applied(base, state, undone[-1])
            done, undone = (*done, undone[-1]), undone[:-1]
        case _:
            changed = applied(base, state, operation)
            done, undone = (*done, operation), ()
    return replace(
        changed,
        version=state.version + 1,
        done=done,
        undone=undone,
        operation_ids=state.operation_ids | {operation.id},
    )


def gesture_length(state: State) -> int:
    """How many operations at the end of those in force were one gesture: one tool at one time.

    A brush stroke over three atoms refines each and cleaves once; a page undoes them together.
    """
    if not state.done:
        return 0
    last = state.done[-1]
    length = 0
    for operation in reversed(state.done):
        if (operation.at, operation.tool) != (last.at, last.tool):
            break
        length += 1
    return length


def _replayed(base: Base, operations: Sequence[Operation]) -> State:
    state = first_state(base)
    for operation in operations:
        check_fit(base, state, operation)
        state = applied(base, state, operation)
    return state
