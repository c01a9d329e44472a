"""A fingerprint of what a review has made, which the server and the page compute alike.

SHA-256, in lower-case hex, over these bytes, with every number a little-endian unsigned 32-bit:

1. the 24 ASCII bytes `partworks-review-state-1`;
2. F, the number of faces; R, the number of runs; then for each maximal run of faces of one atom, in
   face order, the atom and the number of its faces;
3. A, the number of atoms; then for each atom, in order, its group;
4. N, the number of groups with a name; then for each, by ascending group: the group, the number of
   bytes of its name in UTF-8, and those bytes;
5. D, the number of dropped groups; then each, ascending.

Versions, undone operations and stamps are not in it: undo gives the fingerprint of before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.review.state import State

MAGIC = b"partworks-review-state-1"


def canonical_bytes(state: State) -> bytes:
    """The bytes that are hashed, as the module says."""
    runs = state.atom_runs
    named = sorted(state.names)
    pieces = [
        MAGIC,
        _numbers([len(state.atom_of_face), len(runs)]),
        _numbers(runs.reshape(-1)),
        _numbers([state.atom_count]),
        _numbers(state.group_of_atom),
        _numbers([len(named)]),
    ]
    for group in named:
        name = state.names[group].encode("utf-8")
        pieces += [_numbers([group, len(name)]), name]
    pieces += [_numbers([len(state.dropped)]), _numbers(sorted(state.dropped))]
    return b"".join(pieces)


def state_hash(state: State) -> str:
    """64 hex digits; two states have the same if their atoms, groups, names and drops are."""
    return hashlib.sha256(canonical_bytes(state)).hexdigest()


def _numbers(values: Sequence[int] | NDArray[Any]) -> bytes:
    return np.asarray(values, "<u4").tobytes()
