from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from partworks.errors import UsageError
from tests.train.command import SOURCE, checkpoint, metrics
from tests.train.denoiser.made import CONFIG, TEXT, fit, made_object, run, run_folder
from train.denoiser.module import DenoiserModule
from train.denoiser.objective import DenoisingConfig
from train.denoiser.sample import collate
from train.models.dit.config import DiTConfig
from train.models.joint.config import JointConfig
from train.models.joint.pretrained import PretrainedConfig
from train.models.pixart.config import PixArtConfig
from train.optimisation import AdamWConfig

ALONE = "--model.init_args.network."


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def module(**settings: Any) -> DenoiserModule:
    torch.manual_seed(0)
    network = JointConfig(
        geometry=DiTConfig(latent_dim=5, width=16, layers=5, heads=2, condition="none"),
        images=PixArtConfig(layers=4, heads=2, head_width=8, sample_size=4, text_width=TEXT),
        text_width=TEXT,
        control_blocks=2,
    )
    given = {"network": network, "objective": DenoisingConfig(), "optimizer": AdamWConfig()}
    return DenoiserModule(**{**given, **settings})


def test_published_weights_learn_at_a_rate_of_their_own() -> None:
    made = module(optimizer=AdamWConfig(lr=5e-5, warmup_steps=9), pretrained_lr=1e-5)
    found = made.configure_optimizers()
    new, old = found["optimizer"].param_groups
    # The first step of a warm-up of nine has a tenth.
    assert (new["lr"], old["lr"]) == (pytest.approx(5e-6), pytest.approx(1e-6))
    assert {id(each) for each in old["params"]} == {
        id(each) for each in made.model.pretrained_parameters()
    }
    both = {id(each) for each in [*new["params"], *old["params"]]}
    assert both == {id(each) for each in made.parameters() if each.requires_grad}
    same = module().configure_optimizers()["optimizer"].param_groups
    assert same[0]["lr"] == same[1]["lr"]


def test_every_weight_gets_a_gradient_whatever_is_dropped() -> None:
    """Data-parallel training waits for all of them."""
    made = module(objective=DenoisingConfig(drop_text=0, drop_boxes=0, drop_both=1.0))
    made.log = lambda *args, **words: None  # type: ignore[method-assign, assignment]
    made.training_step(collate([made_object(2), made_object(1, place=3)]), 0)["loss"].backward()
    without = [
        name for name, each in made.named_parameters() if each.requires_grad and each.grad is None
    ]
    assert without == []


def test_half_precision_says_nearly_the_same() -> None:
    made = module()
    batch = collate([made_object(2), made_object(1, place=3)])
    times = torch.tensor([300, 600])
    losses = []
    for enabled in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            errors = made.denoising.errors(made.model, batch, times=times, drops=None, seed=0)
        assert errors.loss.dtype == torch.float32
        losses.append(float(errors.loss.detach()))
    assert losses[1] == pytest.approx(losses[0], rel=0.02)
    assert losses[1] != losses[0]


def test_two_starts_are_one_too_many() -> None:
    with pytest.raises(UsageError, match="init_from and pretrained are both set"):
        module(init_from=["a.ckpt"], pretrained=PretrainedConfig(images="b/c"))


def test_a_run_learns_and_says_how(latents: str) -> None:
    """Thirty steps on six tables that differ in height alone."""
    more = ("--trainer.max_steps=30", "--model.init_args.optimizer.lr=0.01")
    fit(latents, *more, "--trainer.callbacks+=train.callbacks.denoised.Denoised")
    folder = str(run_folder(0))
    losses = list(metrics(folder, "train/loss").values())
    assert len(losses) == 30
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
    validated = list(metrics(folder, "val/loss").values())
    assert validated[-1] < 0.8 * validated[0]
    for name in ("val/geometry_time5", "val/images", "speed/samples_per_second", "speed/tflops"):
        assert metrics(folder, name), name
    # What starts at 0 has moved: exchange, boxes and ControlNet have been switched on.
    for name in ("exchange_to_geometry", "exchange_to_images", "boxes", "control"):
        norms = list(metrics(folder, f"zero/{name}").values())
        assert norms[-1] > 0, name
    bins = [metrics(folder, f"time/geometry_{number}") for number in range(10)]
    # Two objects a step, each in one bin.
    assert 30 <= sum(len(each) for each in bins) <= 60
    assert (run_folder(0) / "average.safetensors").is_file()
    assert list((run_folder(0) / "pictures").glob("denoised-step=*.png"))
    # The average is what has been validated, and is again by the run's own config.
    last = f"--ckpt_path={folder}/checkpoints/last.ckpt"
    assert run("validate", latents, last, config=f"{folder}/config.yaml") == 0
    (again,) = metrics(str(run_folder(1)), "val/loss").values()
    assert again == pytest.approx(validated[-1], rel=1e-6)


def staged(folder: Path, kind: str, **network: Any) -> str:
    """The small config with one modality and no guidance between branches of the two."""
    config = yaml.safe_load(Path(CONFIG).read_text())
    arguments = config["model"]["init_args"]
    arguments["network"] |= {"exchange": False, "boxes": False, "control": False, **network}
    other = {"geometry": "images", "images": "geometry"}[kind]
    arguments["network"][other] = None
    config["data"] |= {other: False, "boxes": False}
    path = folder / f"{kind}.yaml"
    path.write_text(yaml.safe_dump(config))
    return str(path)


def test_stages_follow_one_another(latents: str, tmp_path: Path) -> None:
    """A and B of either modality, then C from both, which has their averages to the bit."""
    short = ("--trainer.max_steps=2", "--trainer.limit_val_batches=0")
    both = []
    for kind in ("geometry", "images"):
        ends = [f"runs/small-denoiser/{stage}_{kind}/checkpoints/last.ckpt" for stage in "ab"]
        for stage, scope, more in (
            ("a", "self", ("--data.parts=1", "--data.whole=false")),
            ("b", "parts", (f"--model.init_args.init_from=[{ends[0]}]",)),
        ):
            config = staged(tmp_path, kind, scope=scope)
            version = f"--trainer.logger.init_args.version={stage}_{kind}"
            assert run("fit", latents, *short, *more, version, config=config) == 0
        both.append(ends[1])
    start = f"--model.init_args.init_from=[{','.join(both)}]"
    fit(latents, start, "--trainer.max_steps=1", "--trainer.limit_val_batches=0")
    averages = {
        name: value
        for path in both
        for name, value in checkpoint(path)["callbacks"]["WeightAverage"]["values"].items()
    }
    state = dict(module(init_from=both).named_parameters())
    assert averages
    for name, value in averages.items():
        assert torch.equal(state[name], value), name


def test_latents_of_other_sizes_are_named(latents: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fit", latents, f"{ALONE}geometry.latent_dim=7") == 2
    assert "the latents have 5 geometry channels, and the network 7" in capsys.readouterr().err
    assert run("fit", latents, "--data.images=false") == 2
    assert "has a denoiser of images, and the data leaves it out" in capsys.readouterr().err


def test_denoisers_encode_nothing(latents: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("encode", latents, "--output=out") == 2
    assert "give the VAE's config.yaml" in capsys.readouterr().err


def test_the_newest_checkpoints_of_long_runs_are_kept(latents: str) -> None:
    """As the configs of full size have it: a checkpoint has three times the weights."""
    config = yaml.safe_load(Path(CONFIG).read_text())
    full = yaml.safe_load((SOURCE / "train/configs/denoiser_c.yaml").read_text())
    config["trainer"]["callbacks"] = full["trainer"]["callbacks"]
    config["trainer"]["callbacks"][0]["init_args"] |= {"every_n_train_steps": 1}
    Path("kept.yaml").write_text(yaml.safe_dump(config))
    short = ("--trainer.max_steps=5", "--trainer.limit_val_batches=0")
    assert run("fit", latents, *short, config="kept.yaml") == 0
    left = sorted(path.name for path in (run_folder(0) / "checkpoints").iterdir())
    assert left == ["last.ckpt", "step=3.ckpt", "step=4.ckpt", "step=5.ckpt"]
