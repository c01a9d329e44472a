"""The logistic model finds what made the data."""

import json

import numpy as np
import pytest

from annotate.review.suggest.features import FEATURES
from annotate.review.suggest.model import SuggestionModel, fit
from partworks.errors import UsageError


def test_the_constant_is_the_log_odds() -> None:
    features = np.zeros((8, len(FEATURES)))
    features[:, 0] = 1
    joined = np.arange(8) < 2
    model = fit(features, joined, weight=np.ones(8))
    assert model.coefficients["one"] == pytest.approx(np.log(2 / 6), abs=1e-4)
    assert model.probability(features[:1]) == pytest.approx(0.25, abs=1e-4)
    heavy = fit(features, joined, weight=np.where(joined, 3.0, 1.0))
    assert heavy.probability(features[:1]) == pytest.approx(0.5, abs=1e-4)


def test_a_known_model_is_found_again() -> None:
    generator = np.random.default_rng(3)
    features = generator.normal(size=(20_000, len(FEATURES)))
    features[:, 0] = 1
    true = np.zeros(len(FEATURES))
    true[[0, 3, 9]] = -1.0, 2.0, -0.5
    joined = generator.random(20_000) < 1 / (1 + np.exp(-features @ true))
    found = fit(features, joined, weight=np.ones(20_000))
    values = np.asarray([found.coefficients[name] for name in FEATURES])
    assert np.abs(values - true).max() < 0.12
    assert found.examples == 20_000


def test_what_is_parted_by_a_feature_stays_finite() -> None:
    features = np.zeros((10, len(FEATURES)))
    features[:, 0] = 1
    features[5:, 1] = 1
    model = fit(features, np.arange(10) >= 5, weight=np.ones(10))
    chance = model.probability(features)
    assert chance[:5].max() < 0.2 and chance[5:].min() > 0.8


def test_examples_of_one_outcome_teach_nothing() -> None:
    for joined in (np.zeros(4, bool), np.ones(4, bool), np.zeros(0, bool)):
        with pytest.raises(UsageError, match="both merged and unmerged"):
            fit(np.ones((len(joined), len(FEATURES))), joined, weight=np.ones(len(joined)))


def test_a_model_survives_json() -> None:
    model = SuggestionModel(coefficients={"one": -1.5, "alike": 0.25}, examples=7)
    assert SuggestionModel.from_json(json.loads(json.dumps(model.to_json()))) == model
    for bad in (
        {},
        {"coefficients": {"colour": 1.0}},
        {"coefficients": {"one": "x"}},
        {"coefficients": {"one": float("nan")}},
    ):
        with pytest.raises(UsageError, match="train"):
            SuggestionModel.from_json(bad)


def test_the_shipped_model_knows_the_features_there_are() -> None:
    assert set(SuggestionModel().coefficients) == set(FEATURES)
