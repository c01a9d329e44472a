"""What came back from the model, as the cache keeps it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from caption.vlm.prices import Price


class NoReply(Exception):
    """A body that is no chat completion, such as the half of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One paid reply.

    Attributes:
        text: what the model said; empty if it refused.
        refusal: why it refused; empty if it did not.
        cut: whether the text ends because it was too long.
        input_tokens: as the endpoint counts them. output_tokens: likewise.
        cost: US dollars.
        model: the model's name as the endpoint gives it, often with a date.
        pictures: SHA-256 of the pictures that were sent.
        error: why a batch has no reply; empty if it has.
    """

    text: str
    refusal: str = ""
    cut: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    model: str = ""
    pictures: tuple[str, ...] = ()
    error: str = ""

    @classmethod
    def from_completion(cls, body: Any, *, price: Price, pictures: tuple[str, ...]) -> Reply:
        """A chat completion's body, already parsed; `NoReply` where it is none."""
        try:
            choice = body["choices"][0]
            message, ending = choice["message"], choice.get("finish_reason") or ""
            usage = body.get("usage") or {}
            spent = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
            text, refusal = message.get("content") or "", message.get("refusal") or ""
        except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
            raise NoReply(f"the body is no chat completion: {error!r}") from error
        if ending == "content_filter":
            refusal = refusal or "the endpoint's content filter"
        return cls(
            text=str(text),
            refusal=str(refusal),
            cut=ending == "length",
            input_tokens=spent[0],
            output_tokens=spent[1],
            cost=price.of(input_tokens=spent[0], output_tokens=spent[1]),
            model=str(body.get("model") or ""),
            pictures=pictures,
        )

    @property
    def tokens(self) -> int:
        """Of input and output."""
        return self.input_tokens + self.output_tokens

    def to_bytes(self) -> bytes:
        """UTF-8 JSON with sorted keys."""
        return (json.dumps(asdict(self), sort_keys=True, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Reply:
        """The inverse of `to_bytes`; ValueError for anything else."""
        table = json.loads(data)
        table["pictures"] = tuple(table["pictures"])
        return cls(**table)
