"""A review server in the test's own process, with a tiny object, and clients that talk to it."""

from __future__ import annotations

import hashlib
import uuid
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from annotate.blobs.labels import pack_labels
from annotate.blobs.store import BlobStore
from annotate.database import accounts, audit, tasks
from annotate.database.audit import Caller
from annotate.database.rules import QueueRules
from annotate.review.base import Base
from annotate.review.digest import state_hash
from annotate.review.fold import fold
from annotate.review.wire import operation_from_json
from annotate.server.app import create_app
from annotate.server.services import Services
from annotate.server.settings import Limits, ServerSettings

with warnings.catch_warnings():
    # It says that a successor of httpx should be used, which has not been released for long.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

SYSTEM = Caller(None, name="system")
PASSWORD = "correct horse battery"
ATOMS = 8
FACES = 64
URL = "http://localhost:8765"


def tree() -> dict[str, Any]:
    """Eight atoms, joined two by two."""
    children, heights, nodes = list[list[int]](), list[float](), list(range(ATOMS))
    while len(nodes) > 1:
        children.append([nodes.pop(0), nodes.pop(0)])
        nodes.append(ATOMS + len(children) - 1)
        heights.append(len(children) / 10)
    return {"children": children, "heights": heights, "default_height": 0.05}


def labels(faces: int = FACES) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Equal runs of faces for each atom."""
    return (np.arange(faces) * ATOMS // faces).astype(np.int32)


BASE = Base.from_json(labels(), tree())


def hash_of(operations: list[dict[str, Any]]) -> str:
    """The fingerprint that an honest client computes."""
    return state_hash(fold(BASE, [operation_from_json(body) for body in operations]))


def merge(*groups: int) -> dict[str, Any]:
    """A merge with an id of its own."""
    return {
        "id": str(uuid.uuid4()),
        "at": 1,
        "kind": "merge",
        "tool": "click",
        "groups": list(groups),
    }


def rename(group: int, name: str) -> dict[str, Any]:
    """A rename with an id of its own."""
    return {
        "id": str(uuid.uuid4()),
        "at": 1,
        "kind": "rename",
        "tool": "list",
        "group": group,
        "name": name,
    }


@dataclass
class Person:
    """A client that is logged in."""

    client: TestClient
    name: str
    operations: list[dict[str, Any]] = field(default_factory=list)

    def claim(self) -> dict[str, Any]:
        """Claim a task, which must be there."""
        answer = self.post("claim", {})
        assert answer.status_code == 200, answer.text
        task: dict[str, Any] = answer.json()["task"]
        assert task is not None, answer.json()["why"]
        self.operations = list(task["operations"])
        return task

    def work(self, task: dict[str, Any], *posted: dict[str, Any]) -> dict[str, Any]:
        """Post operations upon what is there; they must be taken."""
        body = {
            "epoch": task["epoch"],
            "base_version": len(self.operations),
            "operations": list(posted),
        }
        answer = self.post(f"tasks/{task['id']}/operations", body)
        assert answer.status_code == 200, answer.text
        self.operations += posted
        saved: dict[str, Any] = answer.json()
        return saved

    def verdict(self, task: dict[str, Any], verdict: str = "accept", **more: Any) -> dict[str, Any]:
        """The body of a submission of what was posted."""
        return {
            "epoch": task["epoch"],
            "version": len(self.operations),
            "state_hash": hash_of(self.operations),
            "verdict": verdict,
            "active_ms": 1000,
            **more,
        }

    def submit(self, task: dict[str, Any], verdict: str = "accept", **more: Any) -> dict[str, Any]:
        """Submit; it must be taken."""
        answer = self.post(f"tasks/{task['id']}/submit", self.verdict(task, verdict, **more))
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    def get(self, path: str, **options: Any) -> Any:
        """GET below the API."""
        return self.client.get(f"/api/v1/{path}", **options)

    def post(self, path: str, body: Any, **options: Any) -> Any:
        """POST JSON below the API."""
        return self.client.post(f"/api/v1/{path}", json=body, **options)


class Scene:
    """A server on an empty database, with a clock that only tests move."""

    def __init__(self, url: str, folder: Path, **settings: Any) -> None:
        self.now = 1_000_000.0
        self.settings = ServerSettings(
            **{
                "database": url,
                "blobs": folder / "blobs",
                "static": folder / "static",
                "rules": QueueRules(gold_share=0.0),
                "limits": Limits(writes=100_000),
                **settings,
            }
        )
        self.app = create_app(self.settings, clock=lambda: self.now)
        self.services: Services = self.app.state.services
        self.blobs = BlobStore(self.settings.blobs)

    def close(self) -> None:
        """Stop the server."""
        self.services.close()

    def add(self, *uids: str, **fields: Any) -> None:
        """Tasks of the tiny object, under these uids."""
        data, ext = pack_labels(labels())
        atoms = self.blobs.put(data, ext=ext).name
        mesh = self.blobs.put(b"glTF", ext="glb").name
        new = [
            tasks.NewTask(
                **{
                    "uid": uid,
                    "name": uid,
                    "revision": "1",
                    "geometry_hash": hashlib.sha256(uid.encode()).hexdigest(),
                    "faces": FACES,
                    "mesh": mesh,
                    "atoms": atoms,
                    "details": {"tree": tree()},
                    **fields,
                }
            )
            for uid in uids
        ]
        with self.services.database.write() as session:
            tasks.add_tasks(session, SYSTEM, new, now=self.now)

    def account(self, name: str, role: str = "reviewer", password: str = "") -> None:
        """An account."""
        with self.services.database.write() as session:
            accounts.add_account(
                session, SYSTEM, name=name, role=role, password=password, now=self.now
            )

    def person(self, name: str, role: str = "reviewer") -> Person:
        """A client with a session of a new account; passwords have tests of their own."""
        self.account(name, role)
        client = self.stranger()
        with self.services.database.write() as session:
            issued = accounts.issue(
                session,
                SYSTEM,
                account=accounts.by_name(session, name),
                kind="session",
                seconds=3600,
                now=self.now,
            )
        client.cookies.set("partworks_session", issued.secret, domain="localhost.local")
        return Person(client, name)

    def stranger(self) -> TestClient:
        """A client that is not logged in."""
        return TestClient(self.app, base_url=URL, raise_server_exceptions=False)

    def events(self, action: str) -> list[Any]:
        """The audit trail's entries of an action, oldest first."""
        with self.services.database.read() as session:
            return [event for event, _ in reversed(audit.page(session, action=action))]
