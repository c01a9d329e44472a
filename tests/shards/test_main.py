from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from shards.__main__ import main
from tests.shards.made_shards import make_sample, write_shards


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write_shards(tmp_path / "old", {f"o{n}": make_sample(f"o{n}") for n in range(4)})


@pytest.fixture
def new(tmp_path: Path) -> Path:
    samples = {f"o{n}": make_sample(f"o{n}", split="val" if n == 2 else "train") for n in (1, 2, 7)}
    return write_shards(tmp_path / "new", samples, settings={"preset": "trellis"})


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(word) for word in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_card_is_printed_as_it_is(old: Path, capsys: Any) -> None:
    assert run(capsys, "card", old) == (0, (old / "README.md").read_text(), "")


def test_the_card_as_json_is_its_statistics(old: Path, capsys: Any) -> None:
    code, out, _ = run(capsys, "card", old, "--json")
    assert code == 0
    assert json.loads(out) == json.loads((old / "statistics.json").read_bytes())


def test_a_dataset_root_is_an_address_too(old: Path, capsys: Any) -> None:
    old.rename(old.parent / "shards")
    assert run(capsys, "check", old.parent)[0] == 0


def test_diff_as_text(old: Path, new: Path, capsys: Any) -> None:
    code, out, err = run(capsys, "diff", old, new)
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    for line in (
        "added 1", "removed 2", "changed 1", "same 1", "o7 train 2 parts",
        "split 1 moved to another split", "o2 split split train -> val",
        'shards.preset "copart" "trellis"',
    ):  # fmt: skip
        assert line in lines


def test_diff_as_one_json_document(old: Path, new: Path, capsys: Any) -> None:
    _, out, _ = run(capsys, "diff", old, new, "--json")
    found = json.loads(out)
    assert found["counts"] == {"added": 1, "removed": 2, "changed": 1, "same": 1}
    assert found["reasons"] == {"split": 1}
    assert found["settings"] == {"preset": ["copart", "trellis"]}
    assert found["changed"][0]["moves"] == {"split": ["train", "val"]}
    assert [sample["key"] for sample in found["removed"]] == ["o0", "o3"]


def test_check_says_that_all_is_well(old: Path, capsys: Any) -> None:
    assert run(capsys, "check", old) == (0, "4 samples, 0 flaws\n", "")


def test_check_names_flaws_and_exits_with_1(old: Path, capsys: Any) -> None:
    path = old / "train-000000.tar"
    data = path.read_bytes()
    path.write_bytes(data[:600] + b"~" + data[601:])
    code, out, _ = run(capsys, "check", old)
    assert code == 1
    assert out.startswith("train-000000.tar o0 json: its CRC-32 is")
    code, out, _ = run(capsys, "check", old, "--json")
    assert code == 1
    assert json.loads(out)["flaws"][0]["sample"] == "o0"


def test_a_damaged_json_exits_with_1(old: Path, new: Path, capsys: Any) -> None:
    for path in new.glob("*.tar"):
        path.write_bytes(bytes(path.stat().st_size))
    code, out, err = run(capsys, "diff", old, new)
    assert (code, out) == (1, "")
    assert "o2" in err


def test_wrong_calls_exit_with_2(old: Path, tmp_path: Path, capsys: Any) -> None:
    for arguments in (
        (),
        ("bad",),
        ("diff", old),
        ("check", old, "--jso"),
        ("card", tmp_path / "x"),
    ):
        code, out, err = run(capsys, *arguments)
        assert (code, out) == (2, "")
        assert err
    table = pq.read_table(old / "index.parquet")
    pq.write_table(table.drop_columns(["crc32", "sha256"]), old / "index.parquet")
    assert run(capsys, "check", old)[0] == 2
    assert run(capsys, "diff", old, old)[0] == 2


def test_a_damaged_index_exits_with_1(old: Path, capsys: Any) -> None:
    (old / "index.parquet").write_bytes(b"PAR1 no table PAR1")
    code, _, err = run(capsys, "check", old)
    assert code == 1
    assert "index.parquet" in err


def test_help_exits_with_0(capsys: Any) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert all(verb in out for verb in ("card", "diff", "check"))


def test_words_of_strangers_do_not_drive_the_terminal(old: Path, capsys: Any) -> None:
    table = pq.read_table(old / "index.parquet").to_pylist()
    for row in table:
        row["key"] = row["key"].replace("o1", "\x1b[2J\nfake")
    import pyarrow as pa

    pq.write_table(pa.Table.from_pylist(table), old / "index.parquet")
    (old / "croissant.json").unlink()
    (old / "train-000000.tar").write_bytes(b"")
    out = run(capsys, "check", old)[1]
    assert "\x1b" not in out
    assert not any(line.startswith("fake") for line in out.splitlines())


def test_it_can_be_called_as_a_module(old: Path) -> None:
    command = [sys.executable, "-m", "shards", "check", str(old)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "4 samples, 0 flaws\n", "")
