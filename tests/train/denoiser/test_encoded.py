"""What `encode` writes for denoisers beside the latents of geometry."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from shards.reader import ShardIndex
from tests.train.denoiser.made import ENCODED, SIDE, TEXT, VIEWS
from tests.train.encode.made import contents, run
from tests.train.models.external.tiny import tiny_t5, tiny_vae
from train.encode.config import EncodeConfig
from train.encode.text_encoders import WordVectors
from train.encode.texts import split_features, texts_of


def test_members_and_what_made_them(training_set: str, latents: str) -> None:
    index = ShardIndex(latents)
    for split in index.splits():
        assert list(index.damaged(split)) == []
        for key in index.keys(split):
            assert index.members(key) == ("json", "latents.npz", "images.npz", "texts.npz")
            sample = index.decode(key, ["*"])
            assert sample["images.npz"]["part_image_latent"].shape == (6, VIEWS, 4, SIDE, SIDE)
            assert sample["json"]["latents"]["image_codec"]["name"] == "pixels"
            assert sample["json"]["latents"]["text_encoder"]["width"] == TEXT
            texts = texts_of(sample["json"], config=EncodeConfig())
            expected = WordVectors(TEXT).encode(texts)
            for mine, theirs in zip(split_features(sample["texts.npz"]), expected, strict=True):
                assert torch.equal(mine, theirs)
    statistics = json.loads((Path(latents) / "statistics.json").read_text())
    found = np.concatenate(
        [
            np.moveaxis(index.decode(key, ["images.npz"])["images.npz"]["part_image_latent"], 2, -1)
            for key in index.keys("train")
        ]
    ).reshape(-1, 4)
    assert np.allclose(statistics["splits"]["train"]["part_image_latent"]["mean"], found.mean(0))
    assert np.allclose(statistics["splits"]["train"]["part_image_latent"]["std"], found.std(0))
    readme = (Path(latents) / "README.md").read_text()
    assert "by pixels, coarse pixels without weights." in readme
    assert "by words, vectors of words without weights." in readme


def test_the_same_again_and_published_models_by_folder(
    training_set: str, latents: str, tmp_path: Path
) -> None:
    """Another codec makes the shards anew; the one before gives the bytes of before."""
    output = tmp_path / "out"
    tiny_vae(tmp_path / "pipeline")
    tiny_t5(tmp_path / "pipeline")
    name = str(tmp_path / "pipeline")
    run(training_set, output, **{**ENCODED, "image_codec": name, "text_encoder": name})
    index = ShardIndex(str(output))
    sample = index.decode(index.keys("train")[0], ["images.npz", "texts.npz", "json"])
    # This one halves the sides of pictures.
    assert sample["images.npz"]["object_image_latent"].shape == (VIEWS, 4, 4 * SIDE, 4 * SIDE)
    assert sample["texts.npz"]["lengths"][-1] == 1
    made_by = sample["json"]["latents"]
    assert len(made_by["image_codec"]["weights_sha256"]) == 64
    assert made_by["text_encoder"]["name"] == name
    run(training_set, output, **ENCODED)
    assert contents(output) == contents(Path(latents))
