"""`partworks partverse` as its users type it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from partworks import layout
from partworks.artifacts.captions import Captions
from partworks.cli import main
from partworks.store import Store
from tests.partverse.made_root import make_root, sample_records

NAME = "mug"


@pytest.fixture
def root(tmp_path: Path) -> Store:
    store = Store(str(tmp_path / "root"))
    make_root(store, (NAME,))
    return store


def test_export_says_what_it_wrote(
    root: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (record,) = sample_records((NAME,))
    assert main(["partverse", "export", "--root", root.url, str(tmp_path / "a")]) == 0
    assert "1 objects" in capsys.readouterr().out
    arguments = ["partverse", "export", "--root", root.url, str(tmp_path / "b"), "--json"]
    assert main([*arguments, "--uid", record.uid, "nobody"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["objects"] == [record.uid] and set(told["left_out"]) == {"nobody"}


def test_a_wrong_call_is_told_so(
    root: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("x")
    calls = {
        "not empty": ["export", "--root", root.url, str(tmp_path / "full")],
        "must match": ["export", "--root", root.url, str(tmp_path / "c"), "--uid", "../x"],
        "no such folder": ["import", "--root", root.url, str(tmp_path / "nowhere")],
        "1 or more": ["import", "--root", root.url, str(tmp_path / "full"), "--limit", "0"],
    }
    for words, arguments in calls.items():
        assert main(["partverse", *arguments]) == 2
        assert words in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.usefixtures("ray_of_two")
def test_import_runs_the_stages_to_the_captions(root: Store, tmp_path: Path) -> None:
    (record,) = sample_records((NAME,))
    assert main(["partverse", "export", "--root", root.url, str(tmp_path / "pv")]) == 0
    again = Store(str(tmp_path / "again"))
    assert main(["partverse", "import", "--root", again.url, str(tmp_path / "pv")]) == 0
    assert again.read(layout.parts(record.uid)) == root.read(layout.parts(record.uid))
    first, second = (
        Captions.from_bytes(store.read(layout.captions(record.uid))) for store in (root, again)
    )
    assert [(c.name, c.short, c.long) for c in first.everything] == [
        (c.name, c.short, c.long) for c in second.everything
    ]
    assert main(["verify", "--root", again.url]) == 0
