"""Features of an object's captions, ready to be stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from partworks.errors import UsageError
from train.encode.config import EncodeConfig
from train.encode.latents import Arrays
from train.encode.text_encoders import TextReader
from train.models.external.text import NULL_TEXT
from train.sampling.reading import caption_of


def texts_of(table: Mapping[str, Any], *, config: EncodeConfig) -> list[str]:
    """What the parts are called, then the whole, then the empty text, as sampling has them.

    Args:
        table: the json of a sample.
    """
    parts = [
        caption_of(row, config.captions, prefix="caption_") or str(row["name"])
        for row in table["parts"]
    ]
    whole = caption_of(table["captions"], config.captions, prefix="") or "an object"
    return [*parts, whole, NULL_TEXT]


def text_arrays(reader: TextReader, table: Mapping[str, Any], *, config: EncodeConfig) -> Arrays:
    """The arrays of an object's `texts.npz`.

    Returns:
        features [sum of L, E] in the config's dtype, the tokens of all texts one after another, no
        padding among them; lengths [P + 2] int32, of the parts, the whole and the empty text.

    Raises:
        UsageError: features are not finite in the dtype that is asked for.
    """
    found = reader.encode(texts_of(table, config=config))
    with np.errstate(over="ignore"):
        features = torch.cat(found).numpy().astype(config.dtype)
    if not np.isfinite(features).all():
        raise UsageError(
            f"features of the captions of {table.get('uid', 'an object')} are not finite as "
            f"{config.dtype}; set settings.dtype to float32"
        )
    lengths = np.array([len(rows) for rows in found], np.int32)
    return {"features": features, "lengths": lengths}


def split_features(arrays: Mapping[str, Any]) -> list[Tensor]:
    """The inverse of `text_arrays`: (L, E) float32 for the parts, the whole and the empty text."""
    features = torch.from_numpy(arrays["features"].astype(np.float32))
    return list(torch.split(features, arrays["lengths"].tolist()))
