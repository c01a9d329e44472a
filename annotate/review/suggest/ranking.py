"""The ranked list of likely merges, each with the reason why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.review.state import State
from annotate.review.suggest.facts import ObjectFacts
from annotate.review.suggest.features import FEATURES, Candidates, candidates, precedents
from annotate.review.suggest.groups import tree_sets
from annotate.review.suggest.model import SuggestionModel

Float64 = NDArray[np.float64]

LEAST_SCORE = 0.1
MOST = 40
UNSEEN = 0.02
"""How likely two groups are one part that are no candidates: they neither touch nor resemble."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Groups that are likely one part.

    Attributes:
        groups: ids, ascending.
        score: how likely, in [0, 1].
        why: in words, for the reviewer.
    """

    groups: tuple[int, ...]
    score: float
    why: str

    def to_json(self) -> dict[str, object]:
        """As it is sent."""
        return {"groups": list(self.groups), "score": self.score, "why": self.why}


def suggest(
    facts: ObjectFacts, state: State, *, model: SuggestionModel, most: int = MOST
) -> tuple[Suggestion, ...]:
    """Likely merges of a state's groups, those that save most first.

    Sets are built from the likeliest pair on, by average linkage, and each set on the way is a
    suggestion; so are all groups below a node of the tree, of one material, of one shape. The score
    is the mean over all pairs in a set, its place is by the clicks that it is expected to save.
    Dropped groups are left alone.
    """
    found = candidates(facts, state, precedents=precedents(facts, state))
    dropped = np.isin(found.groups.ids, list(state.dropped))
    table = _chances(found, model, dropped=dropped)
    sets = {*_linked_sets(table), *_kinds(found, table), *tree_sets(facts.base, state)}
    scored = [
        (members, _score(table, members)) for members in sets if not dropped[list(members)].any()
    ]
    likely = [entry for entry in scored if entry[1] >= LEAST_SCORE]
    likely.sort(key=lambda entry: (-_saving(*entry), entry[0]))
    return tuple(
        Suggestion(
            groups=tuple(int(found.groups.ids[member]) for member in members),
            score=round(score, 4),
            why=_why(found, members),
        )
        for members, score in likely[:most]
    )


def _chances(found: Candidates, model: SuggestionModel, *, dropped: NDArray[np.bool_]) -> Float64:
    """(G, G) float64: how likely each two groups are one part; 0 for a group and itself."""
    count = len(dropped)
    table = np.full((count, count), UNSEEN)
    first, second = found.meetings.pairs.T
    table[first, second] = table[second, first] = model.probability(found.features)
    table[dropped] = table[:, dropped] = 0.0
    np.fill_diagonal(table, 0.0)
    return table


def _score(table: Float64, members: tuple[int, ...]) -> float:
    size = len(members)
    return float(table[np.ix_(members, members)].sum()) / (size * (size - 1))


def _saving(members: tuple[int, ...], score: float) -> float:
    """Clicks on the groups and a key if all of it is right, against a key to pass it over.

    A set with a mean of p is wholly right less often than p, more so the larger it is.
    """
    return score**2 * len(members) - (1 - score)


def _linked_sets(table: Float64) -> Iterator[tuple[int, ...]]:
    """Sets of two or more, each joined of the two with the highest mean between them."""
    mean = table.copy()
    members: list[tuple[int, ...]] = [(node,) for node in range(len(table))]
    for _ in range(len(table) - 1):
        a, b = sorted(divmod(int(mean.argmax()), len(table)))
        if mean[a, b] < LEAST_SCORE:
            return
        sizes = len(members[a]), len(members[b])
        row = (sizes[0] * mean[a] + sizes[1] * mean[b]) / sum(sizes)
        mean[a] = mean[:, a] = row
        mean[b] = mean[:, b] = -1.0
        mean[a, a] = -1.0
        members[a] = tuple(sorted(members[a] + members[b]))
        yield members[a]


def _kinds(found: Candidates, table: Float64) -> Iterator[tuple[int, ...]]:
    """All groups that are mostly of one material, and all of one shape."""
    usable = np.flatnonzero(table.any(axis=1))
    for label in (found.groups.material.argmax(axis=1), found.groups.kind):
        for kind in np.unique(label[usable]):
            members = usable[label[usable] == kind].tolist()
            if 1 < len(members) < len(usable):
                yield tuple(members)


_WORDS = {
    "mirrored": "one part on the other side",
    "precedent": "as you merged before",
    "twins": "mirror twins",
    "alike": "the same shape",
    "within": "one inside the other",
    "materials": "the same material",
    "first_join": "the tree joins them next",
    "border": "a long shared border",
    "gap": "close together",
    "touching": "they touch",
}
_LEAST = {"materials": 0.9, "within": 0.9, "border": 0.5}


def _why(found: Candidates, members: tuple[int, ...]) -> str:
    """What holds for most pairs among the members, the most telling first."""
    inside = np.isin(found.meetings.pairs, members).all(axis=1)
    mean = found.features[inside].mean(axis=0)
    told = []
    for name, words in _WORDS.items():
        value = mean[FEATURES.index(name)]
        holds = value < 0.2 if name == "gap" else value >= _LEAST.get(name, 0.6)
        if holds:
            told.append(words)
    return ", ".join(told[:3]) or "likely by all that is seen of them"
