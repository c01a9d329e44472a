"""What an attacker would try: each is refused, each is in the audit trail."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.server.settings import Limits
from tests.annotate.server.scene import PASSWORD, Scene, merge, rename

SCRIPT = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def refused(scene: Scene, code: str) -> list[Any]:
    """Refusals of a kind in the audit trail."""
    return scene.events(f"refused.{code}")


@pytest.mark.parametrize(
    "path",
    [
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/assets/..%2f..%2fsettings.py",
        "/assets/..%5c..%5csettings.py",
        "/api/v1/blobs/..%2f..%2freview.db",
        "/api/v1/blobs/" + "a" * 64 + ".glb%00.png",
        "/api/v1/blobs/%2e%2e",
    ],
)
def test_no_path_leads_out(small: Scene, path: str) -> None:
    ann = small.person("ann")
    answer = ann.client.get(path)
    assert answer.status_code == 404 and "root:" not in answer.text
    assert refused(small, "bad_path"), answer.text


def test_a_blob_is_asked_for_by_its_hash_alone(small: Scene) -> None:
    small.add("a")
    ann = small.person("ann")
    task = ann.claim()
    fine = ann.client.get("/" + task["mesh"]["url"])
    assert fine.status_code == 200 and fine.content == b"glTF"
    assert "immutable" in fine.headers["cache-control"]
    again = ann.client.get(
        "/" + task["mesh"]["url"], headers={"If-None-Match": fine.headers["etag"]}
    )
    assert again.status_code == 304
    for name in ("review.db", "0" * 64 + ".db", "A" * 64 + ".glb", "passwd"):
        answer = ann.get(f"blobs/{name}")
        assert answer.status_code == 404 and answer.json()["code"] == "bad_path"
    assert len(refused(small, "bad_path")) == 4
    assert ann.get("blobs/" + "0" * 64 + ".glb").json()["code"] == "not_found"


def test_another_reviewers_task_is_out_of_reach(scene: Scene) -> None:
    scene.add("a", "b")
    ann, bob = scene.person("ann"), scene.person("bob")
    task, own = ann.claim(), bob.claim()
    ann.work(task, merge(0, 1))
    path, epoch = f"tasks/{task['id']}", task["epoch"]
    attempts = {
        "heartbeat": {"epoch": epoch},
        "release": {"epoch": epoch, "kind": "skip"},
        "operations": {"epoch": epoch, "base_version": 1, "operations": [merge(2, 3)]},
        "preview": {"epoch": epoch, "tool": "tree", "version": 0, "group": 0},
        "submit": ann.verdict(task),
        "reopen": {"to": "own"},
    }
    for verb, body in attempts.items():
        answer = bob.post(f"{path}/{verb}", body)
        assert answer.status_code == 403 and answer.json()["code"] == "not_yours", (
            verb,
            answer.text,
        )
    assert bob.get(f"{path}/warnings").json()["code"] == "not_yours"
    assert bob.post(f"{path}/reopen", {"to": "anyone"}).json()["code"] == "forbidden"
    assert len(refused(scene, "not_yours")) == len(attempts) + 1
    assert ann.claim()["version"] == 1 and bob.claim()["id"] == own["id"]
    assert ann.submit(task)["state"] == "decided"


@pytest.mark.parametrize("made_up", ["", "x", "' OR 1=1 --", "pw_" + "A" * 43, "\u00e9" * 8])
def test_forged_secrets_open_nothing(small: Scene, made_up: str) -> None:
    client = small.stranger()
    bearer = {"Authorization": f"Bearer {made_up}".encode()}
    answers = [client.post("/api/v1/claim", json={}, headers=bearer)]
    client.cookies.set("partworks_session", made_up.encode().hex(), domain="localhost.local")
    answers.append(client.post("/api/v1/claim", json={}))
    client.cookies.clear()
    answers.append(client.post("/api/v1/login", json={"token": made_up}))
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert len(refused(small, "not_signed_in")) == 2
    assert len(refused(small, "wrong_credentials")) == 1


def test_a_session_is_no_token_and_a_token_no_session(small: Scene) -> None:
    ann = small.person("ann")
    session = ann.client.cookies["partworks_session"]
    token = ann.post("tokens", {"label": "script"}).json()["token"]
    client = small.stranger()
    bearer = client.get("/api/v1/tokens", headers={"Authorization": f"Bearer {session}"})
    assert bearer.status_code == 401
    client.cookies.set("partworks_session", token, domain="localhost.local")
    assert client.get("/api/v1/tokens").status_code == 401
    client.cookies.clear()
    fine = client.get("/api/v1/tokens", headers={"Authorization": f"Bearer {token}"})
    assert [row["label"] for row in fine.json()["tokens"]] == ["script"]
    # Beside a cookie a token counts for nothing: the request may be a browser's.
    client.cookies.set("partworks_session", "made up", domain="localhost.local")
    assert (
        client.get("/api/v1/tokens", headers={"Authorization": f"Bearer {token}"}).status_code
        == 401
    )


def test_secrets_are_not_stored(small: Scene) -> None:
    small.account("ann", password=PASSWORD)
    client = small.stranger()
    answer = client.post("/api/v1/login", json={"name": "ann", "password": PASSWORD})
    token = client.post("/api/v1/tokens", json={"label": "x"}).json()["token"]
    cookie = client.cookies["partworks_session"]
    assert answer.status_code == 200
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags and "samesite=strict" in flags
    data = b"".join(path.read_bytes() for path in small.settings.blobs.parent.glob("review.db*"))
    for secret in (PASSWORD, token, cookie):
        assert secret.encode() not in data


def test_an_expired_or_closed_session_opens_nothing(small: Scene) -> None:
    ann, bob = small.person("ann"), small.person("bob")
    copy = small.stranger()
    copy.cookies.set(
        "partworks_session", ann.client.cookies["partworks_session"], domain="localhost.local"
    )
    assert copy.get("/api/v1/session").json()["user"]["name"] == "ann"
    assert ann.post("logout", {}).status_code == 200
    assert copy.post("/api/v1/claim", json={}).status_code == 401  # replayed after logout
    small.now += 3601
    assert bob.post("claim", {}).status_code == 401
    assert len(refused(small, "not_signed_in")) == 2


def test_a_removed_account_is_out_at_once(small: Scene) -> None:
    ann, root = small.person("ann"), small.person("root", "admin")
    assert ann.post("claim", {}).status_code == 200
    assert root.client.delete("/api/v1/users/ann").status_code == 200
    assert ann.post("claim", {}).status_code == 401
    assert root.client.delete("/api/v1/users/root").json()["code"] == "closed"


def test_oversized_bodies_are_cut(small: Scene) -> None:
    small.close()
    folder = small.settings.blobs.parent
    scene = Scene(small.settings.database, folder, limits=Limits(body_bytes=10_000))
    scene.add("a")
    ann = scene.person("ann")
    task = ann.claim()
    path = f"/api/v1/tasks/{task['id']}/operations"
    announced = ann.client.post(path, content=b"[" + b" " * 20_000)
    assert announced.status_code == 413

    def chunks() -> Any:
        for _ in range(20):
            yield b" " * 1000

    streamed = ann.client.post(path, content=chunks(), headers={"Content-Type": "application/json"})
    assert streamed.status_code == 413 and streamed.json()["code"] == "too_large"
    liar = ann.client.post(path, content=b"{}", headers={"Content-Length": "-1"})
    assert liar.status_code in (400, 413)
    assert len(refused(scene, "too_large")) >= 2
    assert ann.claim()["version"] == 0
    scene.close()


def test_a_script_in_a_name_stays_text(scene: Scene) -> None:
    scene.add("a", name=SCRIPT)
    ann, lee = scene.person("ann"), scene.person("lee", "lead")
    task = ann.claim()
    assert task["name"] == SCRIPT
    ann.work(task, rename(0, SCRIPT))
    ann.submit(task, "reject", reason="other", note=SCRIPT)
    answer = lee.get("tasks")
    assert answer.json()["tasks"][0]["name"] == SCRIPT
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";")
    )
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'" and policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self' blob: data:" and policy["frame-ancestors"] == "'none'"
    body = {
        "epoch": 1,
        "base_version": 0,
        "operations": [rename(0, "seat\x00\u202e")],
    }
    assert ann.post(f"tasks/{task['id']}/operations", body).status_code in (409, 422)


def test_a_spreadsheet_calculates_nothing(small: Scene) -> None:
    small.add("a", queue="=HYPERLINK(1)")
    lee = small.person("lee", "lead")
    text = lee.get("stats/progress.csv").text
    assert "'=HYPERLINK(1)" in text and "\n=" not in text


def test_replayed_requests_change_nothing(scene: Scene) -> None:
    """The same bytes again: known by id, fenced by epoch, told in the audit trail."""
    scene.add("a")
    ann = scene.person("ann")
    task = ann.claim()
    posted = {"epoch": task["epoch"], "base_version": 0, "operations": [merge(0, 1)]}
    path = f"tasks/{task['id']}"
    ann.post(f"{path}/operations", posted)
    ann.operations += posted["operations"]
    assert ann.post(f"{path}/operations", posted).json()["replayed"] == 1
    assert len(scene.events("task.operations_replayed")) == 1
    forged = {**posted, "operations": [{**posted["operations"][0], "groups": [2, 3]}]}
    assert ann.post(f"{path}/operations", forged).json()["code"] == "id_reused"
    verdict = ann.verdict(task)
    ann.submit(task)
    assert (
        ann.post(f"{path}/submit", {**verdict, "verdict": "reject", "reason": "scan"}).json()[
            "code"
        ]
        == "already_submitted"
    )
    assert ann.post(f"{path}/operations", posted).json()["code"] == "already_submitted"
    ann.post(f"{path}/reopen", {"to": "own"})
    assert ann.post(f"{path}/submit", verdict).json()["code"] == "lease_lost"  # an old epoch
    for code in ("id_reused", "already_submitted", "lease_lost"):
        assert refused(scene, code), code


def test_changes_from_other_sites_are_refused(small: Scene) -> None:
    small.add("a")
    ann = small.person("ann")
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
    ):
        answer = ann.post("claim", {}, headers=headers)
        assert answer.status_code == 403 and answer.json()["code"] == "cross_site", headers
    assert len(refused(small, "cross_site")) == 5
    for headers in (
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost:8765"},
        {},
    ):
        assert ann.post("claim", {}, headers=headers).status_code == 200, headers
    form = ann.client.post("/api/v1/claim", content=b"{}", headers={"Content-Type": "text/plain"})
    assert form.status_code == 422


def test_foreign_names_are_refused(small: Scene) -> None:
    ann = small.person("ann")
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1@evil.example", ""):
        answer = ann.client.get("/api/v1/session", headers={"Host": host})
        assert answer.status_code == 421 and answer.json()["code"] == "unknown_host", host
    for host in ("localhost", "127.0.0.1:8765", "[::1]:8765"):
        assert ann.client.get("/api/v1/session", headers={"Host": host}).status_code == 200, host
    assert len(refused(small, "unknown_host")) == 4


def test_logins_are_limited_and_equally_slow(small: Scene) -> None:
    small.account("ann", password=PASSWORD)
    client = small.stranger()
    for _ in range(10):
        wrong = client.post("/api/v1/login", json={"name": "ann", "password": "wrong wrong"})
        assert wrong.status_code == 401
    limited = client.post("/api/v1/login", json={"name": "ann", "password": PASSWORD})
    assert limited.status_code == 429 and int(limited.headers["retry-after"]) >= 1
    small.account("bob", password=PASSWORD)
    fine = client.post("/api/v1/login", json={"name": "bob", "password": PASSWORD})
    assert fine.status_code == 200
    unknown = client.post("/api/v1/login", json={"name": "zoe", "password": PASSWORD})
    assert unknown.json()["detail"] == wrong.json()["detail"]
    assert refused(small, "wrong_credentials") and refused(small, "too_many")


def test_writes_are_limited(small: Scene) -> None:
    small.close()
    folder = small.settings.blobs.parent
    limits = Limits(writes=3, writes_per_second=0.001)
    scene = Scene(small.settings.database, folder, limits=limits)
    ann, bob = scene.person("ann"), scene.person("bob")
    codes = [ann.post("claim", {}).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    assert bob.post("claim", {}).status_code == 200 and ann.get("session").status_code == 200
    scene.close()


def test_a_flood_of_refusals_does_not_fill_the_database(small: Scene) -> None:
    client = small.stranger()
    for _ in range(80):
        client.post("/api/v1/claim", json={})
    assert 60 <= len(refused(small, "not_signed_in")) <= 70


def test_unknown_fields_and_types_are_refused(small: Scene) -> None:
    small.add("a")
    ann = small.person("ann")
    task = ann.claim()
    path = f"tasks/{task['id']}/heartbeat"
    for body in (
        {"epoch": "1"},
        {"epoch": 1.5},
        {"epoch": True},
        {"epoch": -1},
        {},
        [],
        {"epoch": 2**70},
    ):
        answer = ann.post(path, body)
        assert answer.status_code == 422 and answer.json()["code"] == "invalid", body
    assert ann.post(path, []).status_code == 422
    assert ann.post(path, {"epoch": task["epoch"], "holder": 1}).status_code == 422
    assert ann.client.post(f"/api/v1/{path}", content=b"{").status_code == 422
    assert ann.post(f"tasks/{10**21}/heartbeat", {"epoch": 1}).status_code == 422


def test_a_failure_tells_nothing(small: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = small.person("ann")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret path")

    monkeypatch.setattr("annotate.server.claiming.claim", broken)
    answer = ann.post("claim", {})
    assert answer.status_code == 500 and "secret" not in answer.text
    assert answer.json()["code"] == "internal"
    assert "content-security-policy" in answer.headers
