from __future__ import annotations

import numpy as np
import pytest
import torch

from shards.reader import ShardIndex
from tests.shards.made import make_root
from tests.train.encode.made import STAGE
from tests.train.evaluation.made import Exact, LengthOfText
from train.evaluation.objects import ObjectEvaluation, evaluate_object
from train.evaluation.scores import Scores
from train.metrics.evaluation import EvaluationConfig, Evaluator
from train.metrics.voxels import cell_centers
from train.rendering.choice import choose_renderer
from train.sampling.assembly import assemble
from train.sampling.config import SamplingConfig
from train.sampling.generation import Task, generate
from train.sampling.reading import layout_of_object
from train.validation.report import read_truth

FEW = SamplingConfig(steps=2, geometry_scale=1.0, image_scale=1.0, box_points=64)
# No centre of a cell lies on a side of a box.
COARSE = EvaluationConfig(points=3000, views=1, view_size=32, resolution=37)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> ShardIndex:
    folder = str(tmp_path_factory.mktemp("tables"))
    make_root(folder, ["obj0", "obj1"], config=STAGE)
    return ShardIndex(folder)


def evaluated(
    tables: ShardIndex, generator: Exact, *, points: LengthOfText | None = None
) -> ObjectEvaluation:
    key = tables.keys("train")[0]
    layout = layout_of_object(tables, key)
    (latents,) = generate(generator, [Task(layout=layout)], config=FEW)
    renderer = choose_renderer("auto", torch.device("cpu"))
    return evaluate_object(
        read_truth(tables, key),
        assemble(generator, layout, latents=latents, renderer=renderer),
        evaluator=Evaluator(config=COARSE, renderer=renderer),
        scores=Scores(pictures=None, points=points, renderer=renderer),
    )


def test_boxes_made_exactly_are_the_table(tables: ShardIndex) -> None:
    found = evaluated(tables, Exact())
    compared = dict(found.comparison.findings.rows["object_frame"])
    assert len(compared) == 7
    assert {name: row["iou"] for name, row in compared.items()} == dict.fromkeys(compared, 1.0)
    boxes = dict(found.rows["boxes"])
    assert next(iter(boxes)) is None
    assert len(boxes) == 7
    assert all(row["box_iou"] == pytest.approx(1.0, abs=1e-4) for row in boxes.values())
    for name in ("overlap", "overlap_true"):
        assert found.rows[name] == [(None, {"overlap": 0.0})]


def test_the_whole_is_compared_for_itself(tables: ShardIndex) -> None:
    """Its branch makes the box around all parts, of which these fill a known number of cells."""
    ((_, metrics),) = evaluated(tables, Exact()).rows["global_branch"]
    low, high = layout_of_object(tables, tables.keys("train")[0]).boxes.swapaxes(0, 1)[:, :, None]
    axis = cell_centers(COARSE.resolution)
    cells = np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(1, -1, 3)
    filled = ((cells > low) & (cells < high)).all(axis=-1).any(axis=0).sum()
    around = ((cells > low.min(axis=0)) & (cells < high.max(axis=0))).all(axis=-1).sum()
    assert metrics["iou"] == pytest.approx(filled / around)


def test_parts_of_half_the_size(tables: ShardIndex) -> None:
    found = evaluated(tables, Exact(grow=0.5))
    (_, whole), *parts = found.rows["boxes"]
    assert all(row["box_iou"] == pytest.approx(1 / 8, abs=1e-3) for _, row in parts)
    assert 1 / 8 < whole["box_iou"] < 1


def test_parts_twice_as_large_overlap(tables: ShardIndex) -> None:
    found = evaluated(tables, Exact(grow=2.0))
    # The legs and the cup reach into the top, whose part in the grid is most of what is filled.
    assert found.rows["overlap"][0][1]["overlap"] == pytest.approx(0.039, abs=0.01)
    assert found.rows["overlap_true"][0][1]["overlap"] == 0


def test_scores_are_those_of_the_texts(tables: ShardIndex) -> None:
    found = evaluated(tables, Exact(hollow=True), points=LengthOfText())
    layout = layout_of_object(tables, tables.keys("train")[0])
    (_, whole), *parts = found.rows["scores"]
    assert whole == {"points_text": len(layout.text)}
    # Legs stand, and have no surface to score.
    wanted = [
        float("-inf") if np.ptp(np.array(part.box), axis=0).argmax() == 1 else len(part.prompt)
        for part in layout.parts
    ]
    assert float("-inf") in wanted
    assert [row["points_text"] for _, row in parts] == wanted
