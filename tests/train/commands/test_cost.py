from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from partworks.errors import UsageError
from tests.train.command import CONFIG, SOURCE
from tests.train.models.vecset.sizes import small_config
from train.commands.cost import BYTES, cost_of, main
from train.commands.measuring import Workload
from train.commands.networks import network_of, workload_of
from train.models.vecset.model import VecSetAutoencoder
from train.models.vecset.variants import VARIANTS

WORK = Workload(batch_size=2, surface=64, sharp=64, queries=32)
FAST = ("--surface=768", "--queries=256", "--batch_size=1")


def test_craftsman_has_the_weights_that_were_published(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", *FAST]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["parameters"] == 184_462_209
    assert sum(part["parameters"] for part in document["parts"]) == 184_462_209
    assert document["memory"]["weights"] == 4 * 184_462_209
    forward = sum(part["flops"] for part in document["parts"])
    assert document["flops"]["forward"] == forward
    assert document["flops"]["model"] == 3 * forward
    # Fused attention recomputes its scores, a fifth product, and first layers give no gradient.
    assert 1.9 < document["flops"]["backward"] / forward < 2.3


@pytest.mark.parametrize("kind", ["craftsman", "dora", "learned", "triposg", "vecset"])
def test_the_parts_are_the_whole(kind: str) -> None:
    config = small_config(kind)
    cost = cost_of(config, WORK)
    model = VecSetAutoencoder(config)
    assert cost.parameters == sum(weight.numel() for weight in model.parameters())
    assert all((part.parameters > 0) == (part.flops > 0) for part in cost.parts)
    by_name = {part.name: part.parameters for part in cost.parts}
    assert by_name["decoder_blocks"] == sum(w.numel() for w in model.decoder.parameters())
    assert by_name["encoder_blocks"] == sum(w.numel() for w in model.encoder.stack.parameters())
    assert cost.measured.forward_flops == WORK.batch_size * sum(part.flops for part in cost.parts)


def test_adamw_keeps_as_much_as_is_said() -> None:
    model = VecSetAutoencoder(small_config())
    optimizer = torch.optim.AdamW(model.parameters())
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)
    optimizer.step()
    moments = [
        value
        for state in optimizer.state.values()
        for name, value in state.items()
        if "exp" in name
    ]
    cost = cost_of(small_config(), WORK)
    assert cost.memory["AdamW's moments"] == sum(BYTES * moment.numel() for moment in moments)


def test_averages_and_buckets_are_one_more_copy_each() -> None:
    plain = cost_of(small_config(), WORK, average=False).memory
    full = cost_of(small_config(), WORK, devices=2).memory
    assert sum(full.values()) - sum(plain.values()) == 2 * plain["weights"]
    assert set(full) - set(plain) == {"average", "buckets"}


def test_tables_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--variant=craftsman-v1.5", *FAST, "--precision=32-true"]) == 0
    text = capsys.readouterr().out
    assert "184,462,209" in text
    assert "1 samples, 768 surface points, 256 queries, 32-true" in text
    assert "GiB" in text and "TFLOP" in text


def test_a_config_of_fit_says_what_is_trained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", CONFIG, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    network = network_of(CONFIG)
    assert (network.width, network.output) == (16, "sdf")
    assert document["parameters"] == sum(
        weight.numel() for weight in VecSetAutoencoder(network).parameters()
    )
    assert document["workload"] == {
        "batch_size": 5, "surface": 64, "sharp": 4096, "queries": 96, "tokens": None,
        "precision": "32-true",
    }  # fmt: skip


@pytest.mark.parametrize("path", sorted((SOURCE / "train/configs").glob("part_vae*.yaml")), ids=str)
def test_shipped_configs_describe_networks(path: Path) -> None:
    assert network_of(str(path)).width >= 16
    assert workload_of(str(path)).queries >= 1


def test_a_variants_head_counts(tmp_path: Path) -> None:
    config = tmp_path / "head.yaml"
    config.write_text(
        "model: {init_args: {network: craftsman-v1.5, flexicubes_head: true}}\n"
        "trainer: {precision: bf16-mixed}\n"
    )
    wide = replace(VARIANTS["craftsman-v1.5"], output="flexicubes", inside="negative")
    assert network_of(str(config)) == wide
    assert workload_of(str(config)).precision == "bf16-mixed"


@pytest.mark.parametrize(("content", "message"), [
    (None, "there is no config"),
    ("- a", "holds no settings by name"),
    ("a: [", "no sound YAML"),
    ("model: {}", "has no model.init_args.network"),
    ("model: {init_args: {network: craftman}}", "'craftman', expected one of craftsman-v1.5"),
])  # fmt: skip
def test_configs_that_say_nothing_are_refused(
    tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "odd.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=message):
        main(["--config", str(path)])


def test_configs_of_denoisers_are_refused() -> None:
    with pytest.raises(UsageError, match="is a config of denoisers, and this command is for part"):
        network_of(str(SOURCE / "train/configs/denoiser_tiny.yaml"))
