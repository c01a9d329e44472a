from __future__ import annotations

import dataclasses

import pytest

from shards.manifest import Manifest, PackedMember, PackedSample

MEMBER = PackedMember(member="json", offset=512, size=2, crc32=2**32 - 1, sha256="0" * 64)
SAMPLE = PackedSample(
    key="a",
    sample_sha256="1" * 64,
    split="train",
    family="a",
    record='{"name": "ä\\n"}',
    members=(MEMBER, dataclasses.replace(MEMBER, member="points.npz", offset=2**40)),
)
MANIFEST = Manifest(plan="2" * 64, sha256="3" * 64, size=2**41, samples=(SAMPLE, SAMPLE))


def test_a_manifest_survives_its_file() -> None:
    data = MANIFEST.to_bytes()
    assert Manifest.from_bytes(data) == MANIFEST
    assert MANIFEST.to_bytes() == data
    nothing = dataclasses.replace(MANIFEST, samples=())
    assert Manifest.from_bytes(nothing.to_bytes()) == nothing


@pytest.mark.parametrize("cut", [0, 4, 100, -1])
def test_half_a_file_is_no_manifest(cut: int) -> None:
    assert Manifest.from_bytes(MANIFEST.to_bytes()[:cut]) is None


def test_another_table_is_no_manifest() -> None:
    from shards.index import IndexWriter
    from shards.split import SplitShares

    index = IndexWriter(SplitShares(val=0.1, test=0.1)).to_bytes()
    assert Manifest.from_bytes(index) is None
