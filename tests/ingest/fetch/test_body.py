from __future__ import annotations

import gzip
import zlib

import pytest

from ingest.fetch.body import PIECE, Decoder
from ingest.fetch.trouble import Trouble

DATA = bytes(range(256)) * 4000


def decoded(decoder: Decoder, data: bytes, *, step: int) -> bytes:
    pieces = [data[start : start + step] for start in range(0, len(data), step)]
    return b"".join(part for piece in pieces for part in decoder.decode(piece))


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", DATA),
        ("Identity", DATA),
        ("gzip", gzip.compress(DATA)),
        ("X-GZIP", gzip.compress(DATA)),
        ("deflate", zlib.compress(DATA)),
    ],
)
@pytest.mark.parametrize("step", [7, 1 << 20])
def test_a_body_is_unpacked_however_it_is_cut(encoding: str, packed: bytes, step: int) -> None:
    decoder = Decoder(encoding)
    assert decoded(decoder, packed, step=step) == DATA
    decoder.check_end()


def test_no_piece_is_large_whatever_it_unpacks_to() -> None:
    sizes = [len(piece) for piece in Decoder("gzip").decode(gzip.compress(bytes(50 << 20)))]
    assert sum(sizes) == 50 << 20 and max(sizes) <= PIECE


def test_what_is_broken_is_said_to_be() -> None:
    decoder = Decoder("gzip")
    decoded(decoder, gzip.compress(DATA)[:-5], step=100)
    with pytest.raises(Trouble, match=r"fetch_truncated"):
        decoder.check_end()
    with pytest.raises(Trouble, match=r"fetch_bad_response.*broken"):
        decoded(Decoder("gzip"), b"<html>", step=9)
    with pytest.raises(Trouble, match="goes on after its end"):
        decoded(Decoder("deflate"), zlib.compress(DATA) + b"more", step=9)
    with pytest.raises(Trouble, match="'br'"):
        Decoder("br")
