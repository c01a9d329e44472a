from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonargparse
import pytest
import torch
import yaml

from train.data import PartDataModule
from train.models.part_vae.module import PartVAEModule

FOLDER = Path(__file__).resolve().parents[2] / "train" / "configs"


def made(name: str) -> Any:
    """Model and data of a config, without memory."""
    config = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    parser = jsonargparse.ArgumentParser()
    parser.add_subclass_arguments(PartVAEModule, "model")
    parser.add_class_arguments(PartDataModule, "data")
    given = {"model": config["model"], "data": {**config["data"], "root": "somewhere"}}
    with torch.device("meta"):
        return parser.instantiate(parser.parse_object(given))


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("part_vae*.yaml")))
def test_what_is_rendered_has_meshes_and_what_is_compared_has_points(name: str) -> None:
    config = made(name)
    weights = config.model.objective.weights_at(None)
    options = config.data.options
    assert options.meshes or not {"depth", "normal", "mask"} & set(weights)
    assert options.queries.count > 0
    assert config.model.model.config.tokens <= options.queries.surface


def test_the_full_size_is_craftsmans_with_a_wider_output() -> None:
    count = sum(each.numel() for each in made("part_vae").model.parameters())
    assert count == 184_462_209 + 24 * (768 + 1)


def test_the_rendered_stage_goes_on_with_the_same_network_and_data() -> None:
    before, after = made("part_vae_overfit"), made("part_vae_overfit_rendered")
    assert before.model.model.config == after.model.model.config
    assert before.data.options == after.data.options
