from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.train.models.external.tiny import tiny_vae
from train.encode.image_codecs import PixelCodec, PublishedCodec, make_image_codec
from train.models.external.errors import CheckpointError


def test_pixels_are_cells_of_mean_colour_and_what_is_drawn() -> None:
    picture = torch.ones(1, 3, 16, 16)
    picture[0, :, :8, :8] = torch.tensor([-1.0, 0.0, 0.5])[:, None, None]
    picture[0, 0, 8:, 8:12] = 0.0
    latents = make_image_codec("pixels").encode(picture)
    assert latents.shape == (1, 4, 2, 2)
    assert latents[0, :, 0, 0].tolist() == [-1.0, 0.0, 0.5, 1.0]
    assert latents[0, :, 0, 1].tolist() == [1.0, 1.0, 1.0, -1.0]
    assert latents[0, :, 1, 1].tolist() == [0.5, 1.0, 1.0, 0.0]


def test_flat_cells_come_back() -> None:
    codec = PixelCodec()
    colors = torch.rand(2, 3, 3, 3, generator=torch.Generator().manual_seed(0)) * 2 - 1
    picture = colors.repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)
    torch.testing.assert_close(codec.decode(codec.encode(picture)), picture)
    assert codec.state() == {}


def test_a_published_codec_takes_pictures_between_minus_one_and_one(tmp_path: Path) -> None:
    tiny_vae(tmp_path)
    codec = make_image_codec(str(tmp_path))
    assert isinstance(codec, PublishedCodec) and codec.factor == 2
    picture = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    latents = codec.encode(picture)
    assert torch.equal(latents, codec.autoencoder.encode((picture + 1) / 2))
    decoded = codec.decode(latents)
    assert decoded.shape == picture.shape
    assert float(decoded.min()) >= -1 and float(decoded.max()) <= 1
    assert codec.state()


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(CheckpointError, match="there is no folder"):
        make_image_codec("./nowhere")
