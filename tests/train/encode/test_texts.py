from __future__ import annotations

import numpy as np
import pytest
import torch

from partworks.errors import UsageError
from tests.shards.made_shards import make_part, make_record
from train.encode.config import EncodeConfig
from train.encode.text_encoders import WordVectors
from train.encode.texts import split_features, text_arrays, texts_of
from train.sampling.reading import layout_of_table

RECORD = make_record(
    "chair", captions={"name": "chair", "short": "A chair.", "long": "", "model": ""}
)
RECORD["parts"] = [
    make_part(0, caption_short="", caption_long="A wooden leg."),
    make_part(1, name="rest", caption_name="", caption_short="", caption_long=""),
]


def test_texts_are_those_of_sampling_and_the_empty_one() -> None:
    texts = texts_of(RECORD, config=EncodeConfig())
    assert texts == ["A wooden leg.", "rest", "A chair.", ""]
    layout = layout_of_table("chair", RECORD, captions="short")
    assert texts[:-1] == [*(part.prompt for part in layout.parts), layout.text]
    assert texts_of(RECORD, config=EncodeConfig(captions="name"))[:1] == ["leg"]


def test_features_come_back_without_padding() -> None:
    reader = WordVectors(6)
    arrays = text_arrays(reader, RECORD, config=EncodeConfig(dtype="float16"))
    assert arrays["features"].dtype == np.float16
    assert arrays["lengths"].tolist() == [4, 2, 3, 1]
    expected = reader.encode(texts_of(RECORD, config=EncodeConfig()))
    for mine, theirs in zip(split_features(arrays), expected, strict=True):
        assert torch.equal(mine, theirs.half().float())


def test_features_that_half_precision_cannot_hold_are_refused() -> None:
    class Loud(WordVectors):
        def encode(self, texts: object) -> list[torch.Tensor]:
            del texts
            return [torch.full((1, 6), 1e6)]

    with pytest.raises(UsageError, match=r"not finite as float16; set settings\.dtype"):
        text_arrays(Loud(6), RECORD, config=EncodeConfig(dtype="float16"))
