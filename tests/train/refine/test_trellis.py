from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from partworks.errors import UsageError
from train.refine.trellis import (
    TrellisEnhancer,
    cut_out,
    from_trellis,
    load_pipeline,
    trellis_voxels,
)

VOXELS = np.array([[0, 0, 0], [1, 5, 9], [63, 0, 63]])


class Pipeline:
    """TRELLIS' pipeline by its interface; its mesh has a vertex in the middle of each voxel."""

    device = torch.device("cpu")

    def __init__(self) -> None:
        self.images: list[Image.Image] = []
        self.cond: dict[str, Tensor] = {}
        self.noise: list[float] = []
        self.sampler: Mapping[str, Any] = {}

    def preprocess_image(self, input: Image.Image) -> Image.Image:
        assert input.mode == "RGBA"
        self.images.append(input)
        return input

    def get_cond(self, image: list[Image.Image]) -> dict[str, Tensor]:
        values = torch.tensor([np.asarray(each)[..., :3].mean() for each in image])
        return {
            "cond": values[:, None, None].expand(-1, 5, 2).float(),
            "neg_cond": torch.zeros(len(image), 5, 2),
        }

    def sample_slat(
        self, cond: dict[str, Tensor], coords: Tensor, sampler_params: Mapping[str, Any]
    ) -> Tensor:
        assert coords.dtype == torch.int32
        self.cond, self.sampler = cond, sampler_params
        self.noise.append(float(torch.randn(())))
        return coords

    def decode_slat(self, slat: Any, formats: Sequence[str]) -> dict[str, Any]:
        assert list(formats) == ["mesh"]
        middles = (slat[:, 1:] + 0.5) / 64 - 0.5
        faces = torch.tensor([[0, 1, 2]], dtype=torch.int32)
        return {"mesh": [SimpleNamespace(vertices=middles, faces=faces)]}


def test_voxels_go_there_and_back() -> None:
    pipeline = Pipeline()
    images = np.zeros((4, 6, 6, 3), np.float32)
    mesh = TrellisEnhancer(pipeline=pipeline).enhance(images, VOXELS)
    found = {tuple(place) for place in np.round((mesh.vertices + 1) * 32 - 0.5).tolist()}
    assert found == {tuple(place) for place in VOXELS.astype(float).tolist()}


def test_up_is_z_there() -> None:
    assert trellis_voxels(np.array([[3, 60, 10]])).tolist() == [[0, 3, 53, 60]]
    np.testing.assert_allclose(from_trellis(np.array([[0.1, 0.2, 0.5]])), [[0.2, 1.0, -0.4]])


def test_features_of_several_pictures_are_joined() -> None:
    pipeline = Pipeline()
    images = np.stack([np.full((6, 6, 3), 0.1 * view, np.float32) for view in range(8)])
    enhancer = TrellisEnhancer(pipeline=pipeline, views=2, sampler={"steps": 3})
    enhancer.enhance(images, VOXELS)
    assert pipeline.cond["cond"].shape == (1, 10, 2)
    assert pipeline.cond["neg_cond"].shape == (1, 5, 2)
    levels = pipeline.cond["cond"][0, ::5, 0].tolist()
    assert levels == pytest.approx([0, 0.4 * 255], abs=0.5)
    assert pipeline.sampler == {"steps": 3}


def test_the_seed_decides_and_the_rest_of_the_program_does_not_notice() -> None:
    pipeline = Pipeline()
    images = np.zeros((1, 6, 6, 3), np.float32)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    for seed in (0, 0, 1):
        TrellisEnhancer(pipeline=pipeline, seed=seed).enhance(images, VOXELS)
    assert pipeline.noise[0] == pipeline.noise[1] != pipeline.noise[2]
    assert torch.equal(torch.get_rng_state(), before)


def test_only_white_that_reaches_the_rim_is_background() -> None:
    image = np.ones((7, 7, 3), np.float32)
    image[2:5, 2:5] = 0
    image[3, 3] = 1
    alpha = np.asarray(cut_out(image))[..., 3]
    expected = np.zeros((7, 7), np.uint8)
    expected[2:5, 2:5] = 255
    np.testing.assert_array_equal(alpha, expected)


def test_without_trellis_there_is_a_message() -> None:
    with pytest.raises(UsageError, match="TRELLIS is not installed"):
        load_pipeline()
