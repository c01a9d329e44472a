"""What the model is told: the texts beside this file, word for word.

A text is changed by raising `VERSION`; its bytes are part of every request's digest, so that an
answer to another wording is never taken for an answer to this one.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from string import Template

VERSION = 1
NAMES = ("system", "part", "parts", "whole", "shorten", "verify", "repair")


def text(name: str, **values: object) -> str:
    """A prompt with its `$words` filled in; KeyError for a word that is not given.

    Args:
        name: one of `NAMES`.
        values: the words.
    """
    return Template(raw(name)).substitute({key: str(value) for key, value in values.items()})


@cache
def raw(name: str) -> str:
    """A prompt as it is shipped, without the line break at its end."""
    return files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8").strip()


@cache
def digest() -> str:
    """SHA-256, in hex, over the version and all texts."""
    pieces = [str(VERSION), *(f"{name}\n{raw(name)}" for name in NAMES)]
    return hashlib.sha256("\0".join(pieces).encode()).hexdigest()
