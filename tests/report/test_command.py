"""`partworks report` as its users type it."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from partworks import dataset
from partworks.cli import main
from partworks.store import Store
from partworks.verification import verify
from tests.report.made import MadeRoot, build_root, make_mesh
from tests.report.reading import Page


def test_it_prints_where_the_page_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = build_root(str(tmp_path / "root"))
    before = list(verify(store, dataset.require(store)))
    assert main(["report", "--root", str(tmp_path / "root")]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == tmp_path / "root" / "report" / "index.html"
    assert Page(path.read_text("utf-8")).all("article")
    assert list(verify(store, dataset.require(store))) == before


def test_output_and_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build_root(str(tmp_path / "root"))
    output = tmp_path / "new" / "page.html"
    call = ["report", "--root", str(tmp_path / "root"), "--output", str(output), "--limit", "3"]
    assert main(call) == 0
    assert capsys.readouterr().out == f"{output}\n"
    page = Page(output.read_text("utf-8"))
    assert "3 of 10 objects are shown" in page.text
    assert not (tmp_path / "root" / "report").exists()


def test_a_root_that_is_no_folder() -> None:
    url = "memory://report-test/root"
    root = MadeRoot(store=Store(url))
    root.add_ingested("one", make_mesh("in memory"))
    root.close()
    assert main(["report", "--root", url]) == 0
    page = fsspec.filesystem("memory").cat_file("/report-test/root/report/index.html")
    assert "in memory" in Page(page.decode()).texts


def test_calls_that_are_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--root", str(tmp_path / "nothing")]) == 2
    assert "is no dataset root" in capsys.readouterr().err
    build_root(str(tmp_path / "root"))
    assert main(["report", "--root", str(tmp_path / "root"), "--limit", "-1"]) == 2
    assert "--limit is -1; it must be 0 or more" in capsys.readouterr().err
    assert main(["report", "--root", str(tmp_path / "root"), "--output", str(tmp_path)]) == 2
    assert "Is a directory" in capsys.readouterr().err
