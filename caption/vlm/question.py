"""One question to the model: its words, its pictures, the form of its answer, and its key."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Protocol

from caption.vlm import prompts
from caption.vlm.answers import Answer, schema
from caption.vlm.config import VlmConfig

_MEDIA = {b"\x89PNG": "image/png", b"RIFF": "image/webp", b"\xff\xd8\xff": "image/jpeg"}
_BYTES_A_TOKEN = 2.5
_MESSAGE_TOKENS = 64


class Picture(Protocol):
    """What is shown: encoded bytes, width and height in pixels, the bytes' SHA-256 in hex."""

    @property
    def image(self) -> bytes:
        """PNG, WebP or JPEG."""

    @property
    def width(self) -> int:
        """Pixels."""

    @property
    def height(self) -> int:
        """Pixels."""

    @property
    def sha256(self) -> str:
        """Of `image`, in hex."""

    @property
    def note(self) -> str:
        """What is to be said about the picture; often empty."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """What is asked in one request.

    Attributes:
        kind: the prompt's name, by which latencies are compared.
        text: the user's words.
        labels: what the answer must name, in order.
        pictures: what is shown, in the order of `labels`; none for a question about a text.
        answer: the form of the answer.
        answers: answers in one reply, which its length goes with.
        exchange: (reply, complaint) of an earlier try that could not be read.
        digests: SHA-256 of the pictures in hex, in their order.
    """

    kind: str
    text: str
    labels: tuple[str, ...]
    pictures: tuple[Picture, ...]
    answer: type[Answer]
    answers: int = 1
    exchange: tuple[str, str] | None = None
    digests: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        # Once: to digest a picture takes as long as to send it on.
        digests = tuple(picture.sha256 for picture in self.pictures)
        object.__setattr__(self, "digests", digests)

    def repaired(self, reply: str, complaint: str) -> Question:
        """The same question, with what was wrong with the reply."""
        return replace(self, exchange=(reply, prompts.text("repair", complaint=complaint)))

    def body(self, config: VlmConfig) -> dict[str, Any]:
        """The body of a chat completion request."""
        return self._body(config, [_data_url(picture) for picture in self.pictures])

    def key(self, config: VlmConfig) -> str:
        """SHA-256, in hex, of model, settings, words, schema and the pictures' digests."""
        # The pictures' own digests, not their bytes: a key must not cost an encoding.
        body = self._body(config, self.digests)
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()

    def tokens(self, config: VlmConfig, *, tokens_a_pixel: float) -> tuple[float, float]:
        """Input and output tokens of the request at the most, by the sizes of what is sent.

        Args:
            config: says how long an answer may be.
            tokens_a_pixel: of pictures.
        """
        words = [prompts.raw("system"), self.text, *(self.exchange or ())]
        words.append(_schema_text(self.answer))
        pixels = sum(picture.width * picture.height for picture in self.pictures)
        text = sum(len(piece.encode()) for piece in words) / _BYTES_A_TOKEN + _MESSAGE_TOKENS
        return text + pixels * tokens_a_pixel, float(config.max_tokens * self.answers)

    def _body(self, config: VlmConfig, urls: Sequence[str]) -> dict[str, Any]:
        content: list[dict[str, Any]] = []
        for label, url in zip(self.labels, urls, strict=False):
            content.append({"type": "text", "text": f"Picture {label}:"})
            image = {"url": url, "detail": config.detail}
            content.append({"type": "image_url", "image_url": image})
        content.append({"type": "text", "text": self.text})
        messages: list[dict[str, Any]] = [
            {"role": "system", "content": prompts.raw("system")},
            {"role": "user", "content": content},
        ]
        if self.exchange is not None:
            messages.append({"role": "assistant", "content": self.exchange[0]})
            messages.append({"role": "user", "content": self.exchange[1]})
        body: dict[str, Any] = {
            "model": config.model,
            "messages": messages,
            "temperature": config.temperature,
            "seed": config.seed,
            "max_tokens": config.max_tokens * self.answers,
        }
        return body | self._form(config)

    def _form(self, config: VlmConfig) -> dict[str, Any]:
        if config.structured == "none":
            return {}
        if config.structured == "json_object":
            return {"response_format": {"type": "json_object"}}
        form = {"name": self.answer.title, "strict": True, "schema": schema(self.answer)}
        return {"response_format": {"type": "json_schema", "json_schema": form}}


@cache
def _schema_text(answer: type[Answer]) -> str:
    return json.dumps(schema(answer))


def label_of(name: str, picture: Picture) -> str:
    """A label that no other picture has: a name, and the beginning of the picture's digest."""
    return f"{name}-{picture.sha256[:8]}"


def notes_of(pictures: Sequence[tuple[str, Picture]]) -> str:
    """What the pictures' notes say, as a sentence to go behind others; empty if they say nothing.

    Args:
        pictures: (label, picture).
    """
    told = [(label, re.sub(r"\s+", " ", picture.note).strip()) for label, picture in pictures]
    lines = [f"About {label}: {note}" for label, note in told if note]
    return "".join(f" {line.rstrip('.')}." for line in lines)


def _data_url(picture: Picture) -> str:
    media = next(
        (media for magic, media in _MEDIA.items() if picture.image.startswith(magic)), None
    )
    assert media is not None, "a composite is PNG, WebP or JPEG"
    return f"data:{media};base64,{base64.b64encode(picture.image).decode()}"
