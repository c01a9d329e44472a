"""How the decoders say that a stream is broken."""

from __future__ import annotations


class Damaged(ValueError):
    """A meshopt stream is cut off, too long, or says what its format does not allow."""
