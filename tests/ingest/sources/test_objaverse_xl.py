from __future__ import annotations

import hashlib
import io
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.fetch.config import FetchConfig
from ingest.sources import fetch, open_source
from partworks.errors import Failed, UsageError
from partworks.records import SourceRecord
from tests.ingest.mirror import Mirror, add_objaverse, serving

XL = "/datasets/allenai/objaverse-xl/resolve/main/"
QUICK = FetchConfig(attempts=1, deadline_s=60)
UID = "ab" * 16
GLB = b"glTF\x02\x00\x00\x00" + (14).to_bytes(4, "little") + b"ok"
MUSEUM = b"museum"
COMMIT = "c" * 40


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def row(identifier: str, data: bytes, **other: Any) -> dict[str, Any]:
    return {"fileIdentifier": identifier, "source": "", "license": "MIT License",
            "fileType": "glb", "sha256": sha(data), "metadata": "{}", **other}  # fmt: skip


def blob(path: str, *, commit: str = COMMIT, repository: str = "jo/things") -> str:
    return f"https://github.com/{repository}/blob/{commit}/{path}"


LISTS: dict[str, list[dict[str, Any]]] = {
    "github": [
        row(blob("a/lamp%20one.glb"), b"one"),
        row(blob("b/copy.glb"), b"one"),
        row(blob("b/table.obj"), b"two", fileType="obj", license=None),
        row(blob("b/chair.fbx"), b"three", fileType=".FBX", license="Other"),
        row("https://github.com/short", b"four"),
        row(blob("b/x.glb"), b"five", sha256="none"),
    ],
    "smithsonian": [
        row("https://3d-api.si.edu/x/skull.glb", MUSEUM, license="CC0",
            metadata='{"title": "A  skull"}'),
        row("file:///etc/passwd", b"six"),
    ],
    "thingiverse": [
        row("https://www.thingiverse.com/thing:12/files?fileId=34", b"seven", fileType="stl",
            license="Creative Commons - Attribution"),
    ],
    "sketchfab": [row(f"https://sketchfab.com/3d-models/{UID}", GLB, license="by")],
}  # fmt: skip


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    made = Mirror()
    for place, rows in LISTS.items():
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows), buffer)
        made.files[f"{XL}{place}/{place}.parquet"] = buffer.getvalue()
        made.files[f"{XL}{place}/alignment.parquet"] = buffer.getvalue()
    add_objaverse(made, {UID: GLB})
    with serving(made):
        monkeypatch.setenv("HF_ENDPOINT", made.url)
        yield made


def listed(words: str = "") -> dict[str, SourceRecord]:
    return {record.location: record for record in open_source(f"objaverse-xl:{words}").records()}


def test_places_are_listed_and_what_makes_no_sense_is_counted(mirror: Mirror) -> None:
    source = open_source("objaverse-xl:")
    records = list(source.records())
    assert source.ignored == {"duplicate": 1, "broken row": 3}
    assert [record.ext for record in records] == ["glb", "zip", "fbx", "glb", "glb"]
    lamp, table, chair, sketch, skull = records
    assert (lamp.uid, lamp.sha256) == (sha(b"one")[:32], sha(b"one"))
    assert (lamp.name, lamp.licence, lamp.creator) == ("lamp one", "MIT", "jo")
    assert (lamp.link, lamp.creator_url) == (lamp.location, "https://github.com/jo")
    assert (table.uid, table.sha256) == (sha(b"two")[:32], ""), "packed, it has another sum"
    assert (table.licence, chair.licence) == ("unknown", "unknown")
    assert (sketch.uid, sketch.creator, sketch.sha256) == (UID, "Jo Maker", sha(GLB))
    assert (skull.name, skull.licence, skull.sha256) == ("A skull", "CC0-1.0", sha(MUSEUM))
    assert not any("thingiverse" in path for path in mirror.paths()), "it asks not to be asked"
    assert records == list(source.records()) and source.ignored["duplicate"] == 1


def test_selections(mirror: Mirror, tmp_path: Path) -> None:
    (thing,) = listed("source=thingiverse").values()
    assert (thing.location, thing.ext) == ("https://www.thingiverse.com/download:34", "stl")
    assert thing.licence == "CC-BY-4.0"
    assert {r.ext for r in listed("type=obj+fbx").values()} == {"zip", "fbx"}
    assert [r.uid for r in listed("licence=CC-BY").values()] == [UID]
    assert len(listed("source=github+smithsonian,licence=mit+cc0")) == 2
    names = tmp_path / "ids"
    names.write_text(f"{UID}\n{sha(MUSEUM)}\n{blob('b/table.obj')}\n")
    assert {r.ext for r in listed(f"uids={names}").values()} == {"glb", "zip"}
    assert len(listed(f"uids={names}")) == 3
    assert len(listed("sample=2,seed=1")) == 2
    assert len(listed("alignment=yes")) == 4
    for words, message in (("source=gitlab", "'gitlab', expected github"), ("tag=x", "'tag=x'")):
        with pytest.raises(UsageError, match=message):
            listed(words)


def test_a_damaged_list_is_fetched_again(mirror: Mirror) -> None:
    before = listed()
    path = Path("~/.objaverse/github/github.parquet").expanduser()
    path.write_bytes(path.read_bytes()[:-10])
    mirror.forget()
    assert listed() == before
    assert mirror.paths() == [f"{XL}github/github.parquet"]


def test_files_at_an_address_are_fetched_and_checked(mirror: Mirror) -> None:
    records = listed()
    skull = records["https://3d-api.si.edu/x/skull.glb"]
    mirror.files["/skull.glb"] = MUSEUM
    assert fetch(replace(skull, location=f"{mirror.url}/skull.glb"), QUICK) == MUSEUM
    mirror.files["/skull.glb"] = b"other!"
    with pytest.raises(Failed, match=r"fetch_wrong_hash"):
        fetch(replace(skull, location=f"{mirror.url}/skull.glb"), QUICK)
    (sketch,) = (record for record in records.values() if record.uid == UID)
    assert fetch(sketch, QUICK) == GLB
    with pytest.raises(Failed, match=r"fetch_wrong_hash"):
        fetch(replace(sketch, sha256="0" * 64), QUICK)


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@x.invalid", *words]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A repository jo/things that stands in for GitHub's, and its first of two commits."""
    place = tmp_path / "hub" / "jo" / "things.git"
    place.mkdir(parents=True)
    git(place, "init", "-q", "-b", "main")
    (place / "b").mkdir()
    (place / "b" / "table.obj").write_text("mtllib t.mtl\nv 0 0 0\n")
    (place / "b" / "t.mtl").write_text("newmtl a\n")
    (place / "b" / "lamp.glb").write_bytes(GLB)
    (tmp_path / "secret.glb").write_bytes(b"secret")
    (place / "b" / "link.glb").symlink_to(tmp_path / "secret.glb")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "one")
    first = git(place, "rev-parse", "HEAD")
    (place / "b" / "lamp.glb").write_bytes(b"later")
    git(place, "commit", "-q", "-a", "-m", "two")
    git(place, "config", "uploadpack.allowAnySHA1InWant", "true")
    for key, value in {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{tmp_path}/hub/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
        "GIT_ALLOW_PROTOCOL": "file",
    }.items():
        monkeypatch.setenv(key, value)
    return first


def on_github(
    path: str, data: bytes, commit: str, *, repository: str = "jo/things"
) -> SourceRecord:
    return SourceRecord(
        uid=sha(data)[:32],
        location=blob(path, commit=commit, repository=repository),
        ext="glb",
        source="objaverse-xl",
        metadata={"place": "github", "sha256": sha(data)},
    )


def test_a_file_of_a_repository_comes_through_the_package(
    commit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert fetch(on_github("b/lamp.glb", GLB, commit), QUICK) == GLB
    left = [path.name for path in folder.iterdir() if path.name.startswith("partworks-repository")]
    assert left == [], "the clone is removed"


def test_a_model_of_a_repository_comes_with_its_side_files(commit: str) -> None:
    record = on_github("b/table.obj", b"mtllib t.mtl\nv 0 0 0\n", commit)
    with zipfile.ZipFile(io.BytesIO(fetch(record, QUICK))) as archive:
        assert archive.namelist() == ["t.mtl", "table.obj"]


def test_a_repository_or_file_that_is_gone_says_so_in_gits_words(commit: str) -> None:
    with pytest.raises(Failed, match=r"fetch_not_found.*no such file"):
        fetch(on_github("b/none.glb", GLB, commit), QUICK)
    with pytest.raises(Failed, match=r"fetch_not_found.*git says: .*does not appear|not found"):
        fetch(on_github("b/lamp.glb", GLB, commit, repository="jo/gone"), QUICK)
    with pytest.raises(Failed, match=r"fetch_wrong_hash"):
        fetch(on_github("b/lamp.glb", b"other", commit), QUICK)


def test_a_host_that_is_not_there_is_not_a_file_that_is_gone(
    commit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "url.http://127.0.0.1:9/.insteadOf")
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "http")
    with pytest.raises(Failed, match=r"fetch_unreachable.*git says"):
        fetch(on_github("b/lamp.glb", GLB, commit), QUICK)


def test_a_link_out_of_a_repository_is_not_followed(commit: str) -> None:
    with pytest.raises(Failed, match=r"fetch_refused.*a link out of the repository"):
        fetch(on_github("b/link.glb", b"secret", commit), QUICK)
