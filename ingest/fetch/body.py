"""Bodies that come packed although we asked for them plain: unpacked a piece at a time.

A few bytes may unpack to gigabytes, so no piece is longer than `PIECE`, and whoever takes the
pieces can stop at any.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from ingest.fetch.trouble import Trouble

PIECE = 1 << 18


class Decoder:
    """Undoes one `Content-Encoding`.

    Args:
        encoding: the header's text.

    Raises:
        Trouble: `fetch_bad_response`, for an encoding that is not known.
    """

    def __init__(self, encoding: str) -> None:
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Trouble(
                "fetch_bad_response",
                f"the body has the encoding {name[:60]!r}, asked for was identity",
                again=False,
            )
        packed = name not in ("", "identity")
        self._inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32) if packed else None

    def decode(self, data: bytes) -> Iterator[bytes]:
        """The plain bytes of the next packed ones."""
        if self._inflate is None:
            yield data
            return
        while data:
            if self._inflate.eof:
                raise Trouble("fetch_bad_response", "the packed body goes on after its end")
            try:
                piece = self._inflate.decompress(data, PIECE)
            except zlib.error as error:
                raise Trouble("fetch_bad_response", f"the packed body is broken: {error}") from None
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            if piece:
                yield piece

    def check_end(self) -> None:
        """Raise Trouble('fetch_truncated') if the packed stream has not come to its end."""
        if self._inflate is not None and not self._inflate.eof:
            raise Trouble("fetch_truncated", "the packed body broke off")
