from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.train.evaluation.made import box_mesh
from train.evaluation.scores import Scores
from train.metrics.mesh import TriangleMesh
from train.rendering.choice import choose_renderer

Float32 = NDArray[np.float32]


class Recording:
    """Keeps what it was shown, and scores it by the number of rows."""

    def __init__(self) -> None:
        self.shown: list[Float32] = []

    def __call__(self, shown: Float32, text: str) -> float:
        self.shown.append(shown)
        return len(shown) + len(text) / 100


def scores(*, pictures: Recording | None = None, points: Recording | None = None) -> Scores:
    renderer = choose_renderer("auto", torch.device("cpu"))
    return Scores(pictures=pictures, points=points, renderer=renderer, views=3, size=16, count=500)


BOX = box_mesh((2.0, 2.0, 2.0), (4.0, 3.0, 2.5))


def test_only_models_that_are_there_score() -> None:
    assert scores().is_empty
    assert scores().of(BOX, None, text="a box") == {}
    assert set(scores(points=Recording()).of(BOX, None, text="")) == {"points_text"}


def test_normal_maps_and_pictures_are_shown() -> None:
    model, images = Recording(), np.ones((5, 8, 8, 3), np.float32)
    found = scores(pictures=model).of(BOX, images, text="ab")
    assert found == pytest.approx({"clip_normals": 3.02, "clip_images": 5.02})
    normals, pictures = model.shown
    assert normals.shape == (3, 16, 16, 3)
    # White around it, and the colours of unit vectors on it.
    np.testing.assert_array_equal(normals[:, 0, 0], 1.0)
    seen = (normals < 1).any(axis=-1)
    lengths = np.linalg.norm(2 * normals[seen] - 1, axis=-1)
    np.testing.assert_allclose(lengths, 1.0, atol=0.02)
    assert pictures is images


def test_points_fill_the_frame_wherever_the_shape_is() -> None:
    model = Recording()
    found = scores(points=model).of(BOX, None, text="")
    assert found == {"points_text": 500.0}
    (cloud,) = model.shown
    assert cloud.shape == (500, 6)
    np.testing.assert_allclose(np.abs(cloud[:, :3]).max(axis=0), [1, 0.5, 0.25], atol=0.02)
    np.testing.assert_allclose(np.linalg.norm(cloud[:, 3:], axis=1), 1.0, atol=1e-5)


def test_what_is_missing_is_infinitely_bad() -> None:
    found = scores(pictures=Recording(), points=Recording()).of(
        TriangleMesh.empty(), None, text="x"
    )
    assert found == dict.fromkeys(("clip_normals", "clip_images", "points_text"), float("-inf"))
