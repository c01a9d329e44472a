from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.train.models.external.tiny import tiny_pixart
from train.models.external.errors import CheckpointError
from train.models.external.files import read_tensors, write_tensors
from train.models.external.pixart import load_image_denoiser


def _weights(folder: Path) -> Path:
    return folder / "transformer" / "diffusion_pytorch_model.safetensors"


def test_weights_of_a_folder(tmp_path: Path) -> None:
    config = tiny_pixart(tmp_path)
    for source in (tmp_path, tmp_path / "transformer", str(tmp_path)):
        model = load_image_denoiser(source)
        assert model.config == config
        published = read_tensors(_weights(tmp_path))
        assert published.keys() == model.state_dict().keys()
        assert all(torch.equal(published[key], w) for key, w in model.state_dict().items())


@pytest.mark.parametrize("fault", ["missing", "unexpected"])
def test_weights_that_are_not_total(fault: str, tmp_path: Path) -> None:
    tiny_pixart(tmp_path)
    tensors = read_tensors(_weights(tmp_path))
    if fault == "missing":
        del tensors["proj_out.bias"]
    else:
        tensors["proj_out.extra"] = torch.zeros(1)
    write_tensors(_weights(tmp_path), tensors)
    with pytest.raises(CheckpointError, match=rf"{fault}_keys: proj_out\.(bias|extra)"):
        load_image_denoiser(tmp_path)


def test_weights_that_are_pickled_are_not_read(tmp_path: Path) -> None:
    tiny_pixart(tmp_path)
    tensors = read_tensors(_weights(tmp_path))
    _weights(tmp_path).unlink()
    torch.save(tensors, _weights(tmp_path).with_suffix(".bin"))
    with pytest.raises(CheckpointError, match="cannot read the transformer"):
        load_image_denoiser(tmp_path)


def test_the_network_for_1024_pixels_is_refused(tmp_path: Path) -> None:
    tiny_pixart(tmp_path)
    path = tmp_path / "transformer" / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "use_additional_conditions": True}))
    with pytest.raises(CheckpointError, match=r"missing_keys: .*resolution_embedder"):
        load_image_denoiser(tmp_path)


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot read the transformer"):
        load_image_denoiser(tmp_path)
