"""Captions over HTTP: shown, edited, withdrawn; and what must not be done to them."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from annotate.server.settings import Limits
from partworks import layout
from partworks.artifacts.caption_edits import CaptionEdits
from partworks.ledger import Ledger
from partworks.records import Attempt
from partworks.store import Store
from tests.annotate.captions.scene import LAMP, parts_of, put, settled
from tests.annotate.server.scene import Person, Scene

SCRIPT = '<script>alert("x")</script>'


@pytest.fixture
def scene(migrated_file: Path, tmp_path: Path) -> Iterator[Scene]:
    """A server with a root of two captioned objects; its database lies elsewhere."""
    path = tmp_path / "review.db"
    path.write_bytes(migrated_file.read_bytes())
    root = Store(str(tmp_path / "root"))
    put(root, "lamp")
    put(root, "chair", captions=settled("chair"), shown=False)
    found = Scene(f"sqlite:///{path}", tmp_path, root=root.url)
    yield found
    found.close()


@pytest.fixture
def root(scene: Scene) -> Store:
    assert scene.settings.root is not None
    return Store(scene.settings.root)


@pytest.fixture
def ann(scene: Scene) -> Person:
    return scene.person("ann")


def shown(person: Person, uid: str = "lamp") -> dict[str, Any]:
    answer = person.get(f"captions/{uid}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def body(person: Person, target: str = "0", field: str = "color", **more: Any) -> dict[str, Any]:
    """A change upon what is there now."""
    return {"version": shown(person)["version"], "target": target, "field": field, **more}


def edit(person: Person, text: str, target: str = "0", field: str = "color") -> dict[str, Any]:
    answer = person.post("captions/lamp/edit", body(person, target, field, text=text))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def stored(root: Store) -> CaptionEdits:
    return CaptionEdits.from_bytes(root.read(layout.caption_edits("lamp")))


def test_the_list_by_page_filter_and_word(ann: Person) -> None:
    everything = ann.get("captions").json()
    rows = [(row["uid"], row["flagged"]) for row in everything["objects"]]
    assert rows == [("lamp", 1), ("chair", 0)]
    assert everything["total"] == 2 and everything["after"] is None
    first = ann.get("captions", params={"limit": 1}).json()
    rest = ann.get("captions", params={"limit": 1, "after": first["after"]}).json()
    assert [first["objects"][0]["uid"], rest["objects"][0]["uid"]] == ["lamp", "chair"]
    assert ann.get("captions", params={"show": "flagged"}).json()["total"] == 1
    assert ann.get("captions", params={"contains": "CHA"}).json()["objects"][0]["uid"] == "chair"
    edit(ann, "pink")
    edited = ann.get("captions", params={"show": "edited"}).json()["objects"]
    assert [(row["uid"], row["flagged"], row["edited"]) for row in edited] == [("lamp", 0, 1)]
    for query in ({"show": "none"}, {"limit": 0}, {"after": "x"}, {"contains": "x" * 201}):
        assert ann.get("captions", params=query).status_code == 422, query


def test_an_object_with_texts_flags_and_pictures(ann: Person) -> None:
    found = shown(ann)
    whole, shade, foot = found["captions"]
    assert [one["target"] for one in found["captions"]] == ["whole", "0", "1"]
    assert whole["texts"]["short"] == "A lamp." and whole["title"] == "" and not whole["doubtful"]
    assert (shade["title"], shade["flags"]) == ("shade", ["color_disagrees:red"])
    assert shade["doubtful"] and not foot["doubtful"] and foot["flags"] == ["never_visible"]
    assert shade["place"]["box"] == [3, 2, 7, 5] and foot["place"] is None is foot["alone"]
    assert found["pictures"] == [shade["place"]["picture"]]
    assert (shade["alone"]["width"], shade["alone"]["height"]) == (8, 6)
    assert found["closed"] == "" and found["geometry_hash"] == "ab" * 32
    for picture in (found["pictures"][0], shade["alone"]):
        answer = ann.client.get("/" + picture["url"])
        assert answer.status_code == 200 and answer.content.startswith(b"\x89PNG")
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["x-content-type-options"] == "nosniff"
        again = ann.client.get(
            "/" + picture["url"], headers={"If-None-Match": answer.headers["etag"]}
        )
        assert again.status_code == 304 and again.content == b""


def test_an_edit_is_kept_attributed_and_withdrawn(scene: Scene, ann: Person, root: Store) -> None:
    bob = scene.person("bob")
    before = shown(ann)
    after = edit(ann, "pink")
    shade = after["captions"][1]
    assert (shade["texts"]["color"], shade["source"], shade["flags"]) == ("pink", "reviewer", [])
    moment = "1970-01-12T13:46:40+00:00"
    assert shade["edits"] == {"color": {"by": "ann", "at": moment, "before": "red"}}
    assert after["version"] != before["version"] and after == shown(bob)
    edit(bob, "A lamp of glass.", "whole", "short")
    edits = stored(root)
    assert edits.texts == {"0": {"color": "pink"}, "whole": {"short": "A lamp of glass."}}
    assert (edits.by, edits.authors["0"]["color"].by) == ("bob", "ann")
    answer = bob.post("captions/lamp/withdraw", body(bob))
    assert answer.json()["captions"][1]["texts"]["color"] == "red"
    assert answer.json()["captions"][1]["flags"] == ["color_disagrees:red"]
    ann.post("captions/lamp/withdraw", body(ann, "whole", "short"))
    assert not root.exists(layout.caption_edits("lamp")) and shown(ann) == before
    told = [(event.action, event.detail["before"]) for event in scene.events("caption.")]
    assert told == [
        ("caption.edit", "red"),
        ("caption.edit", "A lamp."),
        ("caption.withdraw", "pink"),
        ("caption.withdraw", "A lamp of glass."),
    ]
    assert scene.events("caption.edit")[0].detail["text"] == "pink"


def test_what_a_run_took_and_was_withdrawn_is_said_to_be(ann: Person, root: Store) -> None:
    edit(ann, "pink")
    taken = replace(LAMP.parts[0], color="pink", source="reviewer", flags=())
    root.write(layout.captions("lamp"), replace(LAMP, parts=(taken, LAMP.parts[1])).to_bytes())
    assert not shown(ann)["captions"][1]["was_edited"]
    answer = ann.post("captions/lamp/withdraw", body(ann)).json()
    assert answer["captions"][1]["was_edited"] and not answer["captions"][2]["was_edited"]


def test_a_stale_change_is_a_conflict_and_nothing_is_lost(
    scene: Scene, ann: Person, root: Store
) -> None:
    bob = scene.person("bob")
    early = body(ann, text="crimson")
    edit(bob, "pink")
    answer = ann.post("captions/lamp/edit", early)
    assert answer.status_code == 409 and answer.json()["code"] == "conflict"
    assert answer.json()["object"] == shown(ann)
    assert stored(root).texts == {"0": {"color": "pink"}}
    for change in (
        lambda: root.write(layout.captions("lamp"), replace(LAMP, model="eyes-2").to_bytes()),
        lambda: root.write(layout.parts("lamp"), parts_of([0, 1, 1], "a", "b").to_bytes()),
    ):
        early = body(ann, text="crimson")
        change()
        assert ann.post("captions/lamp/edit", early).json()["code"] == "conflict"
        assert ann.post("captions/lamp/withdraw", _without_text(early)).status_code == 409
    assert stored(root).texts == {"0": {"color": "pink"}}


def _without_text(posted: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in posted.items() if key != "text"}


def test_of_many_at_once_one_wins_and_the_others_are_told(scene: Scene, root: Store) -> None:
    people = [scene.person(f"p{number}") for number in range(6)]
    posted = body(people[0])
    answers = list[Any]()

    def change(person: Person) -> None:
        answers.append(person.post("captions/lamp/edit", {**posted, "text": person.name}))

    threads = [threading.Thread(target=change, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
    (winner,) = [answer for answer in answers if answer.status_code == 200]
    assert winner.json()["captions"][1]["texts"]["color"] == stored(root).of_part(0)["color"]
    assert len(scene.events("caption.edit")) == 1


def test_edits_of_earlier_parts_go_with_the_next_and_stay_in_the_trail(
    scene: Scene, ann: Person, root: Store
) -> None:
    edit(ann, "pink")
    root.write(layout.parts("lamp"), parts_of([0, 1, 1], "a", "b").to_bytes())
    assert shown(ann)["stale"] == 1 and shown(ann)["captions"][1]["edits"] == {}
    assert edit(ann, "A thing.", "1", "short")["stale"] == 0
    assert stored(root).texts == {"1": {"short": "A thing."}}
    assert scene.events("caption.edit")[-1].detail["dropped"] == {"0": {"color": "pink"}}


def test_captions_older_than_the_parts_take_no_edits(ann: Person, root: Store) -> None:
    for stage, finished in (("caption", 1.0), ("annotate", 2.0)):
        with Ledger(root).writer(stage) as writer:
            writer.append(
                Attempt(uid="lamp", stage=stage, status="ok", fingerprint="", finished_at=finished)
            )
    assert "run the pipeline" in shown(ann)["closed"]
    answer = ann.post("captions/lamp/edit", body(ann, text="pink"))
    assert answer.status_code == 409 and answer.json()["code"] == "closed"
    root.write(layout.parts("chair"), parts_of([0, 0, 0], "one").to_bytes())
    assert shown(ann, "chair")["closed"]
    assert not root.exists(layout.caption_edits("lamp"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": " ".join(["word"] * 16), "field": "short"}, "at most 15 words"),
        ({"text": "x" * 4001, "field": "long"}, "4000"),
        ({"text": "a\nb"}, "line breaks"),
        ({"text": "\u202ekcalb"}, "control"),
        ({"text": " pink"}, "spaces"),
        ({"text": "", "field": "name"}, "name is needed"),
        ({"text": None}, "string"),
        ({"text": "x", "field": "source"}, "'name'"),
        ({"text": "x", "field": "flags"}, "'name'"),
        ({"text": "x", "target": "2"}, "0 to 1"),
        ({"text": "x", "target": "../0"}, "pattern"),
        ({"text": "x", "target": 0}, "string"),
        ({"text": "x", "version": "0"}, "pattern"),
        ({"text": "x", "by": "eve"}, "Extra"),
    ],
)
def test_what_is_no_caption_is_refused(
    ann: Person, root: Store, changes: dict[str, Any], words: str
) -> None:
    answer = ann.post("captions/lamp/edit", {**body(ann, text=""), **changes})
    assert answer.status_code == 422 and answer.json()["code"] == "invalid"
    assert words in answer.text
    assert not root.exists(layout.caption_edits("lamp"))


def test_half_a_surrogate_pair_is_refused(ann: Person, root: Store) -> None:
    posted = str(body(ann, text="MARK")).replace("'", '"').replace("MARK", "\\ud800")
    answer = ann.client.post(
        "/api/v1/captions/lamp/edit",
        content=posted.encode(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422 and not root.exists(layout.caption_edits("lamp"))


def test_a_script_stays_text(ann: Person, root: Store) -> None:
    answer = ann.post("captions/lamp/edit", body(ann, "whole", "name", text=SCRIPT))
    assert answer.json()["captions"][0]["texts"]["name"] == SCRIPT
    assert answer.headers["content-type"] == "application/json"
    assert stored(root).of_whole["name"] == SCRIPT
    assert ann.get("captions", params={"contains": "<script>"}).json()["objects"][0]["name"]


@pytest.mark.parametrize(
    "uid", ["..", "%2e%2e", "..%2flamp", "..%5clamp", "lamp.json", "lamp%00", "x" * 65, "ля", "a b"]
)
@pytest.mark.parametrize("verb", ["", "/pictures/object-1", "/edit", "/withdraw"])
def test_no_address_leads_out(scene: Scene, ann: Person, uid: str, verb: str) -> None:
    (scene.settings.blobs.parent / "lamp.json").write_text("secret")
    path = f"/api/v1/captions/{uid}{verb}"
    posted = body(ann, **({"text": "x"} if verb == "/edit" else {}))
    answer = (
        ann.client.post(path, json=posted)
        if verb in ("/edit", "/withdraw")
        else ann.client.get(path)
    )
    assert answer.status_code in (404, 405), answer.text
    assert "secret" not in answer.text
    if uid not in ("..", "%2e%2e"):  # the client itself goes up for these
        assert scene.events("refused.bad_path"), answer.text


def test_pictures_have_names_and_no_paths(ann: Person) -> None:
    for name in (
        "object-0",
        "part-1",
        "overlap.json",
        "object",
        "..%2fobject-1",
        "object%2f001.png",
    ):
        assert ann.get(f"captions/lamp/pictures/{name}").status_code == 404, name
    assert ann.get("captions/nobody/pictures/object-1").json()["code"] == "not_found"
    assert ann.get("captions/nobody").json()["code"] == "not_found"


def test_changes_need_our_own_page_a_login_and_patience(
    scene: Scene, ann: Person, root: Store
) -> None:
    posted = body(ann, text="pink")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = ann.post("captions/lamp/edit", posted, headers=headers)
        assert answer.json()["code"] == "cross_site"
    form = ann.client.post(
        "/api/v1/captions/lamp/edit", content=b"{}", headers={"Content-Type": "text/plain"}
    )
    assert form.status_code == 422
    stranger = scene.stranger()
    assert stranger.post("/api/v1/captions/lamp/edit", json=posted).status_code == 401
    assert stranger.get("/api/v1/captions/lamp/pictures/object-1").status_code == 401
    assert not root.exists(layout.caption_edits("lamp"))
    limits = Limits(writes=1, writes_per_second=0.001)
    again = Scene(scene.settings.database, root.local_path, root=root.url, limits=limits)
    bob = again.person("bob")
    codes = [bob.post("captions/lamp/edit", posted).status_code for _ in range(2)]
    assert codes == [200, 429]
    again.close()


def test_without_a_root_there_are_no_captions(small: Scene) -> None:
    ann = small.person("ann")
    version = "0" * 64
    posted = {"version": version, "target": "0", "field": "color", "text": "x"}
    for answer in (
        ann.get("captions"),
        ann.get("captions/lamp"),
        ann.get("captions/lamp/pictures/object-1"),
        ann.post("captions/lamp/edit", posted),
    ):
        assert answer.status_code == 404 and answer.json()["code"] == "no_root"
        assert "--root" in answer.json()["detail"]


def test_damaged_files_are_told_of(ann: Person, root: Store) -> None:
    posted = body(ann, text="pink")
    root.write(layout.caption_edits("lamp"), b"{")
    answer = ann.post("captions/lamp/edit", posted)
    assert answer.status_code == 409 and answer.json()["code"] == "damaged"
    assert "mend the file" in answer.json()["detail"]
    assert root.read(layout.caption_edits("lamp")) == b"{", "what a person may mend is kept"
    root.write(layout.renders("chair"), b"PK")
    found = shown(ann, "chair")
    assert found["pictures"] == [] and "render stage" in found["pictures_problem"]


def test_a_disk_that_fails_leaves_file_and_trail_as_they_were(
    scene: Scene, ann: Person, root: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(ann, "pink")
    before = root.read(layout.caption_edits("lamp"))

    def full(*_: object) -> None:
        raise OSError("no space left on the device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        assert ann.post("captions/lamp/edit", body(ann, text="blue")).status_code == 500
    assert root.read(layout.caption_edits("lamp")) == before
    assert len(scene.events("caption.edit")) == 1
    assert edit(ann, "blue")["captions"][1]["texts"]["color"] == "blue", "and nothing is locked"


WRITER = """
import sys
from annotate.server.captioning import CaptionDesk
from partworks.artifacts.caption_edits import CaptionEdits
desk = CaptionDesk(sys.argv[1])
print("ready", flush=True)
while True:
    for name in "ab":
        texts = {"0": {"long": name * 4000}}
        desk.write("lamp", CaptionEdits(texts=texts, geometry_hash=""))
"""


def test_a_killed_server_leaves_either_state(root: Store) -> None:
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, root.url], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
            deadline = time.monotonic() + 30
            while not root.exists(layout.caption_edits("lamp")):
                assert time.monotonic() < deadline
            process.kill()
            process.wait()
        assert set(stored(root).of_part(0)["long"]) in ({"a"}, {"b"})
