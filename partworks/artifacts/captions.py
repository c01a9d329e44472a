"""Captions of one object and its parts, with where they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a model was shown and asked for one caption.

    Attributes:
        image: SHA-256 of the picture in hex.
        prompt: SHA-256 of the prompt in hex.
        model: the model's name.
    """

    image: str
    prompt: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """The text of one object or part.

    Attributes:
        name: one or two words.
        short: at most 15 words; empty where there is no caption.
        long: one to three sentences.
        color, material, shape: in words; empty where nothing is said.
        relation: how a part lies in the object, in words.
        confidence: the captioner's own, 0 to 1; None where it has none.
        unsure: whether the captioner said that it could not tell.
        flags: what is to be looked at, sorted: `never_visible`, `color_disagrees:red`,
            `verify_no:material`, `twin_adjusted`; with a colon where a detail follows.
        source: who wrote it: `template`, `vlm`, `reviewer`, `partverse`; `none` if nobody did.
        request: what a model was shown for it; None where no model was asked.
    """

    name: str
    short: str
    long: str
    color: str = ""
    material: str = ""
    shape: str = ""
    relation: str = ""
    confidence: float | None = None
    unsure: bool = False
    flags: tuple[str, ...] = ()
    source: str = ""
    request: Request | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """All texts of one object.

    Attributes:
        captioner: `template`, or the kind of model that wrote them; a stand-in says so.
        model: the model's name, empty for a template.
        prompt_hash: SHA-256 of the prompt or template, so that equal prompts can be told.
        tokens: tokens spent.
        cost: US dollars spent.
        whole: the object.
        parts: one caption a part, in part order.
        variants: further texts of the whole, long to short, for augmentation (TRELLIS's chain).
        verified: whether a second look at the pictures has checked the claims.
    """

    captioner: str
    model: str
    prompt_hash: str
    tokens: int
    cost: float
    whole: Caption
    parts: tuple[Caption, ...]
    variants: tuple[str, ...] = ()
    verified: bool = False

    @property
    def everything(self) -> tuple[Caption, ...]:
        """The caption of the whole, and those of the parts."""
        return (self.whole, *self.parts)

    def to_bytes(self) -> bytes:
        """UTF-8 JSON with sorted keys."""
        table = asdict(self)
        return (json.dumps(table, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Captions:
        """The inverse of `to_bytes`; older files, which lack some attributes, are read too."""
        table = json.loads(data)
        captioner = table["captioner"]
        table["whole"] = _caption(table["whole"], captioner=captioner)
        table["parts"] = tuple(_caption(part, captioner=captioner) for part in table["parts"])
        table["variants"] = tuple(table.get("variants", ()))
        return cls(**table)


def _caption(table: Mapping[str, Any], *, captioner: str) -> Caption:
    """A caption from JSON; in an older file the captioner of all captions wrote each of them."""
    request = table.get("request")
    known = {
        "source": captioner,
        **table,
        "flags": tuple(table.get("flags", ())),
        "request": Request(**request) if request else None,
    }
    return Caption(**known)
