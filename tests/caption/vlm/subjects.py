"""Pictures and facts to ask a model about."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from caption.composite.composite import Composite
from caption.facts import Look, ObjectFacts, PartFacts
from caption.vlm.config import VlmConfig

MODEL: dict[str, Any] = {
    "model": "mock",
    "input_price": 1.0,
    "output_price": 10.0,
    "timeout_s": 5.0,
}
COST = (1000 * 1.0 + 100 * 10.0) / 1e6
"""US dollars of one answer of the stand-in server at these prices."""


def config(url: str = "http://127.0.0.1:9/v1", **settings: Any) -> VlmConfig:
    return VlmConfig(**{"base_url": url, **MODEL, **settings})


def picture(number: int, *, note: str = "", size: int = 32) -> Composite:
    """A picture that no other number has."""
    stream = io.BytesIO()
    Image.new("RGB", (size, size), (number % 256, number // 256 % 256, 77)).save(stream, "PNG")
    return Composite(
        image=stream.getvalue(),
        width=size,
        height=size,
        view=0,
        panels=((0, 0, size, size),),
        box=None,
        alone=None,
        arrow=None,
        visible_share=0.5,
        pixels_of_part=9,
        note=note,
    )


def pictures(count: int, *, start: int = 0) -> list[Composite]:
    return [picture(number) for number in range(start, start + count)]


def facts(count: int, *, uid: str = "toy") -> ObjectFacts:
    look = Look(colors=(), material="", form="block")
    part = PartFacts(noun="part", look=look, place=(), relation=("", ""), share=0.1, hidden=False)
    return ObjectFacts(noun="toy", look=look, sides=(1.0, 1.0, 1.0), parts=(part,) * count, uid=uid)
