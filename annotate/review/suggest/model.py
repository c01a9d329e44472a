"""How likely two groups are one part: a logistic model of their features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotate.review.suggest.features import FEATURES
from partworks.errors import UsageError

Float64 = NDArray[np.float64]

RIDGE = 1e-3
ROUNDS = 60
DIGITS = 4

# As `python -m benchmarks.perfect_reviewer --fit` has it, from samples and labelled assets.
DEFAULT: dict[str, float] = {
    "one": -3.697,
    "join": -0.966,
    "first_join": 0.097,
    "touching": 0.166,
    "border": -0.437,
    "concave": 0.186,
    "convex": 1.013,
    "gap": -1.239,
    "materials": 1.6,
    "rare_material": 0.279,
    "twins": -0.163,
    "both_twins": -0.467,
    "alike": -0.334,
    "smaller": -0.117,
    "larger": -0.312,
    "within": 1.061,
    "groups": 0.15,
    "precedent": 1.559,
    "mirrored": 0.329,
    "same_number": 0.94,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionModel:
    """Coefficients by feature; what is not there counts as 0.

    Attributes:
        coefficients: feature -> weight.
        examples: how many pairs it was fitted to.
    """

    coefficients: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT))
    examples: int = 0

    def probability(self, features: Float64) -> Float64:
        """(Q,) float64 in (0, 1), of rows (Q, len(FEATURES))."""
        weights = np.asarray([self.coefficients.get(name, 0.0) for name in FEATURES])
        chance: Float64 = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        return chance

    def to_json(self) -> dict[str, object]:
        """What `from_json` reads."""
        return {"coefficients": dict(self.coefficients), "examples": self.examples}

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> SuggestionModel:
        """A stored model.

        Raises:
            UsageError: it has features that there are not, or no numbers.
        """
        found, examples = value.get("coefficients"), value.get("examples", 0)
        if not isinstance(found, dict) or not isinstance(examples, int):
            raise UsageError("a model of suggestions has `coefficients` and `examples`; train anew")
        unknown = sorted(set(found) - set(FEATURES))
        numbers = all(isinstance(number, int | float) for number in found.values())
        if unknown or not numbers or not np.isfinite(list(found.values())).all():
            raise UsageError(
                f"the model of suggestions has features {unknown} that are not known, or values "
                "that are no numbers; train it anew"
            )
        return cls(coefficients=found, examples=examples)


def fit(features: Float64, joined: NDArray[np.bool_], *, weight: Float64) -> SuggestionModel:
    """The ridge-penalised maximum-likelihood model, by Newton's method; rounded to four digits.

    Args:
        features: (N, len(FEATURES)).
        joined: (N,) whether the two were one part in the end.
        weight: (N,) not negative; only ratios count.

    Raises:
        UsageError: there are no examples, or only of one outcome.
    """
    if joined.all() or not joined.any():
        raise UsageError(
            f"{len(joined)} examples, {int(joined.sum())} of them merged: a model needs both "
            "merged and unmerged pairs; review more objects first"
        )
    weight = weight / weight.sum()
    width = features.shape[1]
    ridge = RIDGE * np.eye(width)
    ridge[0, 0] = 1e-9  # the constant is free
    weights = np.zeros(width)
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        slope = features.T @ (weight * (chance - joined)) + ridge @ weights
        curve = (features.T * (weight * np.maximum(chance * (1 - chance), 1e-9))) @ features + ridge
        move = np.linalg.solve(curve, slope)
        # A full step may overshoot where chances are near 0 or 1.
        weights = weights - move / max(1.0, float(np.abs(move).max()) / 2)
        if np.abs(move).max() < 1e-9:
            break
    rounded = {
        name: round(float(value), DIGITS) for name, value in zip(FEATURES, weights, strict=True)
    }
    return SuggestionModel(coefficients=rounded, examples=len(joined))
