import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from annotate.blobs.store import Blob, BlobStore, media_type


def test_a_blob_is_named_by_its_bytes_and_comes_back(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    blob = store.put(b"geometry", ext="glb")
    assert blob.sha256 == hashlib.sha256(b"geometry").hexdigest() and blob.size == 8
    assert store.path(blob.sha256, "glb") == tmp_path / blob.sha256[:2] / blob.name
    assert store.read(blob) == b"geometry"


def test_the_same_bytes_are_stored_once_whoever_puts_them(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        blobs = set(pool.map(lambda _: store.put(b"x" * 100_000, ext="u16.gz"), range(32)))
    assert len(blobs) == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [blobs.pop().name]


def test_a_stored_blob_is_not_written_again(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    path = store.path(store.put(b"a", ext="glb").sha256, "glb")
    before = path.stat().st_ino
    store.put(b"a", ext="glb")
    assert path.stat().st_ino == before


def test_damage_is_noticed(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    blob = store.put(b"a", ext="glb")
    store.path(blob.sha256, "glb").write_bytes(b"b")
    with pytest.raises(ValueError, match="damaged"):
        store.read(blob)


@pytest.mark.parametrize(
    ("sha256", "ext"),
    [
        ("../" + "a" * 61, "glb"),
        ("a" * 63, "glb"),
        ("a" * 64 + "\n", "glb"),
        ("A" * 64, "glb"),
        ("a" * 64, "py"),
        ("a" * 64, "../glb"),
        ("a" * 64, "glb.gz.gz"),
        ("a" * 64, ""),
    ],
)
def test_nothing_but_hashes_and_known_endings_become_paths(
    tmp_path: Path, sha256: str, ext: str
) -> None:
    with pytest.raises(ValueError, match="blob"):
        BlobStore(tmp_path).path(sha256, ext)


def test_media_types() -> None:
    assert media_type("glb") == ("model/gltf-binary", None)
    assert media_type("u16.gz") == ("application/octet-stream", "gzip")
    with pytest.raises(KeyError):
        media_type("html")
    assert Blob(sha256="a" * 64, ext="glb.gz", size=0).name.endswith("a.glb.gz")
