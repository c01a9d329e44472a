from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

from ingest.config import IngestConfig
from ingest.judge.aesthetic import AestheticJudge, load_predictor
from ingest.judge.config import AestheticConfig, JudgeConfig
from ingest.judge.views import object_views
from ingest.samples import build_sample
from ingest.sources import open_source
from ingest.stage import Ingest
from partworks.errors import UsageError
from partworks.store import Store
from tests.ingest.running import run

WIDTH = 12


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> AestheticConfig:
    """A CLIP of a few neurons and a predictor like LAION's, with random weights."""
    folder = tmp_path_factory.mktemp("models")
    torch.manual_seed(0)
    config = CLIPVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        image_size=32, patch_size=8, projection_dim=WIDTH,
    )  # fmt: skip
    CLIPVisionModelWithProjection(config).save_pretrained(folder / "clip")
    CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=32).save_pretrained(folder / "clip")
    torch.save(layers((0, WIDTH, 8), (2, 8, 4), (10, 4, 1)), folder / "laion.pth")
    return AestheticConfig(
        clip=str(folder / "clip"), predictor=str(folder / "laion.pth"), views=2, size=48
    )


def layers(*shapes: tuple[int, int, int]) -> dict[str, torch.Tensor]:
    """What LAION's module saves: number of the layer, numbers in, numbers out."""
    found = {}
    for number, inputs, outputs in shapes:
        found[f"layers.{number}.weight"] = torch.randn(outputs, inputs)
        found[f"layers.{number}.bias"] = torch.randn(outputs)
    return found


def test_views_show_the_object_on_white() -> None:
    views = object_views(build_sample("chair").mesh, count=3, size=64)
    assert len(views) == 3 and all(view.shape == (64, 64, 3) for view in views)
    for view in views:
        assert (view[0] == 255).all() and (view[:, 0] == 255).all()
        covered = (view != 255).any(axis=2).mean()
        assert 0.05 < covered < 0.8
    assert (views[0] != views[1]).any()


def test_the_score_is_that_of_the_chain_on_unit_features(models: AestheticConfig) -> None:
    judge = AestheticJudge(models)
    mesh = build_sample("chair").mesh
    pictures = object_views(mesh, count=2, size=48)
    clip = CLIPVisionModelWithProjection.from_pretrained(models.clip)
    processor = CLIPImageProcessor.from_pretrained(models.clip)
    tensors = torch.load(models.predictor, weights_only=True)
    expected = []
    for picture in pictures:
        with torch.inference_mode():
            pixels = processor(images=[picture], return_tensors="pt")["pixel_values"]
            value = clip(pixel_values=pixels).image_embeds[0]
        value = value / value.norm()
        for number in (0, 2, 10):  # as numbers, not as text
            value = tensors[f"layers.{number}.weight"] @ value + tensors[f"layers.{number}.bias"]
        expected.append(float(value))
    assert judge.score_pictures(pictures) == pytest.approx(expected, abs=1e-5)
    assert judge.score(mesh) == pytest.approx(np.mean(expected), abs=1e-4)


def test_one_linear_layer_is_a_predictor_too(tmp_path: Path) -> None:
    path = tmp_path / "linear.pth"
    torch.save({"weight": torch.ones(1, WIDTH), "bias": torch.zeros(1)}, path)
    assert float(load_predictor(str(path), width=WIDTH)(torch.ones(1, WIDTH))) == WIDTH


def test_models_that_do_not_fit_or_are_not_there_are_named(tmp_path: Path) -> None:
    path = tmp_path / "laion.pth"
    torch.save(layers((0, WIDTH, 8), (2, 4, 1)), path)
    with pytest.raises(UsageError, match=r"laion\.pth has layers \[12, 4, 1\]"):
        load_predictor(str(path), width=WIDTH)
    with pytest.raises(UsageError, match="no file"):
        load_predictor(str(tmp_path / "nothing.pth"), width=WIDTH)
    with pytest.raises(UsageError, match="no CLIP model"):
        AestheticJudge(AestheticConfig(clip=str(tmp_path), predictor=str(path)))
    with pytest.raises(ValueError, match="both or neither"):
        AestheticConfig(clip="x")


def test_the_stage_scores_and_the_rule_refuses(models: AestheticConfig, tmp_path: Path) -> None:
    record = next(iter(open_source("samples").records()))
    for least, status in ((-1e9, "ok"), (1e9, "rejected")):
        judge = JudgeConfig(aesthetic=models)
        object.__setattr__(judge, "min_aesthetic", least)  # random weights know no scale
        stage = Ingest(IngestConfig(judge=judge), store=Store(str(tmp_path)))
        stage.open()
        outcome = run(stage, record)
        assert outcome.status == status
        assert isinstance(outcome.metrics["aesthetic"], float)
    assert outcome.reason == "low_aesthetic"
