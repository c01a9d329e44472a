"""A reviewer's day, over HTTP, on both databases."""

from __future__ import annotations

from tests.annotate.server.scene import FACES, Scene, hash_of, merge, rename, tree


def test_claim_work_submit_next(scene: Scene) -> None:
    scene.add("a", "b")
    ann = scene.person("ann")
    task = ann.claim()
    assert task["mesh"]["faces"] == FACES and task["tree"] == tree()
    assert task["version"] == 0 and task["operations"] == [] and task["blind"]
    assert [reason["key"] for reason in task["reasons"]] == [str(k) for k in range(1, 10)]
    first, second = merge(0, 1), rename(0, "seat")
    assert ann.work(task, first)["version"] == 1
    saved = ann.work(task, second)
    assert saved == {"version": 2, "state_hash": hash_of([first, second]), "replayed": 0}
    assert ann.submit(task)["state"] == "decided"
    assert ann.claim()["id"] != task["id"]


def test_a_reload_in_the_middle_loses_nothing(scene: Scene) -> None:
    scene.add("a")
    ann = scene.person("ann")
    task = ann.claim()
    made = [merge(0, 1), merge(2, 3)]
    ann.work(task, *made)
    again = ann.claim()
    assert again["operations"] == made and again["version"] == 2
    assert again["epoch"] == task["epoch"]


def test_the_same_operations_twice_are_stored_once(scene: Scene) -> None:
    scene.add("a")
    ann = scene.person("ann")
    task = ann.claim()
    made = merge(0, 1)
    body = {"epoch": task["epoch"], "base_version": 0, "operations": [made]}
    answers = [ann.post(f"tasks/{task['id']}/operations", body).json() for _ in range(2)]
    assert [answer["version"] for answer in answers] == [1, 1]
    assert [answer["replayed"] for answer in answers] == [0, 1]
    longer = {**body, "operations": [made, merge(2, 3)]}
    assert ann.post(f"tasks/{task['id']}/operations", longer).json()["version"] == 2
    assert ann.claim()["version"] == 2


def test_a_stale_client_gets_a_conflict_and_what_it_lacks(scene: Scene) -> None:
    scene.add("a")
    ann = scene.person("ann")
    task = ann.claim()
    made = merge(0, 1)
    ann.work(task, made)
    body = {"epoch": task["epoch"], "base_version": 0, "operations": [merge(2, 3)]}
    answer = ann.post(f"tasks/{task['id']}/operations", body)
    assert (
        answer.status_code == 409 and answer.headers["content-type"] == "application/problem+json"
    )
    problem = answer.json()
    assert problem["code"] == "conflict"
    assert problem["version"] == 1 and problem["operations"] == [made]
    assert ann.claim()["version"] == 1


def test_an_operation_that_does_not_fit_is_refused_with_all_after_it(scene: Scene) -> None:
    scene.add("a")
    ann = scene.person("ann")
    task = ann.claim()
    posted = [merge(0, 1), merge(1, 2), merge(4, 5)]  # group 1 is gone after the first
    body = {"epoch": task["epoch"], "base_version": 0, "operations": posted}
    answer = ann.post(f"tasks/{task['id']}/operations", body)
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["index"]) == ("operation", 1)
    assert answer.json()["reason"] == "unknown_group"
    assert ann.claim()["version"] == 0


def test_work_after_a_lost_lease_is_kept_and_never_mixed(scene: Scene) -> None:
    scene.add("a")
    ann, bob = scene.person("ann"), scene.person("bob")
    task = ann.claim()
    ann.work(task, merge(0, 1))
    scene.now += 16 * 60
    other = bob.claim()
    assert other["id"] == task["id"] and other["operations"] == []
    late = merge(2, 3)
    body = {"epoch": task["epoch"], "base_version": 1, "operations": [late]}
    answer = ann.post(f"tasks/{task['id']}/operations", body)
    assert answer.status_code == 409 and answer.json()["code"] == "lease_lost"
    assert answer.json()["kept"] == 1 and answer.json()["version"] == 2
    ann.operations.append(late)
    zombie = ann.post(f"tasks/{task['id']}/submit", ann.verdict(task))
    assert zombie.status_code == 409 and zombie.json()["code"] == "lease_lost"
    bob.work(other, merge(4, 5))
    assert bob.submit(other)["state"] == "decided"
    bob.post("tasks/1/reopen", {"to": "own"})
    bob.post(f"tasks/{task['id']}/release", {"epoch": other["epoch"] + 1, "kind": "skip"})
    back = ann.claim()
    assert back["id"] == task["id"] and back["version"] == 2 and back["operations"][1] == late


def test_a_tab_of_an_earlier_claim_changes_nothing(scene: Scene) -> None:
    scene.add("a")
    ann = scene.person("ann")
    task = ann.claim()
    ann.post(f"tasks/{task['id']}/release", {"epoch": task["epoch"], "kind": "later"})
    again = ann.claim()
    assert again["id"] == task["id"] and again["epoch"] > task["epoch"]
    body = {"epoch": task["epoch"], "base_version": 0, "operations": [merge(2, 3)]}
    answer = ann.post(f"tasks/{task['id']}/operations", body)
    assert answer.status_code == 409 and answer.json()["code"] == "lease_lost"
    assert "kept" not in answer.json() and ann.claim()["version"] == 0


def test_submitting_twice_is_one_review(scene: Scene) -> None:
    scene.add("a")
    ann = scene.person("ann")
    task = ann.claim()
    first = ann.submit(task)
    again = ann.submit(task)
    assert again == {**first, "replayed": True}
    other = ann.post(f"tasks/{task['id']}/submit", ann.verdict(task, "cannot-decide"))
    assert other.status_code == 409 and other.json()["code"] == "already_submitted"


def test_labels_that_the_client_made_up_are_refused(scene: Scene) -> None:
    scene.add("a")
    ann = scene.person("ann")
    task = ann.claim()
    for version in (0, 1):
        body = {**ann.verdict(task), "state_hash": "0" * 64}
        answer = ann.post(f"tasks/{task['id']}/submit", body)
        assert answer.status_code == 409 and answer.json()["code"] == "state_mismatch"
        assert answer.json()["state_hash"] == hash_of(ann.operations)
        if version == 0:
            ann.work(task, merge(0, 1))


def test_a_rejection_needs_a_reason_and_other_a_note(scene: Scene) -> None:
    scene.add("a")
    ann = scene.person("ann")
    task = ann.claim()
    for more in ({}, {"reason": "ugly"}, {"reason": "other"}):
        answer = ann.post(f"tasks/{task['id']}/submit", ann.verdict(task, "reject", **more))
        assert answer.status_code == 422 and answer.json()["code"] == "invalid"
    assert ann.submit(task, "reject", reason="other", note="upside down")["state"] == "decided"


def test_two_blind_opinions_that_differ_go_to_a_lead_who_sees_both(scene: Scene) -> None:
    scene.add("a", want=2)
    ann, bob, lee = scene.person("ann"), scene.person("bob"), scene.person("lee", "lead")
    task, twin = ann.claim(), bob.claim()
    assert task["id"] == twin["id"] and twin["blind"] and twin["opinions"] == []
    ann.work(task, merge(0, 1, 2, 3))
    bob.work(twin, merge(4, 5, 6, 7))
    assert ann.submit(task)["state"] == "open"
    assert bob.submit(twin)["state"] == "adjudication"
    final = lee.claim()
    assert not final["blind"] and [one["label"] for one in final["opinions"]] == ["A", "B"]
    assert final["opinions"][1]["operations"] == bob.operations
    picked = final["opinions"][1]["id"]
    assert lee.submit(final, picked_id=picked)["state"] == "decided"
    rows = lee.get("tasks").json()["tasks"]
    assert rows[0]["reviewers"] == ["ann", "bob", "lee"] and rows[0]["verdict"] == "accept"
    figures = lee.get("stats").json()
    overall = figures["agreement"][0]
    assert overall["compared"] == 1 and overall["same_verdict"] == 1.0
    assert overall["iou"] < 0.9 and overall["adjudicated"] == 1


def test_two_opinions_that_agree_decide(scene: Scene) -> None:
    scene.add("a", want=2)
    ann, bob = scene.person("ann"), scene.person("bob")
    for person in (ann, bob):
        task = person.claim()
        person.work(task, merge(0, 1))
        state = person.submit(task)["state"]
    assert state == "decided"
    assert scene.events("task.decide")[0].detail["outcome"] == 1


def test_next_is_told_ahead_and_promised_to_nobody(scene: Scene) -> None:
    scene.add("a", "b")
    ann = scene.person("ann")
    task = ann.claim()
    assert task["next"]["mesh"].startswith("api/v1/blobs/")
    ann.submit(task)
    assert ann.claim()["next"] is None


def test_a_split_is_previewed_and_can_be_posted_as_it_is(scene: Scene) -> None:
    scene.add("a")
    ann = scene.person("ann")
    task = ann.claim()
    ann.work(task, merge(0, 1, 2))
    body = {"epoch": task["epoch"], "tool": "tree", "version": 1, "group": 0}
    answer = ann.post(f"tasks/{task['id']}/preview", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["atoms"] == [[2]]
    assert ann.work(task, *answer.json()["operations"])["version"] == 2
    without = ann.post(f"tasks/{task['id']}/preview", {**body, "tool": "components"})
    assert without.status_code == 503 and without.json()["code"] == "no_geometry"
