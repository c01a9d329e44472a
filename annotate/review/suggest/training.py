"""Examples for the model out of reviews that were accepted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.review.base import Base
from annotate.review.fold import fold
from annotate.review.grouping import applied
from annotate.review.operations import Operation
from annotate.review.state import State, first_state
from annotate.review.suggest.facts import ObjectFacts
from annotate.review.suggest.features import FEATURES, candidates, precedents
from annotate.review.suggest.model import SuggestionModel, fit

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

MOST_STATES = 6
FOLDS = 5
STRUCTURAL = ("merge", "cleave", "refine", "level", "assign")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examples:
    """Pairs of groups of one object: (N, K) features, and (N,) whether they were one in the end."""

    features: Float64
    joined: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Mean log loss, in nats a pair, on objects that the learnt models have not seen."""

    shipped: float
    learnt: float

    @property
    def is_better(self) -> bool:
        """Whether learning was of use."""
        return self.learnt < self.shipped


def examples_of(facts: ObjectFacts, operations: Sequence[Operation]) -> Examples:
    """What an accepted review teaches: of each state on the way, which pairs ended as one part.

    A group counts as that part of the end in which most of its area lies. States are the first one
    and up to five more, spread evenly over the operations in force that changed groups.
    """
    end = fold(facts.base, operations)
    final = end.group_of_face
    # An object that was one group all the way has no pairs.
    tables, outcomes = [np.zeros((0, len(FEATURES)))], [np.zeros(0, bool)]
    for state in _on_the_way(facts.base, end):
        found = candidates(facts, state, precedents=precedents(facts, state))
        owner = _owners(facts, state, found.groups.ids, final)
        pairs = owner[found.meetings.pairs]
        tables.append(found.features)
        outcomes.append(pairs[:, 0] == pairs[:, 1])
    return Examples(features=np.concatenate(tables), joined=np.concatenate(outcomes))


def train(examples: Iterable[Examples]) -> SuggestionModel:
    """A model from many reviews; each object counts alike, however many groups it has.

    Raises:
        UsageError: there are too few examples.
    """
    some = [entry for entry in examples if len(entry.joined)]
    features = [entry.features for entry in some] or [np.zeros((0, len(FEATURES)))]
    joined = [entry.joined for entry in some] or [np.zeros(0, bool)]
    weight = [np.full(len(entry.joined), len(entry.joined) ** -0.5) for entry in some]
    return fit(
        np.concatenate(features),
        np.concatenate(joined),
        weight=np.concatenate(weight) if weight else np.zeros(0),
    )


def compare(examples: Sequence[Examples]) -> Comparison:
    """Learning against the model that is shipped: each fifth of the objects judges both.

    Raises:
        UsageError: there are too few examples to learn from four fifths of them.
    """
    shipped, learnt = [], []
    for fold_number in range(FOLDS):
        model = train(one for index, one in enumerate(examples) if index % FOLDS != fold_number)
        for one in examples[fold_number::FOLDS]:
            shipped.append(_loss(SuggestionModel(), one))
            learnt.append(_loss(model, one))
    return Comparison(shipped=float(np.mean(shipped)), learnt=float(np.mean(learnt)))


def _loss(model: SuggestionModel, examples: Examples) -> float:
    chance = model.probability(examples.features)
    said = np.where(examples.joined, chance, 1 - chance)
    return float(-np.log(np.maximum(said, 1e-12)).mean())


def _on_the_way(base: Base, end: State) -> list[State]:
    state = first_state(base)
    states = [state]
    done: list[Operation] = []
    for operation in end.done:
        done.append(operation)
        changed = applied(base, state, operation)
        state = State(
            atom_of_face=changed.atom_of_face,
            group_of_atom=changed.group_of_atom,
            leaf_of_atom=changed.leaf_of_atom,
            names=changed.names,
            dropped=changed.dropped,
            done=tuple(done),
        )
        if operation.kind in STRUCTURAL:
            states.append(state)
    chosen = np.unique(np.linspace(0, len(states) - 1, MOST_STATES).astype(np.int64))
    return [states[index] for index in chosen if len(states[index].groups) > 1]


def _owners(facts: ObjectFacts, state: State, ids: Int64, final: NDArray[np.int32]) -> Int64:
    """(G,) int64: the group of the end that has most of each group's area."""
    label = np.searchsorted(ids, state.group_of_face)
    ends, end = np.unique(final, return_inverse=True)
    key = label.astype(np.int64) * len(ends) + end
    shared = np.bincount(key, facts.surface.areas, len(ids) * len(ends)).reshape(len(ids), -1)
    owners: Int64 = shared.argmax(axis=1)
    return owners
