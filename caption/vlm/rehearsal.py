"""What captions would cost: predicted from the pictures, with nobody asked and nothing paid.

Every question gets a stand-in for a reply, so that the second look and the chain are counted too.
"""

from __future__ import annotations

import json
from typing import Any

from caption.vlm.answers import Answer, Described, SeveralDescribed, Shortened
from caption.vlm.config import VlmConfig
from caption.vlm.question import Question
from caption.vlm.reply import Reply

NAME = "rehearsal"
TEXT = "a stand-in that no model has written"
OUTPUT_TOKENS = 180
"""Of one answer: what the models that were looked at write for one part, rounded up."""
TOKENS_A_PIXEL = 1 / 750
"""Between 28 x 28 pixels a token, as Qwen2.5-VL has it, and OpenAI's 512 x 512 for 170."""


class Rehearsal:
    """Answers every question with a stand-in.

    Attributes:
        paid: US dollars that it would all have cost, as predicted.
    """

    def __init__(self, config: VlmConfig) -> None:
        self.paid = 0.0
        self._config = config

    async def reply(self, question: Question) -> Reply:
        """See `Replies.reply`."""
        given, most = question.tokens(self._config, tokens_a_pixel=TOKENS_A_PIXEL)
        taken = min(most, OUTPUT_TOKENS * question.answers)
        cost = self._config.price.of(input_tokens=given, output_tokens=taken)
        self.paid += cost
        return Reply(
            text=json.dumps(_stand_in(question, variants=self._config.variants)),
            input_tokens=round(given),
            output_tokens=round(taken),
            cost=cost,
            model=NAME,
            pictures=question.digests,
        )

    async def drop(self, question: Question) -> None:
        """See `Replies.drop`; there is nothing to forget."""


def _stand_in(question: Question, *, variants: int) -> dict[str, Any]:
    kind: type[Answer] = question.answer
    if kind is Described:
        return _described(question.labels[0])
    if kind is SeveralDescribed:
        return {"parts": [_described(label) for label in question.labels]}
    if kind is Shortened:
        return {
            "image": question.labels[0],
            "detailed": TEXT,
            "shorter": ["a stand-in"] * variants,
        }
    verdicts = dict.fromkeys(("name", "color", "material", "shape", "relation"), "cannot_tell")
    return {"image": question.labels[0], **verdicts}


def _described(label: str) -> dict[str, Any]:
    claims = dict.fromkeys(("color", "material", "shape", "relation"), "unknown")
    return {
        "image": label,
        "name": "stand-in",
        "short": TEXT,
        "long": TEXT,
        "confidence": 0.0,
        "unsure": True,
        **claims,
    }
