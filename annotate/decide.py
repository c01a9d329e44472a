"""Parts as reviewers decided: their operations, folded over the segments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotate.exchange.decided import Decided
from annotate.names import part_names
from annotate.reject_reasons import REASONS
from annotate.review.base import Base
from annotate.review.digest import state_hash
from annotate.review.errors import OperationError
from annotate.review.fold import fold
from annotate.review.wire import operation_from_json
from partworks.artifacts.parts import Parts
from partworks.artifacts.segments import Segments
from partworks.errors import Failed, Rejected
from partworks.geometry.mesh import Mesh

_WORDS = {reason.code: reason.text for reason in REASONS}
_OTHER_VERDICTS = {
    "needs-better-atoms": "needs_better_atoms",
    "cannot-decide": "cannot_decide",
}


def decide(
    mesh: Mesh, segments: Segments, *, decided: Decided, generator: np.random.Generator
) -> Parts:
    """The parts of an accepted object; parts that nobody named are named as without reviewers.

    Raises:
        Rejected: the reviewers said no, with their reason, or dropped all there is.
        Failed: `decision_mismatch`, the operations do not make what the reviewer saw.
    """
    if decided.verdict != "accept":
        raise _rejection(decided)
    labels, names = _fold(segments, decided)
    if not names:
        raise Rejected("no_parts", f"{decided.reviewer} dropped every part")
    guessed = part_names(mesh, labels, generator=generator)
    return Parts(
        face_labels=labels,
        part_names=tuple(given or guess for given, guess in zip(names, guessed, strict=True)),
        source=", ".join(decided.reviewers),
        geometry_hash=mesh.geometry_hash,
    )


def _fold(segments: Segments, decided: Decided) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    try:
        operations = [operation_from_json(row) for row in decided.operations]
        state = fold(Base.of(segments), operations)
    except OperationError as error:
        raise _mismatch(decided, str(error)) from error
    found = state_hash(state)
    if found != decided.state_hash:
        raise _mismatch(
            decided, f"they make {found[:12]}, the reviewer saw {decided.state_hash[:12]}"
        )
    return state.parts()


def _rejection(decided: Decided) -> Rejected:
    who = decided.reviewer
    said = f"{who}: {decided.note}" if decided.note else who
    if decided.verdict in _OTHER_VERDICTS:
        return Rejected(_OTHER_VERDICTS[decided.verdict], said)
    if decided.reason in _WORDS:
        return Rejected(decided.reason, said)
    return Rejected("other", f"{said} ({decided.reason or 'no reason'})")


def _mismatch(decided: Decided, what: str) -> Failed:
    return Failed(
        "decision_mismatch",
        f"the operations on {decided.uid} do not fit its segments: {what}; reopen the task, or "
        "export again from the database that they were made in",
    )
