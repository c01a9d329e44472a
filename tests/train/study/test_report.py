from __future__ import annotations

import json

import numpy as np
import pytest

from train.study.config import StudyConfig
from train.study.following import Measure
from train.study.learning import Errors
from train.study.report import TITLES, Findings, Side


def side(*, loss: float, iou: float = 0.8, shuffled: float = 0.2, swapped: float = 0.9) -> Side:
    noise = np.linspace(-0.01, 0.01, 5)
    means = {**dict.fromkeys(TITLES, 0.5), "box_iou": iou, "box_iou_shuffled": shuffled}
    means["pair_swapped"] = swapped
    return Side(
        weights=10,
        seconds=1.0,
        errors=Errors(geometry=loss + noise, images=np.full(5, 0.1)),
        measures={name: Measure(mean=mean, error=0.01, objects=5) for name, mean in means.items()},
    )


def findings(**ours: float) -> Findings:
    return Findings(
        config=StudyConfig(), joint=side(**{"loss": 0.2, **ours}), independent=side(loss=0.3)
    )


def test_differences_are_object_by_object() -> None:
    ours, theirs, difference = findings().losses["both"]
    assert (ours.mean, theirs.mean) == pytest.approx((0.3, 0.4))
    assert difference.mean == pytest.approx(-0.1)
    # The objects differ by more than the networks do.
    assert difference.error == pytest.approx(0.0, abs=1e-12)
    assert ours.error > 0


@pytest.mark.parametrize(
    ("ours", "claim"),
    [
        ({"loss": 0.3}, "joint loss"),
        ({"iou": 0.5}, "above 0.5"),
        ({"shuffled": 0.77}, "shuffled boxes"),
        ({"swapped": 0.5}, "swapped captions"),
    ],
)
def test_each_claim_can_fail(ours: dict[str, float], claim: str) -> None:
    assert findings().failures == []
    (found,) = findings(**ours).failures
    assert claim in found


def test_tables_have_every_measure() -> None:
    text = findings().markdown()
    assert "| both | 0.3000 | 0.4000 | -0.1000 ± 0.0000 |" in text
    for title in TITLES.values():
        assert f"| {title} | " in text
    tree = json.loads(findings().to_json())
    assert set(tree["joint"]["measures"]) == set(TITLES)
    assert tree["losses"]["both"]["difference"]["mean"] == pytest.approx(-0.1)
    assert "seconds" not in str(tree)
