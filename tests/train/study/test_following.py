from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from tests.train.study.made import deaf, obedient
from train.study.following import Measure, measures, other_objects, swappable
from train.study.objects import MadeObject, made_objects


@pytest.fixture(scope="module")
def objects() -> list[MadeObject]:
    return made_objects(12, seed=7)


def means(found: Mapping[str, Measure]) -> dict[str, float]:
    return {name: each.mean for name, each in found.items()}


def test_what_does_as_it_is_told_has_full_marks(objects: list[MadeObject]) -> None:
    """Latents of the true objects; so colours, kinds and boxes are read rightly."""
    found = means(measures(objects, obedient(objects)))
    control = found.pop("box_iou_shuffled")
    assert control < 0.5
    assert found.pop("taper_spread") == pytest.approx(0, abs=1e-6)
    # The lamp leaves more of a colour where more of a part is seen from above.
    assert found.pop("shade_spread") < 0.05
    assert found.pop("pair_unmoved") == 0.0
    assert found == pytest.approx(dict.fromkeys(found, 1.0), abs=1e-5)


def test_what_does_not_listen_is_found_out(objects: list[MadeObject]) -> None:
    found = means(measures(objects, deaf(objects)))
    assert found["box_iou_shuffled"] == pytest.approx(1.0, abs=1e-5)
    assert found["box_iou_told"] < 0.5
    assert found["pair_swapped"] == 0.0
    assert found["pair_unmoved"] == 1.0


def test_pairs_differ_in_both(objects: list[MadeObject]) -> None:
    pairs = [swappable(made) for made in objects]
    assert any(pairs)
    for made, pair in zip(objects, pairs, strict=True):
        both = [
            (one, two)
            for one in range(len(made.parts))
            for two in range(one + 1, len(made.parts))
            if made.parts[one].color != made.parts[two].color
            and made.parts[one].kind != made.parts[two].kind
        ]
        assert (pair in both) if pair else not both


def test_other_objects_have_as_many_parts(objects: list[MadeObject]) -> None:
    others = other_objects(objects)
    assert sorted(others) == list(range(len(objects)))
    for row, other in enumerate(others):
        assert len(objects[row].parts) == len(objects[other].parts)
        assert row != other


def test_a_mean_and_its_error() -> None:
    found = Measure.of([1.0, 2.0, 3.0, 6.0])
    assert found.mean == 3.0
    assert found.error == pytest.approx(np.sqrt(14 / 3 / 4))
    assert np.isnan(Measure.of([]).mean)
