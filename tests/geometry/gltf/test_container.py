import struct

import pytest

from partworks.errors import Rejected
from partworks.geometry.gltf.container import split_glb


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack("<I4s", len(content), kind) + content


def glb(*chunks: bytes, version: int = 2, more: int = 0) -> bytes:
    body = b"".join(chunks)
    return struct.pack("<4sII", b"glTF", version, 12 + len(body) + more) + body


def test_json_and_binary() -> None:
    text, binary = split_glb(glb(chunk(b"JSON", b"{}  "), chunk(b"BIN\0", b"1234")))
    assert text == b"{}  "
    assert binary == b"1234"


def test_without_binary_and_with_unknown_chunks() -> None:
    data = glb(chunk(b"JSON", b"{}  "), chunk(b"XTRA", b"abcd"))
    assert split_glb(data) == (b"{}  ", None)
    assert split_glb(data + b"trailing bytes") == (b"{}  ", None)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"glTF", "truncated"),
        (glb(), "invalid_gltf"),
        (glb(chunk(b"BIN\0", b"1234"), chunk(b"JSON", b"{}  ")), "invalid_gltf"),
        (glb(chunk(b"JSON", b"{}  "), version=1), "unsupported_version"),
        (glb(chunk(b"JSON", b"{}  "), more=1), "truncated"),
        (glb(chunk(b"JSON", b"{}  "), b"\1\0\0"), "truncated"),
        (glb(struct.pack("<I4s", 99, b"JSON") + b"{}"), "truncated"),
    ],
)
def test_broken_containers_are_named(data: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        split_glb(data)
    assert caught.value.reason == reason
