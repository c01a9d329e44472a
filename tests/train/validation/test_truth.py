from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from shards.reader import ShardIndex
from tests.train.metrics.solids import EMPTY, box
from train.samples import WHOLE
from train.validation.report import read_truth
from train.validation.truth import ObjectTruth, Signs, sign_iou


@pytest.fixture(scope="module")
def truth(tables: str) -> ObjectTruth:
    index = ShardIndex(tables)
    return read_truth(index, index.keys("val")[0])


def test_a_part_is_its_own_triangles(truth: ObjectTruth) -> None:
    assert len(truth.names) == 6
    for part in range(6):
        mesh = truth.part_mesh(part)
        assert len(mesh.faces) == 12
        ends = np.stack([mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)])
        assert ends == pytest.approx(truth.points.part_box[part], abs=1e-6)


def test_true_meshes_have_the_signs_of_the_field(truth: ObjectTruth) -> None:
    meshes = [truth.part_mesh(part) for part in range(6)]
    inside = []
    for part in range(6):
        signs = truth.signs(part)
        assert signs is not None and not signs.inside.all()
        assert sign_iou([meshes[part]], signs) == 1
        inside.append(int(signs.inside.sum()))
    assert max(inside) > 10
    whole = truth.signs(WHOLE)
    assert whole is not None and sign_iou(meshes, whole) == 1


def test_a_sign_that_could_not_be_trusted_is_none(truth: ObjectTruth) -> None:
    assert truth.field is not None
    rows = np.where(np.arange(6) == 2, -1, truth.field.part_row).astype(np.int32)
    field = dataclasses.replace(
        truth.field, part_row=rows, object_volume=np.zeros((0, 64, 4), np.float32)
    )
    partly = dataclasses.replace(truth, field=field)
    assert partly.signs(2) is None and partly.signs(3) is not None
    assert partly.signs(WHOLE) is None
    assert dataclasses.replace(truth, field=None).signs(3) is None


def test_iou_of_signs() -> None:
    points = np.array([[0.1, 0, 0], [0.3, 0, 0], [0.7, 0, 0], [0.9, 0, 0]])
    signs = Signs(points=points, inside=np.array([True, True, True, False]))
    small = box((0.2, -0.1, -0.1), (0.6, 0.1, 0.1))
    assert sign_iou([small], signs) == pytest.approx(1 / 3)
    assert sign_iou([small, EMPTY, small], signs) == pytest.approx(1 / 3)
    assert sign_iou([EMPTY], signs) == 0
    nothing = Signs(points=points, inside=np.zeros(4, bool))
    assert sign_iou([EMPTY], nothing) == 1
