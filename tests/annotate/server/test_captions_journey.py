"""From generated captions through a reviewer's edit to captions made anew, in which it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from caption.config import CaptionConfig
from caption.stage import Caption
from partworks import cluster, layout
from partworks.artifacts.captions import Captions
from partworks.cli import main
from partworks.ledger import Ledger
from partworks.records import Item
from partworks.store import Store
from tests.annotate.server.scene import Person, Scene
from tests.caption.test_stage import prepared


@pytest.fixture
def served(migrated_file: Path, tmp_path: Path) -> Iterator[Scene]:
    """A server of `tmp_path / "root"`."""
    path = tmp_path / "review.db"
    path.write_bytes(migrated_file.read_bytes())
    found = Scene(f"sqlite:///{path}", tmp_path, root=str(tmp_path / "root"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def workers() -> Iterator[None]:
    with cluster.session(None, workers=2):
        yield


def change(person: Person, uid: str, verb: str, **body: Any) -> dict[str, Any]:
    version = person.get(f"captions/{uid}").json()["version"]
    answer = person.post(f"captions/{uid}/{verb}", {"version": version, **body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def caption_stage(store: Store, uid: str, config: CaptionConfig) -> Captions:
    """What a run of the stage does for one object, with what enters from outside."""
    stage = Caption(config, store=store)
    stage.open()
    outside = Caption.outside({}, store=store)
    assert outside is not None
    outcome = stage.process(Item(uid=uid, outside=outside[uid]))
    store.write_all(outcome.files.items())
    return Captions.from_bytes(store.read(layout.captions(uid)))


def test_an_edit_stands_in_what_the_stage_writes_anew(served: Scene, tmp_path: Path) -> None:
    store = prepared(tmp_path / "root").store
    made = caption_stage(store, "toy", CaptionConfig())
    ann = served.person("ann")
    change(ann, "toy", "edit", target="1", field="short", text="A globe on a plinth.")
    change(ann, "toy", "edit", target="whole", field="name", text="trophy")
    for config in (CaptionConfig(), CaptionConfig(max_words=8, samples=50)):
        found = caption_stage(store, "toy", config)
        assert (found.parts[1].short, found.parts[1].source) == ("A globe on a plinth.", "reviewer")
        assert found.whole.name == "trophy" and found.parts[0].source == "template"
        shown = ann.get("captions/toy").json()["captions"]
        assert [one["texts"]["short"] for one in shown] == [
            one.short for one in found.everything
        ], "the page shows what the stage writes"
        assert shown[2]["edits"]["short"]["by"] == "ann"
    change(ann, "toy", "withdraw", target="1", field="short")
    after = change(ann, "toy", "withdraw", target="whole", field="name")
    assert [one["was_edited"] for one in after["captions"]] == [True, False, True]
    assert caption_stage(store, "toy", CaptionConfig()) == made


@pytest.mark.slow  # in short: the test above
@pytest.mark.usefixtures("workers")
def test_an_edit_survives_runs_of_the_pipeline(served: Scene, tmp_path: Path) -> None:
    root = tmp_path / "root"
    store = Store(str(root))

    def run(*more: str) -> None:
        stages = "ingest,segment,annotate,render,caption"
        options = ["--limit", "1", "--stages", stages, "--render.size", "96", *more]
        assert main(["run", "--root", str(root), "--source", "samples", *options]) == 0

    run()
    (attempt,) = Ledger(store).attempts("caption")
    uid = attempt.uid
    ann = served.person("ann")
    change(ann, uid, "edit", target="0", field="long", text="Made by hand.")
    for more in ((), ("--caption.max_words", "12")):
        run(*more)
        found = Captions.from_bytes(store.read(layout.captions(uid)))
        assert (found.parts[0].long, found.parts[0].source) == ("Made by hand.", "reviewer")
        assert ann.get("captions", params={"show": "edited"}).json()["total"] == 1
    assert len(Ledger(store).rows("caption")) == 3
    fewer = ("--annotate.min_parts", "2", "--annotate.max_parts", "2")
    run(*fewer, "--stages", "ingest,segment,annotate")
    assert "run the pipeline" in ann.get(f"captions/{uid}").json()["closed"]
    run(*fewer)
    shown = ann.get(f"captions/{uid}").json()
    assert (shown["closed"], shown["stale"], len(shown["captions"])) == ("", 1, 3)
    assert all(one["texts"]["long"] != "Made by hand." for one in shown["captions"])
