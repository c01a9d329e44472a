"""The verbs as their users type them, on a root of generated samples."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotate.blobs.store import BlobStore
from annotate.database.connection import Database
from annotate.stage import Annotate
from partworks import cluster, dataset, layout
from partworks.artifacts.parts import Parts
from partworks.cli import main
from partworks.commands import annotate as command
from partworks.ledger import Ledger
from partworks.store import Store
from partworks.verification import verify
from tests.annotate.exchange.desk import Desk

SERVE = (sys.executable, "-m", "partworks.cli", "annotate", "serve")


@pytest.fixture(scope="module")
def session() -> Iterator[None]:
    with cluster.session(None, workers=2):
        yield


def run(root: Path, *more: str) -> int:
    options = ["--stages", "ingest,segment,annotate", "--limit", "2", "--annotate.mode", "review"]
    return main(["run", "--root", str(root), "--source", "samples", *options, *more])


def annotate(root: Path, verb: str, *more: str) -> int:
    """A verb, with its positional arguments before the root."""
    return main(["annotate", verb, *more, "--root", str(root)])


def answer(capsys: pytest.CaptureFixture[str], root: Path, verb: str, *more: str) -> object:
    capsys.readouterr()
    assert annotate(root, verb, *more, "--json") == 0
    return json.loads(capsys.readouterr().out)


def counts(capsys: pytest.CaptureFixture[str], root: Path) -> dict[str, int]:
    capsys.readouterr()
    assert main(["status", "--root", str(root), "--json"]) == 0
    row: dict[str, int] = json.loads(capsys.readouterr().out)["annotate"]
    return {key: value for key, value in row.items() if value}


@pytest.mark.slow  # in short: tests/test_outside.py, test_stage.py and exchange/
@pytest.mark.usefixtures("session")
def test_from_segments_through_reviewers_to_parts_and_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "root"
    assert run(root) == 0
    assert counts(capsys, root) == {"waiting": 2}
    imported = answer(capsys, root, "import")
    assert isinstance(imported, dict) and len(imported["added"]) == 2
    assert annotate(root, "users", "add", "ada", "--role", "lead", "--no-password") == 0
    assert answer(capsys, root, "users", "list") == [{"name": "ada", "role": "lead"}]

    store = Store(str(root))
    database = Database(f"sqlite:///{root}/review/review.db")
    desk = Desk(store=store, database=database, blobs=BlobStore(root / "review/blobs"))
    accepted = desk.submit("bob")
    rejected = desk.submit("bob", verdict="reject", reason="duplicate")
    exported = answer(capsys, root, "export")
    assert isinstance(exported, dict) and set(exported["written"]) == {accepted, rejected}
    assert run(root) == 0
    assert counts(capsys, root) == {"ok": 1, "rejected": 1}
    parts = Parts.from_bytes(store.read(layout.parts(accepted)))
    assert parts.source == "bob" and parts.count >= 2
    rows = {row.uid: row for row in Ledger(store).attempts("annotate")}
    assert rows[rejected].reason == "duplicate" and rows[rejected].message == "bob"
    assert list(verify(store, dataset.require(store))) == []

    desk.reopen(accepted)
    assert annotate(root, "export") == 0
    assert counts(capsys, root) == {"rejected": 1, "stale": 1, "waiting": 1}
    desk.submit("bob", verdict="reject", reason="scan")
    assert annotate(root, "export") == 0
    assert run(root) == 0
    assert counts(capsys, root) == {"rejected": 2}
    assert not store.exists(layout.parts(accepted)), "what was decided before is gone"
    stats = answer(capsys, root, "stats")
    assert isinstance(stats, dict) and stats["progress"][0]["queue"] == "default"
    assert annotate(root, "stats") == 0 and "progress" in capsys.readouterr().out
    assert annotate(root, "stats", "--csv", "reasons") == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("default,duplicate")
    database.close()


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A root with nothing in it."""
    dataset.save(Store(str(tmp_path)), dataset.Dataset())
    return tmp_path


def test_accounts_are_made_and_taken_away(
    bare: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse\n"))
    assert annotate(bare, "users", "add", "ada", "--role", "admin", "--password-stdin") == 0
    assert annotate(bare, "users", "add", "ada", "--no-password") == 2
    assert "already" in capsys.readouterr().err
    assert annotate(bare, "users", "token", "ada", "--days", "1") == 0
    assert capsys.readouterr().out.startswith("pw_")
    assert annotate(bare, "users", "add", "bob", "--no-password") == 0
    assert annotate(bare, "users", "remove", "bob") == 0
    assert annotate(bare, "users", "remove", "ada") == 2, "the last admin"
    assert annotate(bare, "users", "remove", "eve") == 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("users add ada", "nobody is there to be asked"),
        ("users list ada", "takes no name"),
        ("users remove", "takes a name"),
        ("users token ada --days 0", "--days"),
        ("import --double-share 2", "--double-share"),
        ("import --limit -1", "--limit"),
        ("import --uid ../x", "uid"),
        ("import --parts x.glb", "--user"),
        ("import --parts x.glb --uid a --user b", "No such file"),
        ("export --parts x.glb", "--uid"),
        ("export --parts x.glb --uid a", "no task of a"),
        ("stats --csv moods", "there are progress"),
        ("serve --host 0.0.0.0", "partworks annotate users add"),
        ("serve --gold-share 7", "--gold-share"),
        ("stats --database mysql://x/y", "no database for reviews"),
    ],
)
def test_wrong_calls_say_what_is_wrong(
    bare: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    words: str,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert annotate(bare, *call.split()) == 2
    assert words in capsys.readouterr().err


def test_a_root_elsewhere_needs_places_for_the_review(
    bare: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset.save(Store("memory://elsewhere"), dataset.Dataset())
    call = ["annotate", "stats", "--root", "memory://elsewhere"]
    assert main(call) == 2
    assert "--database and --blobs" in capsys.readouterr().err
    database = f"sqlite:///{bare}/review.db"
    assert main([*call, "--database", database, "--blobs", str(bare)]) == 0


def test_help_of_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["annotate", "--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    for verb in command.VERBS:
        assert f"  {verb} " in shown
        with pytest.raises(SystemExit) as caught:
            main(["annotate", verb, "--help"])
        assert caught.value.code == 0 and "--root" in capsys.readouterr().out


def test_a_server_comes_up_and_tells_where(bare: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [*SERVE, "--root", str(bare), "--port", str(port)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        greeting = process.stderr.readline()
        assert f"http://127.0.0.1:{port}/?token=" in greeting
        deadline = time.monotonic() + 30
        while True:
            try:
                address = f"http://127.0.0.1:{port}/api/v1/session"
                with urllib.request.urlopen(address, timeout=5) as response:
                    assert json.loads(response.read()) == {"user": None}
                break
            except OSError:
                assert time.monotonic() < deadline and process.poll() is None
                time.sleep(0.1)
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_every_reason_of_a_reviewer_is_one_of_the_stage() -> None:
    from annotate.reject_reasons import REASONS

    assert {reason.code for reason in REASONS} <= set(Annotate.reasons)
    assert [reason.key for reason in REASONS] == list("123456789")
