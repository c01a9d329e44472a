from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import pytest

from partworks.errors import UsageError
from partworks.store import Store


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return Store(
        str(tmp_path / "root") if request.param == "local" else f"memory://{tmp_path.name}"
    )


def test_what_is_written_is_read(store: Store) -> None:
    output = store.write("a/b/c.bin", b"payload")
    assert output.sha256 == hashlib.sha256(b"payload").hexdigest()
    assert output.size == 7 == store.size("a/b/c.bin")
    assert store.read("a/b/c.bin") == b"payload"
    with store.open("a/b/c.bin") as stream:
        stream.seek(3)
        assert stream.read() == b"load"


def test_a_second_write_replaces_the_first(store: Store) -> None:
    store.write("x.bin", b"long old content")
    store.write("x.bin", b"new")
    assert store.read("x.bin") == b"new"
    assert store.list("") == ["x.bin"]


def test_lists_are_sorted_and_below_the_folder(store: Store) -> None:
    for path in ("b/2", "b/1", "a/9", "bb/3"):
        store.write(path, b"")
    assert store.list("b") == ["b/1", "b/2"]
    assert store.list("nothing") == []
    assert store.list("") == ["a/9", "b/1", "b/2", "bb/3"]


def test_a_stamp_tells_of_other_content(store: Store) -> None:
    for path in ("a/1", "a/b/2", "c/3"):
        store.write(path, b"same")
    before = store.stamps("a")
    assert set(before) == {"a/1", "a/b/2"} and store.stamps("a") == before
    assert {path: store.stamp(path) for path in before} == before
    store.write("a/1", b"else")
    after = store.stamps("a")
    assert after["a/1"] != before["a/1"] and after["a/b/2"] == before["a/b/2"]
    assert store.stamps("nothing") == {}
    with pytest.raises(FileNotFoundError, match="a/9 is not in"):
        store.stamp("a/9")


def test_delete_twice(store: Store) -> None:
    store.write("x", b"1")
    store.delete("x")
    store.delete("x")
    assert not store.exists("x")


def test_a_missing_file_is_named(store: Store) -> None:
    with pytest.raises(FileNotFoundError, match=r"objects/ab/abc\.glb is not in"):
        store.read("objects/ab/abc.glb")


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "a//b", "./a", ""])
def test_no_path_leaves_the_root(store: Store, path: str) -> None:
    with pytest.raises(ValueError, match="stay below"):
        store.write(path, b"")


def test_no_half_file_is_ever_visible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(str(tmp_path))
    store.write("x.bin", b"old")

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("partworks.store.os.fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        store.write("x.bin", b"new")
    assert store.read("x.bin") == b"old"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["x.bin"]


def test_sweep_removes_leftovers_only(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    store.write("x.bin", b"1")
    (tmp_path / ".tmp").mkdir(exist_ok=True)
    (tmp_path / ".tmp" / "123-dead").write_bytes(b"half")
    assert store.list("") == ["x.bin"], "a leftover is no file of the root"
    store.sweep()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.bin"]


def test_a_store_travels_as_its_url(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    assert pickle.loads(pickle.dumps(store)).url == store.url  # noqa: TID251


def test_an_unknown_protocol_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="carrier-pigeon"):
        Store("carrier-pigeon://bucket/run")
