"""The command line as its users type it, over the toy stages."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from partworks.cli import COMMANDS, main
from partworks.ledger import Ledger
from partworks.plan import StageCounts
from partworks.store import Store

pytestmark = pytest.mark.usefixtures("toys", "ray_of_two")


@pytest.fixture
def root(tmp_path: Path) -> str:
    return str(tmp_path / "root")


def run(root: str, *more: str, source: str = "toy:ok,fail,reject,ok") -> int:
    return main(["run", "--root", root, "--source", source, *more])


def status(root: str, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, dict[str, int]]:
    capsys.readouterr()
    assert main(["status", "--root", root, "--json", *more]) == 0
    loaded: dict[str, dict[str, int]] = json.loads(capsys.readouterr().out)
    return loaded


def test_run_says_by_its_exit_code_whether_objects_failed(root: str) -> None:
    assert run(root) == 1
    assert run(root + "-well", source="toy:ok,reject,ok") == 0


def test_status_counts_and_a_changed_setting_makes_stale(
    root: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(root)
    counts = status(root, capsys)
    assert counts["make"] == asdict(StageCounts(ok=2, failed=1, rejected=1))
    assert counts["use"] == asdict(StageCounts(ok=2))
    counts = status(root, capsys, "--use.suffix=?")
    assert (counts["make"]["stale"], counts["use"]["stale"]) == (0, 2)
    counts = status(root, capsys, "--make.size=5")
    assert (counts["make"]["stale"], counts["use"]["stale"]) == (4, 2)


def test_a_rerun_repeats_the_settings_of_the_root(root: str) -> None:
    run(root, "--make.size=7", "--run.seed=3")
    run(root)
    assert len(Store(root).read("made/0000-ok.bin")) == 7
    assert len(Ledger(Store(root)).rows("use")) == 2
    config = Path(root).parent / "config.yaml"
    config.write_text("make: {size: 9}\n")
    run(root, "--config", str(config))
    assert len(Store(root).read("made/0000-ok.bin")) == 9


def test_stages_and_limit(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, "--stages", "make", "--limit", "1") == 0
    counts = status(root, capsys)
    assert (counts["use"]["ok"], counts["use"]["pending"]) == (0, 1)
    assert counts["make"]["ok"] == 1
    assert counts["make"]["pending"] == 3
    assert main(["run", "--root", root, "--stages", "use"]) == 0, "no source needed after the first"
    assert status(root, capsys)["use"]["ok"] == 1


def test_failures_are_grouped_with_meaning_and_example(
    root: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(root, source="toy:fail,fail,raise,reject,ok")
    capsys.readouterr()
    assert main(["failures", "--root", root, "--json"]) == 0
    groups = json.loads(capsys.readouterr().out)
    assert [(group["reason"], group["count"]) for group in groups] == [
        ("flaky", 2),
        ("exception", 1),
        ("ugly", 1),
    ]
    assert groups[0]["meaning"] == "It was unlucky."
    assert "last words" in groups[1]["example_stderr"]
    assert main(["failures", "--root", root, "--stage", "use"]) == 0
    assert "nothing failed" in capsys.readouterr().out


def test_retry_takes_failed_objects_and_rejected_ones_by_name(root: str) -> None:
    run(root)
    ledger = Ledger(Store(root))
    assert main(["retry", "--root", root, "--stage", "make"]) == 1
    assert len(ledger.rows("make")) == 5
    assert main(["retry", "--root", root, "--stage", "make", "--reason", "ugly"]) == 1
    assert len(ledger.rows("make")) == 6
    assert main(["retry", "--root", root, "--stage", "use"]) == 0
    assert len(ledger.rows("use")) == 2


def test_verify_finds_every_kind_of_damage(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(root, source="toy:ok,ok,ok")
    assert main(["verify", "--root", root]) == 0
    store = Store(root)
    store.delete("made/0000-ok.bin")
    store.write("used/0001-ok.bin", b"bit rot")
    store.write("made/stray.bin", b"")
    store.write("all.bin", b"cut")
    capsys.readouterr()
    assert main(["verify", "--root", root, "--json"]) == 1
    breaches = json.loads(capsys.readouterr().out)
    assert sorted((breach["kind"], breach["path"]) for breach in breaches) == [
        ("checksum", "all.bin"),
        ("checksum", "used/0001-ok.bin"),
        ("missing", "made/0000-ok.bin"),
        ("orphan", "made/stray.bin"),
    ]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["status", "--root", "nowhere"], "no dataset root"),
        (["run", "--root", "ROOT"], "no source yet"),
        (
            ["run", "--root", "ROOT", "--source", "toy:ok", "--stages", "make,bake"],
            "bake is no stage",
        ),
        (["run", "--root", "ROOT", "--source", "toy:ok", "--limit", "0"], "1 or more"),
        (["run", "--root", "ROOT", "--source", "toy:ok", "--run.workers", "0"], "1 or more"),
        (["dance"], "no command 'dance'"),
    ],
)
def test_a_wrong_call_is_told_so(
    arguments: list[str], word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(tmp_path / "r") if word_ == "ROOT" else word_ for word_ in arguments]
    assert main(given) == 2
    assert word in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--root", "x", "--source", "toy:ok", "--make.colour", "red"],
        ["run", "--root", "x", "--source", "toy:ok", "--run.worker", "2"],  # shortened
        ["status"],
    ],
)
def test_an_unknown_setting_or_a_missing_flag_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as error:
        main(arguments)
    assert error.value.code == 2


def test_a_root_of_a_later_format_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dataset.json").write_text('{"format": 99}')
    assert main(["status", "--root", str(tmp_path)]) == 2
    assert "reads format 1" in capsys.readouterr().err


def test_help_names_every_command() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "partworks.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    for name in COMMANDS:
        assert f"  {name} " in shown.stdout
