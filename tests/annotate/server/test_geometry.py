"""What the server knows of objects themselves: suggestions, warnings, splits, agreement by area."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotate.database.connection import Database
from annotate.database.tables import Task
from annotate.exchange.tasks import import_tasks
from annotate.review.agreement import agreement
from annotate.review.base import Base
from annotate.review.fold import fold
from annotate.review.wire import operation_from_json
from annotate.server.app import create_app
from annotate.server.judging import measured
from partworks import layout
from partworks.artifacts.segments import Segments
from partworks.geometry.glb import read_glb
from partworks.geometry.measures import face_areas
from partworks.store import Store
from tests.annotate.exchange.desk import Desk
from tests.annotate.server.scene import Person, Scene, merge, rename


@pytest.fixture
def tables(small: Scene, tmp_path: Path) -> Iterator[Scene]:
    """A server with a root of two tables, imported."""
    root = tmp_path / "root"
    small.close()
    desk = Desk(Store(str(root)), Database(small.settings.database), small.blobs)
    desk.put("one", "two")
    import_tasks(desk.store, desk.database, desk.blobs)
    desk.database.close()
    small.settings = replace(small.settings, root=str(root))
    small.app = create_app(small.settings, clock=lambda: small.now)
    small.services = small.app.state.services
    yield small


def base_of(scene: Scene, uid: str) -> Base:
    store = Store(str(scene.settings.root))
    return Base.of(Segments.from_bytes(store.read(layout.segments(uid))))


def post(person: Person, task: dict[str, Any], *made: dict[str, Any]) -> dict[str, Any]:
    """Post operations; the answer has the fingerprint."""
    saved = person.work(task, *made)
    task["state_hash"] = saved["state_hash"]
    return saved


def submit(person: Person, task: dict[str, Any]) -> dict[str, Any]:
    body = {
        "epoch": task["epoch"],
        "version": len(person.operations),
        "state_hash": task["state_hash"],
        "verdict": "accept",
        "active_ms": 1,
    }
    answer = person.post(f"tasks/{task['id']}/submit", body)
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


def test_a_state_is_advised_on(tables: Scene) -> None:
    ann = tables.person("ann")
    task = ann.claim()
    answer = ann.get(f"tasks/{task['id']}/warnings").json()
    assert "unnamed" not in {warning["code"] for warning in answer["warnings"]}
    groups = set(range(base_of(tables, task["uid"]).default_count))
    for suggestion in answer["suggestions"]:
        assert set(suggestion["groups"]) <= groups and 0 <= suggestion["score"] <= 1
        assert suggestion["why"]
    # Read by now: a reload of the page has it at once.
    assert ann.claim()["warnings"] == answer["warnings"]
    ann.work(task, rename(0, "top"))
    named = ann.get(f"tasks/{task['id']}/warnings").json()["warnings"]
    assert "unnamed" in {warning["code"] for warning in named}


@pytest.mark.parametrize("tool", ["two-seed", "cut", "components"])
def test_a_split_that_is_posted_is_what_was_shown(tables: Scene, tool: str) -> None:
    ann = tables.person("ann")
    task = ann.claim()
    base = base_of(tables, task["uid"])
    whole = list(range(base.default_count))
    post(ann, task, merge(*whole))
    first, last = (int(np.flatnonzero(base.atom_of_face == k)[0]) for k in (0, whole[-1]))
    body = {
        "epoch": task["epoch"],
        "version": 1,
        "tool": tool,
        "group": 0,
        "seeds": [] if tool == "components" else [[first], [last]],
    }
    answer = ann.post(f"tasks/{task['id']}/preview", body)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["atoms"]
    post(ann, task, *shown["operations"])
    state = fold(base, [operation_from_json(one) for one in ann.operations])
    groups = {tuple(np.flatnonzero(state.group_of_atom == group)) for group in state.groups}
    assert {tuple(sorted(atoms)) for atoms in shown["atoms"]} <= groups
    assert len(groups) == len(shown["atoms"]) + 1


def test_the_last_edit_is_computed_on_the_other_side(tables: Scene) -> None:
    ann = tables.person("ann")
    task = ann.claim()
    base = base_of(tables, task["uid"])
    leg = base.default_count - 1
    body = {"epoch": task["epoch"], "version": 0, "tool": "mirror"}
    nothing = ann.post(f"tasks/{task['id']}/preview", body).json()
    assert nothing["operations"] == []
    ann.work(task, rename(leg, "left leg"))
    body["version"] = 1
    answer = ann.post(f"tasks/{task['id']}/preview", body)
    assert answer.status_code == 200, answer.text
    post(ann, task, *answer.json()["operations"])
    state = fold(base, [operation_from_json(one) for one in ann.operations])
    (twin,) = {*state.names} - {leg}
    assert state.names == {leg: "left leg", twin: "right leg"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tool": "knife"}, "invalid"),
        ({"group": 999}, "invalid"),
        ({"seeds": [[0]]}, "invalid"),
        ({"seeds": [[0], []]}, "invalid"),
        ({"seeds": [[10**9], [0]]}, "invalid"),
        ({"version": 7}, "conflict"),
    ],
)
def test_a_split_that_cannot_be(tables: Scene, change: dict[str, Any], code: str) -> None:
    ann = tables.person("ann")
    task = ann.claim()
    body = {
        "epoch": task["epoch"],
        "version": 0,
        "tool": "two-seed",
        "group": 0,
        "seeds": [[0], [1]],
        **change,
    }
    answer = ann.post(f"tasks/{task['id']}/preview", body)
    assert answer.status_code in (409, 422) and answer.json()["code"] == code, answer.text


def test_agreement_is_by_area(tables: Scene) -> None:
    """The measure of two opinions is that of their labels, weighted by the faces' areas."""
    with tables.services.database.read() as session:
        task = session.get_one(Task, 1)
    base = base_of(tables, task.uid)
    states = [
        fold(base, [operation_from_json(one) for one in made]) for made in ([], [merge(0, 1)])
    ]
    store = Store(str(tables.settings.root))
    mesh = read_glb(store.read(layout.object_glb(task.uid)))
    areas = face_areas(mesh.vertices, mesh.faces)
    wanted = agreement(states[0].parts()[0], states[1].parts()[0], areas=areas)
    found = measured(tables.services, task, *states)
    assert found.iou == pytest.approx(wanted.matched_iou) and found.iou < 1
    assert found.kappa == pytest.approx(wanted.kappa)
    assert found.detail["part_delta"] == -1


def test_an_object_that_is_gone_is_told_of(tables: Scene) -> None:
    ann = tables.person("ann")
    task = ann.claim()
    tables.services.workbench.surfaces._facts._kept.clear()
    Path(str(tables.settings.root), layout.object_glb(task["uid"])).unlink()
    answer = ann.get(f"tasks/{task['id']}/warnings")
    assert answer.status_code == 503 and answer.json()["code"] == "no_geometry"
    assert ann.claim()["suggestions"] == []  # the queue goes on without
