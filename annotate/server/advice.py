"""Suggestions and warnings for a state, as they are sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from annotate.review.state import State
from annotate.review.suggest.facts import ObjectFacts
from annotate.review.suggest.model import SuggestionModel
from annotate.review.suggest.ranking import suggest
from annotate.review.warnings import warnings_of
from annotate.server import messages


@dataclass(frozen=True, slots=True)
class Advice:
    """What to look at before accepting, and what may be merged, best first."""

    suggestions: list[messages.Suggestion] = field(default_factory=list)
    warnings: list[messages.Caution] = field(default_factory=list)


NONE = Advice()


def advise(facts: ObjectFacts, state: State, *, model: SuggestionModel) -> Advice:
    """What the rules of review say to a state."""
    found = suggest(facts, state, model=model)
    return Advice(
        suggestions=[
            messages.Suggestion(groups=list(one.groups), score=one.score, why=one.why)
            for one in found
        ],
        warnings=[
            messages.Caution(code=one.code, message=one.text, groups=list(one.groups))
            for one in warnings_of(facts, state)
        ],
    )
