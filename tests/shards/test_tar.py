from __future__ import annotations

import hashlib
import io
import tarfile

import pytest

from shards import tar

MEMBERS = {"a.json": b"{}", "a.points.npz": bytes(range(256)) * 3, "a.empty": b""}


def test_other_programs_read_it() -> None:
    with tarfile.open(fileobj=io.BytesIO(tar.pack(MEMBERS))) as archive:
        infos = archive.getmembers()
        content = {info.name: archive.extractfile(info).read() for info in infos}  # type: ignore[union-attr]
    assert content == MEMBERS
    assert {(i.mtime, i.uid, i.gid, i.uname, i.gname, i.mode) for i in infos} == {
        (0, 0, 0, "", "", 0o444)
    }


def test_the_bytes_are_fixed() -> None:
    data = tar.pack(MEMBERS)
    assert data[257:265] == b"ustar\x0000"
    assert (
        hashlib.sha256(data).hexdigest()
        == "0661b00497463760a0c7909bfa6c151cc0874c17de835c05f7938facb9d364e1"
    )


def test_members_say_where_their_content_lies() -> None:
    data = tar.pack(MEMBERS)
    found = {m.name: data[m.offset : m.offset + m.size] for m in tar.members(data)}
    assert found == MEMBERS


def test_entries_behind_one_another_are_a_tar() -> None:
    joined = b"".join(tar.entry(name, data) for name, data in MEMBERS.items()) + tar.END
    assert joined == tar.pack(MEMBERS)


def test_scanning_passes_over_the_contents() -> None:
    stream = CountingStream(tar.pack({"a.big": bytes(1 << 20), "a.json": b"{}"}))
    found = [(member.name, member.size) for member in tar.scan(stream)]
    assert found == [("a.big", 1 << 20), ("a.json", 2)]
    assert stream.count < 10 * tar.BLOCK


class CountingStream(io.BytesIO):
    """Counts the bytes that are read."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.count += len(data)
        return data


def test_a_broken_header_is_told() -> None:
    data = bytearray(tar.pack(MEMBERS))
    data[100] ^= 1
    with pytest.raises(tarfile.TarError):
        list(tar.members(bytes(data)))
