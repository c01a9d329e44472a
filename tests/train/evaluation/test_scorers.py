from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from train.evaluation.scorers import ClipScorer
from train.models.external.errors import CheckpointError

WORDS = ("a", "red", "chair")
SIZE = 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny CLIP with a tokenizer, as the Hugging Face programs write them."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import (
        CLIPConfig,
        CLIPModel,
        CLIPTextConfig,
        CLIPVisionConfig,
        PreTrainedTokenizerFast,
    )

    path = tmp_path_factory.mktemp("clip")
    names = ("<pad>", "<unk>", "<end>", *WORDS)
    tokenizer = Tokenizer(models.WordLevel({n: i for i, n in enumerate(names)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <end>", special_tokens=[("<end>", 2)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<end>", unk_token="<unk>"
    ).save_pretrained(path)
    torch.manual_seed(6)
    sizes = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1}
    heads = {"num_attention_heads": 2}
    text = CLIPTextConfig(
        vocab_size=len(names), max_position_embeddings=6, eos_token_id=5, **sizes, **heads
    )
    vision = CLIPVisionConfig(image_size=SIZE, patch_size=4, **sizes, **heads)
    config = CLIPConfig(
        text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=6
    )
    CLIPModel(config).save_pretrained(path)
    return path


def pictures(*colors: tuple[float, float, float], pixels: int = SIZE) -> np.ndarray:
    return np.stack([np.full((pixels, pixels, 3), color, np.float32) for color in colors])


def test_the_score_is_the_mean_cosine(folder: Path) -> None:
    """By the embeddings that the published program gives for normalised pictures."""
    from transformers import CLIPModel

    scorer, shown = ClipScorer(folder), pictures((1, 0, 0), (0, 0.5, 1))
    mean = np.array([0.48145466, 0.4578275, 0.40821073])
    spread = np.array([0.26862954, 0.26130258, 0.27577711])
    network = CLIPModel.from_pretrained(folder).eval()
    with torch.no_grad():
        found = network(
            input_ids=torch.tensor([[3, 4, 5, 2]]),
            attention_mask=torch.ones(1, 4, dtype=torch.int64),
            pixel_values=torch.from_numpy((shown - mean) / spread).permute(0, 3, 1, 2).float(),
        )
    ours = found.image_embeds / found.image_embeds.norm(dim=-1, keepdim=True)
    theirs = found.text_embeds / found.text_embeds.norm(dim=-1, keepdim=True)
    score = scorer(shown, "a red chair")
    assert score == pytest.approx(float((ours @ theirs.T).mean()), abs=1e-5)
    assert abs(score) <= 1


def test_pictures_of_any_size(folder: Path) -> None:
    scorer = ClipScorer(folder)
    small, large = (scorer(pictures((1, 0.5, 0), pixels=size), "a chair") for size in (8, 32))
    assert large == pytest.approx(small, abs=1e-4)
    assert scorer(pictures((0, 0, 1)), "a chair") != pytest.approx(small, abs=1e-4)


def test_long_texts_are_cut(folder: Path) -> None:
    assert np.isfinite(ClipScorer(folder)(pictures((1, 1, 1)), "red " * 40))


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot read the CLIP model"):
        ClipScorer(tmp_path)
