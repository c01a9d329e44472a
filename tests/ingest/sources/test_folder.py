from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from ingest.sources import fetch, folder, open_source
from ingest.sources.folder import FolderSource
from partworks.errors import Failed, Rejected
from partworks.records import SourceRecord


def listed(root: Path) -> dict[str, SourceRecord]:
    return {record.metadata["path"]: record for record in FolderSource(root.resolve()).records()}


def put(path: Path, data: bytes | str = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_files_are_sorted_by_path_at_any_depth(tmp_path: Path) -> None:
    for name in ("b.glb", "a/z.glb", "a/b/c.STL", "Z.Obj", "a.ply", "k.off", "m.zip", "n.gltf"):
        put(tmp_path / name, name)
    found = listed(tmp_path)
    assert list(found) == sorted(found)
    assert list(found) == [
        "Z.Obj", "a.ply", "a/b/c.STL", "a/z.glb", "b.glb", "k.off", "m.zip", "n.gltf",
    ]  # fmt: skip
    assert found["a/b/c.STL"].ext == "stl"
    assert found["a/b/c.STL"].name == "c"


def test_a_record_says_what_a_worker_needs(tmp_path: Path) -> None:
    put(tmp_path / "a/m.glb", b"bytes")
    record = listed(tmp_path)["a/m.glb"]
    assert record.uid == hashlib.sha256(b"bytes").hexdigest()[:32]
    assert (record.source, record.licence, record.attribution) == ("folder", "unknown", "")
    assert Path(record.location).is_absolute()
    assert fetch(record) == b"bytes"


def test_a_relative_folder_is_made_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "in/m.glb", b"bytes")
    monkeypatch.chdir(tmp_path)
    record = next(open_source("folder:in").records())
    monkeypatch.chdir("/")
    assert fetch(record) == b"bytes"


def test_equal_files_are_one_object_and_none_is_forgotten(tmp_path: Path) -> None:
    put(tmp_path / "b/copy.glb", b"same")
    put(tmp_path / "a.glb", b"same")
    put(tmp_path / "c.glb", b"other")
    source = FolderSource(tmp_path.resolve())
    assert [record.metadata["path"] for record in source.records()] == ["a.glb", "c.glb"]
    uid = hashlib.sha256(b"same").hexdigest()[:32]
    assert source.duplicates == {"b/copy.glb": uid}


def test_what_is_no_asset_is_counted_by_ending(tmp_path: Path) -> None:
    for name in ("a.txt", "b.TXT", "README", "c.png", "m.glb", ".hidden.glb", ".git/x.glb"):
        put(tmp_path / name, name)
    source = FolderSource(tmp_path.resolve())
    assert [record.name for record in source.records()] == ["m"]
    assert source.ignored == {"no ending": 1, "png": 1, "txt": 2}


def test_links_count_only_inside_the_folder(tmp_path: Path) -> None:
    secret = put(tmp_path / "outside/secret.glb", b"secret")
    root = tmp_path / "in"
    put(root / "real/m.glb", b"mesh")
    (root / "inside.glb").symlink_to(root / "real/m.glb")
    (root / "escape.glb").symlink_to(secret)
    (root / "relative.glb").symlink_to("../outside/secret.glb")
    (root / "device.glb").symlink_to("/dev/zero")
    (root / "gone.glb").symlink_to(root / "nothing.glb")
    (root / "self.glb").symlink_to(root / "self.glb")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "circle").symlink_to(root)
    source = FolderSource(root.resolve())
    records = list(source.records())
    assert [record.metadata["path"] for record in records] == ["inside.glb"]
    assert source.duplicates == {"real/m.glb": records[0].uid}
    assert source.ignored == {"link": 7}


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.glb")
    put(tmp_path / "m.glb")
    assert list(listed(tmp_path)) == ["m.glb"]


@pytest.mark.parametrize("name", ["ünïcødé — имя 文件 (1).glb", "a b/ c .glb", "new\nline.glb"])
def test_names_may_be_anything(tmp_path: Path, name: str) -> None:
    put(tmp_path / name, b"mesh")
    record = listed(tmp_path)[name]
    assert record.name == Path(name).stem
    assert fetch(record) == b"mesh"


def test_names_that_are_no_text_are_fetched_all_the_same(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.glb"
    with open(raw, "wb") as stream:  # noqa: PTH123
        stream.write(b"mesh")
    (record,) = FolderSource(tmp_path.resolve()).records()
    assert record.name == "caf\ufffd"
    json.dumps(record.metadata).encode()
    assert fetch(record) == b"mesh"


def gltf(*, buffers: Sequence[str], images: Sequence[str] = ()) -> str:
    return json.dumps(
        {"buffers": [{"uri": uri} for uri in buffers], "images": [{"uri": uri} for uri in images]}
    )


def test_a_gltf_is_packed_with_its_side_files(tmp_path: Path) -> None:
    text = gltf(buffers=["m.bin"], images=["tex/my%20wood.png", "tex/gone.png", "data:,x"])
    put(tmp_path / "car/m.gltf", text)
    put(tmp_path / "car/m.bin", b"bin")
    put(tmp_path / "car/tex/my wood.png", b"png")
    put(tmp_path / "car/unused.png", b"png")
    source = FolderSource(tmp_path.resolve())
    (record,) = source.records()
    assert record.ext == "zip" and record.name == "m"
    data = fetch(record)
    assert record.uid == hashlib.sha256(data).hexdigest()[:32]
    assert members(data) == {"m.gltf": text.encode(), "m.bin": b"bin", "tex/my wood.png": b"png"}
    assert source.ignored == {"png": 1}
    assert fetch(next(FolderSource(tmp_path.resolve()).records())) == data


def test_the_same_gltf_with_another_texture_is_another_object(tmp_path: Path) -> None:
    for name in ("a", "b"):
        put(tmp_path / name / "m.gltf", gltf(buffers=[], images=["x.png"]))
        put(tmp_path / name / "x.png", name)
    assert len({record.uid for record in listed(tmp_path).values()}) == 2


def test_a_gltf_that_stands_alone_stays_a_gltf(tmp_path: Path) -> None:
    put(tmp_path / "m.gltf", gltf(buffers=["gone.bin", "data:;base64,AA=="]))
    assert listed(tmp_path)["m.gltf"].ext == "gltf"


def test_an_unreadable_source_is_listed_and_fails_when_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    put(tmp_path / "m.stl", b"mesh")
    with monkeypatch.context() as patch:
        patch.setattr(folder, "_digest", refuse)
        (record,) = FolderSource(tmp_path.resolve()).records()
    Path(record.location).unlink()
    with pytest.raises(Failed, match="cannot be read"):
        fetch(record)


def test_a_file_that_has_changed_or_gone_is_a_failure(tmp_path: Path) -> None:
    path = put(tmp_path / "m.glb", b"one")
    record = listed(tmp_path)["m.glb"]
    path.write_bytes(b"two")
    with pytest.raises(Failed, match="run again"):
        fetch(record)
    path.unlink()
    with pytest.raises(Failed, match="cannot be read"):
        fetch(record)


def test_a_file_that_is_too_large_is_listed_and_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "MAX_BYTES", 1000)
    put(tmp_path / "m.glb", b"x" * 1001)
    put(tmp_path / "n.gltf", gltf(buffers=["n.bin"]))
    put(tmp_path / "n.bin", b"x" * 990)
    found = listed(tmp_path)
    assert found["n.gltf"].ext == "gltf"
    for record in found.values():
        with pytest.raises(Rejected, match="too_large"):
            fetch(record)
