"""From shards to objects by the commands that a user types."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch

from partworks.errors import UsageError
from shards.reader import ShardIndex
from tests.train.command import CONFIG as VAE_CONFIG
from tests.train.command import run as run_vae
from tests.train.denoiser.made import CONFIG, SIDE, TEXT, VIEWS, run
from train.cli import main
from train.denoiser.generator import TrainedGenerator
from train.models.external.errors import CheckpointError

VAE = "runs/small/version_0"
DENOISER = "runs/small-denoiser/version_0"
ENCODE = (
    "--output=latents", "--settings.image_codec=pixels", f"--settings.views={VIEWS}",
    f"--settings.pixels={8 * SIDE}", "--settings.text_encoder=words",
    f"--settings.text_width={TEXT}", "--settings.frame=object",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(training_set: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VAE and denoisers, each trained for two steps, and the latents between them."""
    folder = tmp_path_factory.mktemp("whole-way")
    config = folder / "small.yaml"
    config.write_text(Path(CONFIG).read_text().replace("latent_dim: 5", "latent_dim: 8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        short = ("--trainer.max_steps=2", "--trainer.limit_val_batches=0")
        assert run_vae("fit", training_set, *short, config=VAE_CONFIG) == 0
        last = f"--ckpt_path={VAE}/checkpoints/last.ckpt"
        assert run_vae("encode", training_set, last, *ENCODE, config=f"{VAE}/config.yaml") == 0
        assert run("fit", "latents", *short, config=str(config)) == 0
    return folder


def test_a_checkpoint_becomes_objects_with_named_parts(folder: Path, training_set: str) -> None:
    key = ShardIndex(training_set).keys("train")[0]
    arguments = [
        "train", "sample", "--generator=train.denoiser.generator.TrainedGenerator",
        f"--generator.denoiser={DENOISER}/checkpoints/last.ckpt",
        f"--generator.vae={VAE}/checkpoints/last.ckpt", "--generator.resolution=12",
        "--sampling.steps=2", "--sampling.box_points=64", f"--data={training_set}",
        f"--key=[{key}]", "--output=out",
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", arguments)
        # After two steps a part may well have no surface.
        assert main() in (0, 1)
    out = folder / "out" / key
    assert (out / "object.glb").is_file() and (out / "preview.png").is_file()
    layout = json.loads((out / "layout.json").read_text())
    assert len(layout["parts"]) == 6
    assert len(list((out / "views").iterdir())) >= 7


def test_it_is_what_was_trained(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    generator = TrainedGenerator(
        denoiser=f"{DENOISER}/average.safetensors", vae=f"{VAE}/average.safetensors"
    )
    assert generator.sizes.geometry == (8, 8)
    assert generator.sizes.images == (VIEWS, 4, SIDE, SIDE)
    assert generator.sizes.pixels == 8 * SIDE
    # A text, and a box, have what the shards of latents have.
    index = ShardIndex("latents")
    key = index.keys("train")[0]
    sample = index.decode(key, ["json", "texts.npz", "latents.npz"])
    caption = sample["json"]["parts"][0]["caption_short"]
    features = generator.text_features([caption])
    length = int(sample["texts.npz"]["lengths"][0])
    assert torch.equal(
        features.tokens[0, :length], torch.from_numpy(sample["texts.npz"]["features"][:length])
    )


def test_what_does_not_go_together_is_said(
    folder: Path, latents: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(folder)
    last = f"{DENOISER}/checkpoints/last.ckpt"
    vae = f"{VAE}/checkpoints/last.ckpt"
    with pytest.raises(UsageError, match="give its checkpoint as vae"):
        TrainedGenerator(denoiser=last)
    with pytest.raises(UsageError, match="is not the part VAE that made the latents"):
        TrainedGenerator(denoiser=last, vae=vae, latents=latents)
    with pytest.raises(UsageError, match="describes no DenoiserModule"):
        TrainedGenerator(denoiser=vae, vae=vae)
    with pytest.raises(CheckpointError, match="there is no file"):
        TrainedGenerator(denoiser="nowhere.ckpt")
    (tmp_path / "alone.ckpt").write_bytes(Path(last).read_bytes())
    with pytest.raises(UsageError, match=r"no config\.yaml beside"):
        TrainedGenerator(denoiser=str(tmp_path / "alone.ckpt"))
