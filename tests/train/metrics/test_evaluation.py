from __future__ import annotations

import numpy as np
import pytest

from tests.train.metrics.solids import EMPTY, ball, box
from train.metrics.evaluation import EvaluationConfig, Evaluator
from train.metrics.mesh import TriangleMesh
from train.rendering.portable import TorchRenderer

CONFIG = EvaluationConfig(points=4000, views=2, view_size=64)
EVALUATOR = Evaluator(config=CONFIG, renderer=TorchRenderer())


def test_equal_meshes() -> None:
    found = EVALUATOR.compare(ball(), ball())
    assert found.metrics["iou"] == 1
    assert found.metrics["normal_psnr"] == 100
    assert found.metrics["f_score_0.05"] > 0.999
    assert found.metrics["normal_consistency"] > 0.99
    assert found.metrics["chamfer_halved"] == found.metrics["chamfer_summed"] / 2
    assert np.array_equal(found.predicted_maps, found.true_maps)
    assert found.true_maps.shape == (2, 64, 64, 3)
    assert list(found.metrics) == [
        "iou",
        "chamfer_summed",
        "chamfer_halved",
        "f_score_0.02",
        "f_score_0.05",
        "normal_consistency",
        "normal_psnr",
    ]


def test_worse_predictions_have_worse_metrics() -> None:
    near, far = (EVALUATOR.compare(ball(radius), ball(0.6)).metrics for radius in (0.595, 0.45))
    assert near["iou"] == pytest.approx((0.595 / 0.6) ** 3, rel=1e-2)
    for name in near:
        worse = near[name] - far[name]
        if name.startswith("chamfer"):
            assert worse < -0.1
        elif name == "normal_consistency":
            assert abs(worse) < 0.01
        else:
            assert worse > 0.1


@pytest.mark.parametrize(("predicted", "true"), [(EMPTY, ball()), (ball(), EMPTY)])
def test_one_empty_mesh_is_the_worst(predicted: TriangleMesh, true: TriangleMesh) -> None:
    found = EVALUATOR.compare(predicted, true).metrics
    assert found["iou"] == found["f_score_0.05"] == found["normal_consistency"] == 0
    assert found["chamfer_summed"] == np.inf
    assert 0 < found["normal_psnr"] < 20


def test_two_empty_meshes_agree() -> None:
    found = EVALUATOR.compare(EMPTY, EMPTY).metrics
    assert found["iou"] == 1 and found["chamfer_summed"] == 0 and found["normal_psnr"] == 100


def test_the_whole_is_the_union_of_its_parts() -> None:
    """Boxes side by side, one of them missing; solids that overlap do not count twice."""
    left, right = box((-1, -1, -1), (0, 1, 1)), box((0, -1, -1), (1, 1, 1))
    parts, whole = EVALUATOR.compare_object([left, EMPTY], [left, right])
    assert [part.metrics["iou"] for part in parts] == [1, 0]
    assert whole.metrics["iou"] == 0.5
    _, doubled = EVALUATOR.compare_object([left, left], [left, left])
    assert doubled.metrics["iou"] == 1
    _, swapped = EVALUATOR.compare_object([right, left], [left, right])
    assert swapped.metrics["iou"] == 1


def test_numbers_hang_on_the_seed_alone() -> None:
    mesh, other = ball(0.5), box((-0.5, -0.5, -0.5), (0.5, 0.5, 0.5))
    first = EVALUATOR.compare(other, mesh).metrics
    EVALUATOR.compare(mesh, mesh)
    assert EVALUATOR.compare(other, mesh).metrics == first


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        EvaluationConfig(points=0)
    assert CONFIG.conditions == {"iou_resolution": 64, "points": 4000, "views": 2}
