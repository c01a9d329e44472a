from __future__ import annotations

import json
import socket

import pytest

from render.blender.channel import LONGEST, Channel, Garbled, Gone


@pytest.fixture
def ends() -> tuple[Channel, socket.socket]:
    ours, theirs = socket.socketpair()
    return Channel(ours), theirs


def test_a_reply_in_pieces_is_one_reply(ends: tuple[Channel, socket.socket]) -> None:
    channel, other = ends
    channel.send("add", {"a": 1})
    assert json.loads(other.recv(1000)) == {"id": 1, "command": "add", "arguments": {"a": 1}}
    assert channel.poll(0) is None
    other.sendall(b'{"id": 1, "res')
    assert channel.poll(1) is None
    other.sendall(b'ult": 2}\n')
    assert channel.poll(1) == {"id": 1, "result": 2}


@pytest.mark.parametrize(
    "said", [b"hello\n", b"[1]\n", b'{"id": 2, "result": 0}\n', b"\xff\xfe\n", b'{"result": 0}\n']
)
def test_what_is_no_reply_is_garbled(ends: tuple[Channel, socket.socket], said: bytes) -> None:
    channel, other = ends
    channel.send("add", {})
    other.sendall(said)
    with pytest.raises(Garbled):
        channel.poll(1)


def test_a_line_without_end_is_garbled(ends: tuple[Channel, socket.socket]) -> None:
    channel, other = ends
    channel.send("add", {})
    with pytest.raises(Garbled, match="xxx"):
        for _ in range(2 * LONGEST >> 15):
            other.sendall(b"x" * (1 << 15))
            assert channel.poll(1) is None


def test_an_end_that_is_gone_is_told(ends: tuple[Channel, socket.socket]) -> None:
    channel, other = ends
    other.close()
    with pytest.raises(Gone):
        channel.poll(1)
    with pytest.raises(Gone):
        channel.send("add", {})
