from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.fetch.config import FetchConfig
from ingest.sources import fetch, open_source, states_licences
from partworks.errors import Failed, Rejected, UsageError
from partworks.records import SourceRecord
from tests.ingest.mirror import Mirror, serving

DATA = b"glTF" + bytes(20)
SUM = hashlib.sha256(DATA).hexdigest()
ROWS: list[dict[str, Any]] = [
    {"uid": "a1", "url": "https://x.example/m.GLB?v=2", "path": None, "sha256": SUM.upper(),
     "size": 24, "licence": "by-sa", "creator": "Jo", "tags": "b; a", "note": "mine"},
    {"uid": None, "url": None, "path": "deep/model.obj", "sha256": None,
     "size": None, "licence": None, "creator": None, "tags": None, "note": None},
]  # fmt: skip


def write(folder: Path, kind: str, rows: list[dict[str, Any]]) -> Path:
    path = folder / f"list.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    lines = [list(rows[0])] + [["" if v is None else str(v) for v in row.values()] for row in rows]
    quoted = (",".join(json.dumps(cell) for cell in line) for line in lines)
    path.write_text("\n".join(quoted) + "\n", encoding="utf-8-sig")
    return path


def listed(path: Path) -> list[SourceRecord]:
    return list(open_source(f"manifest:{path}").records())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "model.obj").write_text("mtllib m.mtl\nv 0 0 0\n")
    (tmp_path / "deep" / "m.mtl").write_text("newmtl a\nmap_Kd a.png\n")
    (tmp_path / "deep" / "a.png").write_bytes(b"png")
    (tmp_path / "m.glb").write_bytes(DATA)
    return tmp_path


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_rows_become_records(folder: Path, kind: str) -> None:
    first, second = listed(write(folder, kind, ROWS))
    assert (first.uid, first.ext, first.sha256, first.size) == ("a1", "glb", SUM, 24)
    assert (first.licence, first.creator, first.tags) == ("CC-BY-SA-4.0", "Jo", ("a", "b"))
    assert (first.location, first.name) == ("https://x.example/m.GLB?v=2", "m")
    assert (second.ext, second.licence, second.name) == ("zip", "unknown", "model")
    assert second.uid == hashlib.sha256(b"manifest\0deep/model.obj").hexdigest()[:32]
    assert states_licences(first), "the manifest has a column of licences"


def test_a_manifest_without_licences_states_none(folder: Path) -> None:
    (record,) = listed(write(folder, "csv", [{"path": "m.glb"}]))
    assert not states_licences(record)


def test_a_model_comes_with_its_side_files(folder: Path) -> None:
    (record,) = listed(write(folder, "csv", [{"path": "deep/model.obj"}]))
    with zipfile.ZipFile(io.BytesIO(fetch(record))) as archive:
        assert archive.namelist() == ["a.png", "m.mtl", "model.obj"]


@pytest.mark.parametrize("wrong", [{"sha256": "0" * 64}, {"size": 23}])
def test_a_file_must_be_the_one_listed(folder: Path, wrong: dict[str, Any]) -> None:
    (record,) = listed(write(folder, "csv", [{"path": "m.glb", "sha256": SUM, "size": 24}]))
    assert fetch(record) == DATA
    (record,) = listed(write(folder, "csv", [{"path": "m.glb", **wrong}]))
    with pytest.raises(Failed, match="fetch_wrong_hash"):
        fetch(record)


def test_files_that_went_or_grew(folder: Path, tmp_path: Path) -> None:
    (record,) = listed(write(folder, "csv", [{"path": "m.glb"}]))
    with pytest.raises(Rejected, match="fetch_too_large"):
        fetch(record, most=23)
    (folder / "m.glb").unlink()
    with pytest.raises(Failed, match="fetch_failed"):
        fetch(record)
    (folder / "m.glb").symlink_to("/etc/hostname")
    with pytest.raises(Failed, match="leads out"):
        fetch(record)


def test_an_address_is_fetched_and_checked(folder: Path) -> None:
    with serving(Mirror(files={"/m.glb": DATA})) as mirror:
        row = {"url": f"{mirror.url}/m.glb", "sha256": SUM}
        (record,) = listed(write(folder, "csv", [row]))
        assert record.uid == SUM[:32]
        assert fetch(record) == DATA
        (record,) = listed(write(folder, "csv", [{**row, "size": 25}]))
        with pytest.raises(Failed, match="fetch_truncated"):
            fetch(record, FetchConfig(attempts=1))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"uid": "a b", "url": "http://h/a.glb"}, "row 2, column uid: 'a b' found, expected 1 to"),
        ({"uid": "x", "url": "http://h/a.glb"}, "row 2, column uid: 'x' is that of row 1 too"),
        ({"uid": "y", "url": "file:///a.glb"}, "row 2, column url: 'file:///a.glb' found"),
        ({"uid": "y", "url": ""}, "row 2, column path: expected either"),
        ({"uid": "y", "url": "http://h/a.glb", "path": "b.glb"}, "row 2, column url: expected eit"),
        ({"uid": "y", "path": "../b.glb"}, "row 2, column path: .* stays in the manifest"),
        ({"uid": "y", "path": "/etc/passwd"}, "row 2, column path: .* stays in the manifest"),
        ({"uid": "y", "path": "out/x.glb"}, "row 2, column path: .* stays in the manifest"),
        ({"uid": "y", "url": "http://h/a.glb", "sha256": "12"}, "row 2, column sha256: '12'"),
        ({"uid": "y", "url": "http://h/a.glb", "size": "big"}, "row 2, column size: 'big'"),
        ({"uid": "y", "url": "http://h/a"}, "row 2, column ext: '' found, expected such as glb"),
        ({"uid": "y", "url": "http://h/a.glb", "link": "javascript:x"}, "row 2, column link"),
    ],
)
def test_a_row_that_makes_no_sense_is_named(
    folder: Path, kind: str, row: dict[str, str], message: str
) -> None:
    (folder / "out").symlink_to("/")
    columns = ("uid", "url", "path", "sha256", "size", "link")
    first = {"uid": "x", "url": "http://h/x.glb"}
    rows = [{column: given.get(column, "") for column in columns} for given in (first, row)]
    path = write(folder, kind, rows)
    with pytest.raises(UsageError, match=f"list.{kind}, {message}"):
        listed(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has the columns none; expected url or path"),
        ("uid,file\na,b\n", "has the columns uid, file; expected url or path"),
        ("url,sha_256\n", "column 'sha_256': did you mean 'sha256'"),
        ("url,license,licence\n", "licence is there twice"),
        ("url,uid\nhttp://h/a.glb\n", "row 1: 1 cells, the head has 2"),
        (b"url\n\xff\n", "cannot be read"),
    ],
)
def test_a_table_that_makes_no_sense(tmp_path: Path, text: str | bytes, message: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError, match=message):
        listed(path)


@pytest.mark.parametrize("name", ["", "none.csv", "x.txt"])
def test_there_must_be_a_table(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.txt").write_text("url\n")
    with pytest.raises(UsageError, match="is no file; expected manifest:FILE"):
        open_source(f"manifest:{tmp_path / name if name else ''}")


def test_a_broken_parquet_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(UsageError, match=r"list.parquet cannot be read"):
        listed(path)
