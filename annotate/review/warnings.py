"""What a reviewer should look at once more before an object is accepted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.review.state import State
from annotate.review.suggest.facts import ObjectFacts
from annotate.review.suggest.groups import GroupFacts, group_facts
from annotate.review.surface import ReviewSurface
from partworks.geometry.adjacency import connected_components

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

TINY_SHARE = 0.002
"""Parts below this share of the kept area are mostly crumbs that were overlooked."""

PIECE_SHARE = 0.02
"""Pieces below this share of their part do not make it a part in pieces."""

GAP = 0.02
"""Pieces of a part that are closer than this share of the diagonal hang together for the eye."""

UNEVEN = 0.1
"""Parts over a plane of symmetry that differ by more of their area are not cut alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """One remark.

    Attributes:
        code: `tiny`, `disconnected`, `asymmetric`, `unnamed` or `nothing_left`.
        groups: that it is about.
        text: for the reviewer.
    """

    code: str
    groups: tuple[int, ...]
    text: str

    def to_json(self) -> dict[str, object]:
        """As it is sent."""
        return {"code": self.code, "groups": list(self.groups), "text": self.text}


def warnings_of(facts: ObjectFacts, state: State) -> tuple[Caution, ...]:
    """The remarks on a state, those on what is likely wrong first; none forbids to accept."""
    groups = group_facts(facts, state)
    kept = np.flatnonzero(~np.isin(groups.ids, list(state.dropped)))
    if not len(kept):
        return (Caution(code="nothing_left", groups=(), text="Every part is dropped."),)
    return (
        *_tiny(groups, kept),
        *_disconnected(facts, state, groups, kept),
        *_asymmetric(facts, state, groups, kept),
        *_unnamed(state, groups, kept),
    )


def _tiny(groups: GroupFacts, kept: Int64) -> list[Caution]:
    share = groups.area[kept] / max(float(groups.area[kept].sum()), 1e-300)
    return [
        Caution(
            code="tiny",
            groups=(int(groups.ids[group]),),
            text=f"A part with {part:.2%} of the surface: merge it or drop it?",
        )
        for group, part in zip(kept.tolist(), share.tolist(), strict=True)
        if part < TINY_SHARE
    ]


def _disconnected(
    facts: ObjectFacts, state: State, groups: GroupFacts, kept: Int64
) -> list[Caution]:
    piece = _pieces(facts.surface, state)
    near = _linked(facts, piece)
    label = np.searchsorted(groups.ids, state.group_of_face)
    owner = np.zeros(int(piece.max()) + 1, np.int64)
    owner[piece] = label
    # Pieces that are near to one another, and of one group, are one.
    joined = connected_components(len(owner), near[owner[near[:, 0]] == owner[near[:, 1]]])
    cluster_owner = np.zeros(int(joined.max()) + 1, np.int64)
    cluster_owner[joined] = owner
    area = np.bincount(joined[piece], facts.surface.areas)
    large = area > PIECE_SHARE * groups.area[cluster_owner]
    count = np.bincount(cluster_owner[large], minlength=len(groups.ids))
    return [
        Caution(
            code="disconnected",
            groups=(int(groups.ids[group]),),
            text=f"A part in {int(count[group])} pieces that do not touch: is it one?",
        )
        for group in kept.tolist()
        if count[group] > 1
    ]


def _pieces(surface: ReviewSurface, state: State) -> NDArray[np.int32]:
    group = state.group_of_face
    same = group[surface.pairs[:, 0]] == group[surface.pairs[:, 1]]
    return connected_components(len(group), surface.pairs[same])


def _linked(facts: ObjectFacts, piece: NDArray[np.int32]) -> Int64:
    """(N, 2) int64: pieces with points that are close."""
    close = facts.gap <= GAP * facts.surface.diagonal
    own = np.broadcast_to(piece[facts.point_face][:, None], close.shape)
    other = piece[facts.point_face[facts.near]]
    links: Int64 = np.stack([own[close], other[close]], axis=1).astype(np.int64)
    return np.asarray(np.unique(links, axis=0))


def _asymmetric(facts: ObjectFacts, state: State, groups: GroupFacts, kept: Int64) -> list[Caution]:
    """Groups of a symmetric object that are reflected into several groups, or part of one."""
    if not facts.planes:
        return []
    plane = facts.planes[0]
    label = np.searchsorted(groups.ids, state.group_of_face)
    count = len(groups.ids)
    met = np.flatnonzero(plane.twin >= 0)
    key = label[met] * count + label[plane.twin[met]]
    shared = np.bincount(key, facts.surface.areas[met], count * count).reshape(count, count)
    found = []
    for group in kept.tolist():
        other = int(shared[group].argmax())
        image = float(shared[group].sum())
        if image < (1 - UNEVEN) * groups.area[group]:
            continue  # this part of the object is not symmetric at all
        lost = 1 - shared[group, other] / max(image, 1e-300)
        uneven = abs(groups.area[group] - groups.area[other]) > UNEVEN * groups.area[group]
        if lost > UNEVEN or (other != group and uneven):
            ids = tuple(sorted({int(groups.ids[group]), int(groups.ids[other])}))
            text = "What is one part here is cut otherwise on the other side of the object."
            found.append(Caution(code="asymmetric", groups=ids, text=text))
    return sorted(set(found), key=lambda caution: caution.groups)


def _unnamed(state: State, groups: GroupFacts, kept: Int64) -> list[Caution]:
    ids = groups.ids[kept].tolist()
    without = tuple(group for group in ids if group not in state.names)
    # Most objects are reviewed without names: that none is given is no oversight.
    if not without or len(without) == len(ids):
        return []
    many = "1 part has" if len(without) == 1 else f"{len(without)} parts have"
    return [Caution(code="unnamed", groups=without, text=f"{many} no name.")]
