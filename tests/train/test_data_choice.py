from __future__ import annotations

from pathlib import Path

import pytest

from train.data import PartDataModule
from train.data_choice import data_module_for
from train.denoiser.data import LatentDataModule

FOLDER = Path(__file__).resolve().parents[2] / "train" / "configs"
DENOISER = "train.denoiser.module.DenoiserModule"
VAE = "train.models.part_vae.module.PartVAEModule"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_config_has_the_data_of_its_model(path: Path) -> None:
    expected = LatentDataModule if path.stem.startswith("denoiser") else PartDataModule
    assert data_module_for(["fit", "--config", str(path)]) is expected
    assert data_module_for(["fit", f"--config={path}", "--data.root=x"]) is expected


def test_the_last_model_counts() -> None:
    config = str(FOLDER / "part_vae_tiny.yaml")
    assert data_module_for(["fit", "--config", config, "--model", DENOISER]) is LatentDataModule
    assert data_module_for([f"--model.class_path={DENOISER}", f"--model={VAE}"]) is PartDataModule


@pytest.mark.parametrize("arguments", [
    [], ["fit", "--config"], ["fit", "--config", "nowhere.yaml"], ["--model=train.nowhere.Model"],
    ["--model=os.path"], ["--model", "train.denoiser.module.Nothing"],
])  # fmt: skip
def test_what_is_wrong_is_left_to_the_parser(arguments: list[str]) -> None:
    assert data_module_for(arguments) is PartDataModule


def test_files_that_are_no_config_are_left_to_the_parser(tmp_path: Path) -> None:
    for content in (b"\xff\xfe", b"- a\n", b"model: 3\n", b"a: [", b""):
        (tmp_path / "odd.yaml").write_bytes(content)
        assert data_module_for(["--config", str(tmp_path / "odd.yaml")]) is PartDataModule
