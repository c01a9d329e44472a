"""Small bases, and operations with stamps, for the tests of reviews."""

import uuid
from typing import Any

import numpy as np

from annotate.review.base import Base
from annotate.review.fold import fold
from annotate.review.operations import Operation
from annotate.review.state import State
from annotate.review.wire import operation_from_json


def base(
    faces: list[int], rows: list[tuple[int, int, float]], *, default_height: float = 0.0
) -> Base:
    return Base(
        atom_of_face=np.asarray(faces, np.int32),
        children=np.asarray([row[:2] for row in rows], np.int32).reshape(-1, 2),
        heights=np.asarray([row[2] for row in rows], np.float64),
        default_height=default_height,
    )


def six() -> Base:
    """Six atoms over 16 faces, (0 1) (2 3) ((2 3) 4) and so on; four groups at the start."""
    return base(
        [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 5, 0],
        [(0, 1, 0.125), (2, 3, 0.25), (7, 4, 0.5), (6, 8, 0.5), (9, 5, 0.75)],
        default_height=0.25,
    )


def identifier(number: int) -> str:
    return str(uuid.UUID(int=number))


def say(
    kind: str, number: int = 0, *, tool: str = "click", at: int = 0, **fields: Any
) -> Operation:
    """An operation; `number` is its id."""
    stamp = {"kind": kind, "id": identifier(number), "at": at, "tool": tool}
    return operation_from_json({**stamp, **fields})


def after(start: Base, *operations: dict[str, Any]) -> State:
    """The state after operations given as `{"kind": …, …}`, with ids in order."""
    return fold(start, [say(number=index, **fields) for index, fields in enumerate(operations)])
