from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import sentencepiece
import torch
from transformers import T5EncoderModel

from tests.train.models.external.tiny import WIDTH, WORDS, tiny_t5
from train.models.external.errors import CheckpointError
from train.models.external.text import NULL_TEXT, load_text_encoder, pad_text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pipeline")
    tiny_t5(path)
    return path


def test_features_of_texts(folder: Path) -> None:
    encoder = load_text_encoder(folder)
    assert encoder.width == WIDTH
    found = encoder.encode(["  A red Chair", "leg", NULL_TEXT])
    assert [rows.shape for rows in found] == [(4, WIDTH), (2, WIDTH), (1, WIDTH)]
    tokens = torch.tensor([[*(3 + WORDS.index(word) for word in ("a", "red", "chair")), 1]])
    network = T5EncoderModel.from_pretrained(folder / "text_encoder")
    with torch.no_grad():
        wanted = network(input_ids=tokens).last_hidden_state[0]
    torch.testing.assert_close(found[0], wanted)


def test_a_text_does_not_depend_on_its_neighbours(folder: Path) -> None:
    encoder = load_text_encoder(folder)
    for text, rows in zip(("leg", ""), encoder.encode(["leg", "", "a a a a a"]), strict=False):
        torch.testing.assert_close(rows, encoder.encode([text])[0])
    assert encoder.encode([]) == []


def test_long_texts_are_cut(folder: Path) -> None:
    assert len(load_text_encoder(folder, max_tokens=5).encode(["a " * 50])[0]) == 5
    assert len(load_text_encoder(folder).encode(["a " * 500])[0]) == 120


def test_padding() -> None:
    rows = [torch.ones(2, 3), 2 * torch.ones(1, 3)]
    padded, mask = pad_text(rows)
    assert mask.tolist() == [[True, True], [True, False]]
    assert torch.equal(padded[mask], torch.cat(rows)) and not padded[~mask].any()


def test_a_folder_without_a_tokenizer(folder: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cannot read the (tokenizer|text_encoder)"):
        load_text_encoder(folder / "tokenizer")


def test_the_tokenizer_that_pipelines_are_published_with(folder: Path, tmp_path: Path) -> None:
    """A model of sentencepiece and T5's settings, without the fast tokenizer's file."""
    shutil.copytree(folder / "text_encoder", tmp_path / "text_encoder")
    (tmp_path / "tokenizer").mkdir()
    (tmp_path / "tokenizer/tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "T5Tokenizer", "extra_ids": 0})
    )
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["aa ab", "ba bb", "abba"] * 9),
        model_prefix=str(tmp_path / "tokenizer/spiece"),
        vocab_size=8,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    model = sentencepiece.SentencePieceProcessor(
        model_file=str(tmp_path / "tokenizer/spiece.model")
    )
    encoder = load_text_encoder(tmp_path)
    tokens = [*model.encode("abba ab"), 1]
    assert len(tokens) > 3 and 2 not in tokens
    with torch.no_grad():
        wanted = encoder.network(input_ids=torch.tensor([tokens])).last_hidden_state[0]
    torch.testing.assert_close(encoder.encode(["Abba ab", ""])[0], wanted)
    assert len(encoder.encode([NULL_TEXT])[0]) == 1
