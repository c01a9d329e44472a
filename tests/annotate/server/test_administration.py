"""Accounts, tokens, lists, figures and the audit trail over HTTP; and the API's description."""

from __future__ import annotations

import csv
import io
import re

from annotate.database.figures import report
from annotate.server.problems import QUIET, STATUS
from tests.annotate.server.scene import PASSWORD, Scene, merge


def test_an_admin_adds_changes_and_removes_accounts(small: Scene) -> None:
    root = small.person("root", "admin")
    new = {"name": "ann", "role": "reviewer", "password": PASSWORD}
    assert root.post("users", new).json()["has_password"]
    assert root.post("users", new).json()["code"] == "name_taken"
    assert root.post("users", {**new, "name": "<b>"}).json()["code"] == "invalid"
    assert root.post("users", {**new, "role": "owner"}).json()["code"] == "invalid"
    client = small.stranger()
    login = {"name": "ann", "password": PASSWORD}
    assert client.post("/api/v1/login", json=login).json()["user"]["role"] == "reviewer"
    assert client.get("/api/v1/stats").status_code == 403
    changed = root.client.patch("/api/v1/users/ann", json={"role": "lead"})
    assert changed.json()["role"] == "lead"
    assert client.get("/api/v1/stats").status_code == 401  # the old session ended
    assert client.post("/api/v1/login", json=login).status_code == 200
    assert client.get("/api/v1/stats").status_code == 200
    assert root.client.delete("/api/v1/users/ann").status_code == 200
    assert [user["name"] for user in root.get("users").json()["users"]] == ["root"]
    assert "password" not in root.get("users").text.replace("has_password", "")


def test_a_token_works_until_it_is_revoked_and_only_its_owner_can(small: Scene) -> None:
    ann, bob = small.person("ann"), small.person("bob")
    made = ann.post("tokens", {"label": "script", "days": 1}).json()
    client = small.stranger()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert client.post("/api/v1/claim", json={}, headers=bearer).status_code == 200
    assert bob.client.delete(f"/api/v1/tokens/{made['id']}").status_code == 404
    assert client.post("/api/v1/claim", json={}, headers=bearer).status_code == 200
    assert ann.client.delete(f"/api/v1/tokens/{made['id']}").status_code == 200
    assert client.post("/api/v1/claim", json={}, headers=bearer).status_code == 401
    assert ann.get("tokens").json() == {"tokens": []}


def test_a_lead_sees_tasks_page_by_page_and_steers_them(scene: Scene) -> None:
    scene.add("a", "b", "c")
    ann, lee = scene.person("ann"), scene.person("lee", "lead")
    task = ann.claim()
    rows = lee.get("tasks", params={"limit": 2}).json()
    assert len(rows["tasks"]) == 2 and rows["after"] == 2
    rest = lee.get("tasks", params={"limit": 2, "after": rows["after"]}).json()
    assert [row["id"] for row in rest["tasks"]] == [3] and rest["after"] is None
    held = [row["id"] for row in (*rows["tasks"], *rest["tasks"]) if row["holders"] == ["ann"]]
    assert held == [task["id"]]
    assert lee.post(f"tasks/{task['id']}/force-release", {}).json() == {"released": 1}
    again = ann.claim()
    ann.work(again, merge(0, 1))
    ann.submit(again)
    decided = lee.get("tasks", params={"state": "decided"}).json()["tasks"]
    assert [(row["verdict"], row["reviewers"]) for row in decided] == [("accept", ["ann"])]
    gold = lee.post(f"tasks/{again['id']}/gold", {}).json()["task"]
    assert lee.get("tasks", params={"after": gold - 1}).json()["tasks"][0]["gold"]
    back = lee.post(f"tasks/{again['id']}/reopen", {"to": "same", "note": "legs"}).json()
    assert back == {"state": "open", "round": 0}
    assert "legs" in ann.claim()["why"]
    assert lee.post(f"tasks/{again['id']}/reopen", {"to": "anyone"}).json()["round"] == 1


def test_figures_as_json_and_csv_are_the_same(scene: Scene) -> None:
    scene.add("a")
    ann, lee = scene.person("ann"), scene.person("lee", "lead")
    task = ann.claim()
    ann.work(task, merge(0, 1))
    ann.submit(task, "reject", reason="scan")
    found = lee.get("stats").json()
    assert set(found) == set(report.TABLES)
    assert found["reasons"] == [{"queue": "default", "reason": "scan", "objects": 1}]
    for name in report.TABLES:
        answer = lee.get(f"stats/{name}.csv")
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        wanted = [
            {key: "" if value is None else str(value) for key, value in row.items()}
            for row in found[name]
        ]
        assert rows == wanted
    assert lee.get("stats/secrets.csv").status_code == 404


def test_everything_that_changes_something_is_in_the_audit_trail(scene: Scene) -> None:
    scene.add("a", "b")
    ann, lee = scene.person("ann"), scene.person("lee", "lead")
    task = ann.claim()
    ann.post(f"tasks/{task['id']}/release", {"epoch": task["epoch"], "kind": "later"})
    ann.submit(ann.claim())
    page = lee.get("audit", params={"action": "task.", "limit": 3}).json()
    assert [row["action"] for row in page["events"]] == ["task.decide", "task.submit", "task.claim"]
    assert {row["account"] for row in page["events"]} == {"ann"}
    assert all(re.fullmatch(r"[0-9a-f]{16}", row["origin"]) for row in page["events"])
    older = lee.get("audit", params={"action": "task.", "before": page["before"]}).json()
    assert [row["action"] for row in older["events"]] == ["task.later", "task.claim"]


def test_the_description_is_complete(small: Scene) -> None:
    answer = small.stranger().get("/api/v1/openapi.json")
    document = answer.json()
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    assert len(operations) > 20
    for path, method, operation in operations:
        where = f"{method} {path}"
        assert operation["description"] and operation["tags"], where
        content = operation["responses"]["200"]["content"]
        kind, described = next(iter(content.items()))
        assert kind != "application/json" or "$ref" in described["schema"], where
        assert {"401", "403", "409", "422", "429"} <= set(operation["responses"]), where
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        assert schema.get("description") or name.startswith(("HTTP", "Validation")), name


def test_every_code_has_a_status_and_quiet_ones_exist() -> None:
    assert set(STATUS) >= QUIET
    assert all(400 <= status < 600 for status in STATUS.values())
