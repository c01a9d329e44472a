"""`partworks annotate train`: from accepted reviews to what the server suggests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotate.blobs.store import BlobStore
from annotate.database.connection import Database
from annotate.exchange.retraining import LEAST_REVIEWS
from annotate.exchange.suggestion_model import PATH
from annotate.review.operations import Merge
from annotate.server.app import create_app
from annotate.server.settings import ServerSettings
from partworks.cli import main
from partworks.errors import UsageError
from partworks.store import Store
from tests.annotate.exchange.desk import Desk
from tests.annotate.reviewing import stamp
from tests.annotate.server.scene import Scene

LEGS = (1, 2, 3, 4)
TAKEN = 5


@pytest.fixture
def desk(tmp_path: Path, migrated_file: Path) -> Iterator[Desk]:
    """A root with one table more than are needed, none of them reviewed."""
    root = tmp_path / "root"
    (root / "review").mkdir(parents=True)
    (root / "review/review.db").write_bytes(migrated_file.read_bytes())
    database = Database(f"sqlite:///{root}/review/review.db")
    found = Desk(store=Store(str(root)), database=database, blobs=BlobStore(root / "review/blobs"))
    found.put(*[f"table{index:02}" for index in range(LEAST_REVIEWS + 1)])
    found.load()
    yield found
    database.close()


def review(desk: Desk, count: int) -> None:
    """Accept tables with their legs as one part; the first few took a suggestion for it."""
    for index in range(count):
        tool = "suggestion" if index < TAKEN else "click"
        desk.submit("ada", [Merge(**{**stamp(1), "tool": tool}, groups=LEGS)])


def train(desk: Desk, *more: str) -> int:
    return main(["annotate", "train", "--root", desk.store.url, *more])


def settings_of(desk: Desk) -> dict[str, Any]:
    root = desk.store.local_path
    return {"root": str(root), "blobs": root / "review/blobs"}


def first_suggestion(desk: Desk, name: str) -> dict[str, Any]:
    """What a server that starts now suggests first for the table that is left."""
    url = f"sqlite:///{desk.store.local_path}/review/review.db"
    scene = Scene(url, desk.store.local_path, **settings_of(desk))
    try:
        desk.now += 7 * 86_400  # whoever held the table has left
        scene.now = desk.now
        person = scene.person(name)
        task = person.claim()
        found = person.get(f"tasks/{task['id']}/warnings").json()["suggestions"]
        first: dict[str, Any] = found[0]
        return first
    finally:
        scene.close()


def test_a_server_suggests_by_what_the_verb_has_learnt(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    review(desk, LEAST_REVIEWS)
    before = first_suggestion(desk, "ann")
    assert train(desk, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["reviews"], told["examples"]) == (LEAST_REVIEWS, 11 * LEAST_REVIEWS)
    assert told["suggestions"] == {
        "merges": LEAST_REVIEWS,
        "taken": TAKEN,
        "kept": TAKEN,
        "share_of_merges": TAKEN / LEAST_REVIEWS,
        "accepted": 1.0,
    }
    assert json.loads(desk.store.read(told["file"]))["coefficients"] == told["coefficients"]
    after = first_suggestion(desk, "bob")
    assert after["groups"] == list(LEGS) and after["score"] > 0.95
    assert (before["groups"], before["score"]) != (after["groups"], after["score"])
    desk.store.delete(PATH)
    assert first_suggestion(desk, "eve") == before, "without the file all is as shipped"


def test_what_was_learnt_is_told_in_words(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    review(desk, LEAST_REVIEWS)
    assert train(desk) == 0
    told = capsys.readouterr().out
    assert f"{11 * LEAST_REVIEWS} pairs of groups in {LEAST_REVIEWS} accepted reviews" in told
    assert f"25% of {LEAST_REVIEWS} merges took one, {TAKEN} of {TAKEN} taken ones kept" in told


def test_too_few_reviews_are_a_wrong_call(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    review(desk, 2)
    assert train(desk) == 2
    told = capsys.readouterr().err
    assert "2 accepted reviews" in told and f"at least {LEAST_REVIEWS} are needed" in told
    assert train(desk, "--limit", "0") == 2 and "--limit is 0" in capsys.readouterr().err
    assert not desk.store.exists(PATH)


def test_a_server_does_not_start_with_a_damaged_model(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.store.write(PATH, b'{"coefficients": {"one"')
    url = f"sqlite:///{desk.store.local_path}/review/review.db"
    with pytest.raises(UsageError, match="cannot be used: it is no JSON"):
        create_app(ServerSettings(database=url, **settings_of(desk)))
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: pytest.fail("it serves"))
    assert main(["annotate", "serve", "--root", desk.store.url]) == 2
    told = capsys.readouterr().err
    assert PATH in told and "partworks annotate train" in told
