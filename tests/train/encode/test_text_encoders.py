from __future__ import annotations

from pathlib import Path

import torch

from tests.train.models.external.tiny import WIDTH, tiny_t5
from train.encode.text_encoders import make_text_reader, padded_features


def test_words_have_vectors_of_their_own_in_any_text() -> None:
    reader = make_text_reader("words", width=32)
    first, second, empty = reader.encode(["A red chair.", "chair, RED", ""])
    assert [len(rows) for rows in (first, second, empty)] == [4, 3, 1]
    assert torch.equal(first[1], second[1]) and torch.equal(first[2], second[0])
    assert torch.equal(first[-1], empty[0])
    assert not torch.equal(first[0], first[1])
    words = torch.cat(reader.encode([f"w{number}" for number in range(500)]))[::2]
    assert abs(float(words.mean())) < 0.03 and abs(float(words.var()) - 1) < 0.05


def test_long_texts_are_cut() -> None:
    reader = make_text_reader("words", width=4, max_tokens=3)
    (rows,) = reader.encode(["one two three four"])
    assert torch.equal(rows, torch.cat(reader.encode(["one two"])))


def test_t5_gives_its_tokens_without_padding(tmp_path: Path) -> None:
    tiny_t5(tmp_path)
    reader = make_text_reader(str(tmp_path), max_tokens=9)
    assert reader.width == WIDTH
    texts = ["a red chair", ""]
    rows = reader.encode(texts)
    assert [tuple(each.shape) for each in rows] == [(4, WIDTH), (1, WIDTH)]
    features, mask = padded_features(reader, texts)
    assert features.shape == (2, 4, WIDTH)
    assert mask.tolist() == [[True] * 4, [True, False, False, False]]
    assert torch.equal(features[0], rows[0])
    assert reader.state()
