from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonargparse
import pytest
import torch
import yaml

from train.data import PartDataModule
from train.denoiser.data import LatentDataModule
from train.denoiser.module import DenoiserModule
from train.denoiser.starting import ADDED
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


def made_denoiser(name: str) -> Any:
    """Model and data of a config of denoisers, without memory."""
    config = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    parser = jsonargparse.ArgumentParser()
    parser.add_subclass_arguments(DenoiserModule, "model")
    parser.add_class_arguments(LatentDataModule, "data")
    given = {"model": config["model"], "data": {**config["data"], "root": "somewhere"}}
    with torch.device("meta"):
        return parser.instantiate(parser.parse_object(given))


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("denoiser*.yaml")))
def test_denoisers_are_given_what_they_read(name: str) -> None:
    config = made_denoiser(name)
    network, wanted = config.model.model.config, config.data.options.wanted
    assert wanted.geometry == (network.geometry is not None)
    assert wanted.images == (network.images is not None)
    assert wanted.boxes == (network.boxes or network.control)
    drops = config.model.denoising.config
    assert wanted.boxes or drops.drop_boxes == drops.drop_both == 0


@pytest.mark.parametrize("kind", ["geometry", "images"])
def test_each_stage_adds_to_the_one_before(kind: str) -> None:
    stages = [
        made_denoiser(f"denoiser_{name}").model for name in (f"a_{kind}", f"b_{kind}", "c", "d")
    ]
    names = [set(stage.model.state_dict()) for stage in stages]
    assert names[0] == names[1] < names[2] == names[3]
    added = [name for name in names[2] - names[1] if name.startswith(f"{kind}.")]
    assert all(name.startswith(ADDED) for name in added)
    assert stages[0].model.config.scope == "self"


def test_the_joint_stage_has_the_published_networks_and_what_guides_them() -> None:
    model = made_denoiser("denoiser_c").model.model
    sizes = [
        sum(weight.numel() for weight in network.parameters())
        for network in (model.geometry.network, model.images.network)
    ]
    assert sizes == [547_277_888, 610_856_096]
    total = sum(weight.numel() for weight in model.parameters())
    assert total == pytest.approx(1.56e9, rel=0.01)
