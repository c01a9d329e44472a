"""Captions of one object and its parts, with where they come from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """The text of one object or part.

    Attributes:
        name: one or two words.
        short: at most 15 words.
        long: one to three sentences.
    """

    name: str
    short: str
    long: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """All texts of one object.

    Attributes:
        captioner: `template`, or the kind of model that wrote them; a stand-in says so.
        model: the model's name, empty for a template.
        prompt_hash: SHA-256 of the prompt or template, so that equal prompts can be told.
        tokens: tokens spent. cost: US dollars spent.
        whole: the object. parts: one caption a part, in part order.
    """

    captioner: str
    model: str
    prompt_hash: str
    tokens: int
    cost: float
    whole: Caption
    parts: tuple[Caption, ...]

    def to_bytes(self) -> bytes:
        """UTF-8 JSON with sorted keys."""
        table = asdict(self)
        return (json.dumps(table, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Captions:
        """The inverse of `to_bytes`."""
        table = json.loads(data)
        table["whole"] = Caption(**table["whole"])
        table["parts"] = tuple(Caption(**part) for part in table["parts"])
        return cls(**table)
