from __future__ import annotations

import dataclasses

import pytest

from tests.train.models.part_vae.made import SMALL
from train.models.part_vae.objective import ObjectiveConfig, RenderConfig, Weight


def test_a_weight_changes_by_a_line_and_may_begin_late() -> None:
    weight = Weight(value=0.2, final=0.01, begins=10, steps=4)
    found = [weight.at(step) for step in (0, 9, 10, 12, 14, 1000)]
    assert found == pytest.approx([0, 0, 0.2, 0.105, 0.01, 0.01])
    assert weight.last == 0.01
    assert [Weight(value=3.0).at(step) for step in (0, 7)] == [3, 3]
    assert Weight(value=1.0, final=0.0).at(0) == 0


def test_only_terms_with_a_weight_are_computed() -> None:
    objective = ObjectiveConfig(
        depth=Weight(value=10.0, begins=5), field=Weight(value=1.0, final=0.0, steps=10)
    )
    assert objective.weights_at(0) == {"field": 1.0, "kl": 1e-3}
    assert objective.weights_at(5) == {"field": 0.5, "kl": 1e-3, "depth": 10.0}
    assert objective.weights_at(None) == {"kl": 1e-3, "depth": 10.0}


@pytest.mark.parametrize(("settings", "message"), [
    ({"truncation": 0.0}, "truncation is 0"),
    ({"gradient_points": 0}, "gradient_points is 0"),
    ({"kind": "bce", "eikonal": Weight(value=0.1)}, "choose l1_mse or mse"),
])  # fmt: skip
def test_what_cannot_be_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ObjectiveConfig(**settings)  # type: ignore[arg-type]


def test_no_number_is_negative() -> None:
    for name in ("value", "final", "begins", "steps"):
        with pytest.raises(ValueError, match="below 0"):
            Weight(**{name: -1})
    for name in ("resolution", "coarse", "views", "size"):
        with pytest.raises(ValueError, match=rf"render\.{name} is 0"):
            RenderConfig(**{name: 0})


def test_objective_and_network_must_agree() -> None:
    occupancy = dataclasses.replace(SMALL, output="occupancy", inside="positive")
    with pytest.raises(ValueError, match="choose bce"):
        ObjectiveConfig(kind="l1_mse").check(occupancy)
    with pytest.raises(ValueError, match="choose l1_mse"):
        ObjectiveConfig(kind="bce").check(SMALL)
    with pytest.raises(ValueError, match=r"network\.output to flexicubes"):
        ObjectiveConfig(weights=Weight(value=0.1)).check(SMALL)
    cubes = dataclasses.replace(SMALL, output="flexicubes")
    ObjectiveConfig(weights=Weight(value=0.1)).check(cubes)
    ObjectiveConfig(kind="bce").check(cubes)
    ObjectiveConfig(kind="bce").check(occupancy)
    ObjectiveConfig().check(SMALL)
