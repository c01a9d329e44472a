"""Streams of the published meshopt encoder, and what the published decoder makes of them.

`reference.mjs` made them, with version 1.1.1 of the npm package `meshoptimizer`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A stream of `count` elements of `size` bytes, and the SHA-256 of them decoded."""

    name: str
    mode: str
    count: int
    size: int
    filter: str
    stream: bytes
    decoded: str

    def check(self, found: bytes) -> None:
        """The bytes are those of the published decoder."""
        assert len(found) == self.count * self.size
        assert hashlib.sha256(found).hexdigest() == self.decoded


def cases(mode: str, *, filtered: bool = False) -> list[Case]:
    """The cases of a mode."""
    entries = json.loads(Path(__file__).with_name("reference.json").read_text())
    every = [Case(**{**entry, "stream": base64.b64decode(entry["stream"])}) for entry in entries]
    return [case for case in every if case.mode == mode and (case.filter != "NONE") == filtered]


def parametrized(chosen: Sequence[Case]) -> pytest.MarkDecorator:
    """One test a case, by its name."""
    return pytest.mark.parametrize("case", chosen, ids=[case.name for case in chosen])
