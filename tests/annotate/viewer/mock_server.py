"""A review server in memory: the API that the viewer calls, without database and accounts.

Operations are checked and folded by the real rules, so a page that passes here sends what the real
server takes. Run as a module with a number of faces to look at such an object.
"""

from __future__ import annotations

import json
import mimetypes
import sys
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np

from annotate.blobs.labels import pack_labels
from annotate.blobs.review_mesh import pack
from annotate.review.digest import state_hash
from annotate.review.errors import OperationError
from annotate.review.fold import fold, step
from annotate.review.mirror import find_mirror_planes
from annotate.review.mirrored_gesture import mirrored_gesture
from annotate.review.operations import Operation
from annotate.review.runs import runs_of_faces
from annotate.review.split.plan import plan_split
from annotate.review.split.tree import tree_sides
from annotate.review.state import State
from annotate.review.surface import read_surface
from annotate.review.wire import operation_from_json, operation_to_json
from tests.annotate.viewer.objects import ReviewObject, chair, knot

STATIC = Path(__file__).parents[3] / "annotate" / "server" / "static"
API = "/api/v1/"
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self' blob: data:; worker-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'"
)
REASONS = [
    {"key": "1", "code": "broken-geometry", "text": "Broken geometry"},
    {"key": "2", "code": "scene", "text": "A scene, not one object"},
    {"key": "9", "code": "other", "text": "Something else (say what)"},
]


class Refusal(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, code: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {"status": status, "code": code, "detail": detail, **extra}


@dataclass(slots=True, kw_only=True)
class MockTask:
    """An object in review."""

    number: int
    object: ReviewObject
    state: State
    operations: list[dict[str, Any]] = field(default_factory=list)
    opinions: list[dict[str, Any]] = field(default_factory=list)
    epoch: int = 1
    done: bool = False

    @property
    def suggestions(self) -> list[dict[str, Any]]:
        """The halves of the legs, if it is a chair."""
        if not self.object.name.startswith("chair"):
            return []
        return [
            {"groups": [leg, leg + 1], "score": 0.9, "why": "two halves of one box"}
            for leg in (4, 6, 8, 10)
        ]


class MockReview:
    """All that the server remembers.

    Attributes:
        submissions: as they came, with the task's number.
        released: (task, kind).
        fail: how many of the next requests for operations find no server.
        lose: how many of the next answers to operations are lost after they took effect.
        figures: what `stats` answers, by path.
        methods: tools of the splits that were computed.
        ranked: suggestions after the claim, None for those of the claim.
    """

    def __init__(self, objects: list[ReviewObject], *, signed_in: bool = True) -> None:
        self.lock = threading.RLock()
        self.user: dict[str, str] | None = {"name": "ada", "role": "lead"} if signed_in else None
        self.tasks = [
            MockTask(number=number, object=entry, state=fold(entry.base, []))
            for number, entry in enumerate(objects, start=1)
        ]
        self.files: dict[str, bytes] = {}
        for task in self.tasks:
            labels, ext = pack_labels(task.object.base.atom_of_face)
            self.files[f"atoms-{task.number}.{ext}"] = labels
            self.files[f"mesh-{task.number}.glb"] = pack(task.object.mesh).glb
        self.submissions: list[dict[str, Any]] = []
        self.released: list[tuple[int, str]] = []
        self.figures: dict[str, Any] = {}
        self.methods: list[str] = []
        self.ranked: list[dict[str, Any]] | None = None
        self.fail = 0
        self.lose = 0

    def task(self, number: str) -> MockTask:
        """A task by its number, wherever it is in the queue."""
        return next(task for task in self.tasks if task.number == int(number))

    def blob(self, start: str) -> str:
        """The address of the file whose name starts so."""
        return API + "blobs/" + next(name for name in self.files if name.startswith(start))

    def claim(self) -> dict[str, Any]:
        """The first task that is not done, and nothing else about it changes."""
        open_tasks = [task for task in self.tasks if not task.done]
        if not open_tasks:
            return {"task": None, "why": "Every object has been reviewed."}
        task = open_tasks[0]
        after = open_tasks[1] if len(open_tasks) > 1 else None
        return {
            "task": {
                "id": task.number,
                "uid": f"object-{task.number}",
                "name": task.object.name,
                "why": "the next one by priority",
                "epoch": task.epoch,
                "lease_until": "2100-01-01T00:00:00Z",
                "version": task.state.version,
                "mesh": {
                    "url": self.blob(f"mesh-{task.number}."),
                    "faces": task.object.base.face_count,
                    "geometry_hash": task.object.mesh.geometry_hash,
                },
                "atoms": {"url": self.blob(f"atoms-{task.number}.")},
                "tree": task.object.base.tree_to_json(),
                "operations": task.operations,
                "suggestions": task.suggestions,
                "warnings": [],
                "next": after
                and {
                    "mesh": self.blob(f"mesh-{after.number}."),
                    "atoms": self.blob(f"atoms-{after.number}."),
                },
                "reasons": REASONS,
                "blind": False,
                "opinions": task.opinions,
            }
        }

    def save(self, task: MockTask, body: dict[str, Any]) -> dict[str, Any]:
        """Append operations that are new, as the real server does."""
        if body["epoch"] != task.epoch:
            raise Refusal(409, "lease_lost", "somebody else has this object now")
        known = {operation["id"] for operation in task.operations}
        new = [operation for operation in body["operations"] if operation["id"] not in known]
        if new and body["base_version"] + len(body["operations"]) - len(new) != len(known):
            since = task.operations[body["base_version"] :]
            raise Refusal(409, "conflict", "stale", version=len(known), operations=since)
        state = task.state
        try:
            for operation in new:
                state = step(task.object.base, state, operation_from_json(operation))
        except OperationError as error:
            raise Refusal(422, "operation", str(error)) from error
        task.state = state
        task.operations += new
        return {"version": state.version, "state_hash": state_hash(state), "replayed": 0}

    def submit(self, task: MockTask, body: dict[str, Any]) -> dict[str, Any]:
        """Take a verdict on the state that the page believes in."""
        if body["state_hash"] != state_hash(task.state) or body["version"] != task.state.version:
            raise Refusal(409, "state_mismatch", "page and server do not agree")
        task.done = True
        self.submissions.append({"task": task.number, **body})
        return {"review": len(self.submissions), "state": "decided"}

    def preview(self, task: MockTask, body: dict[str, Any]) -> dict[str, Any]:
        """Faces of the group nearer to the second seed; other tools by the real rules."""
        mesh, base = task.object.mesh, task.object.base
        stamps: dict[str, Any] = {"new_id": lambda: str(uuid.uuid4()), "at": 1}
        if body["tool"] == "mirror":
            surface = read_surface(mesh)
            planes = find_mirror_planes(surface, generator=np.random.default_rng(0))
            return edit(mirrored_gesture(base, surface, planes, task.state, **stamps))
        if body["tool"] == "tree":
            sides = tree_sides(base, task.state, body["group"], count=body["count"])
            plan = plan_split(task.state, body["group"], sides)
            return edit(plan.operations(tool="tree", method="tree", **stamps))
        self.methods.append(body["tool"])
        centroids = mesh.vertices[mesh.faces].mean(axis=1)
        first, second = (centroids[seeds].mean(axis=0) for seeds in body["seeds"])
        nearer = np.linalg.norm(centroids - second, axis=1) < np.linalg.norm(
            centroids - first, axis=1
        )
        faces = np.flatnonzero(nearer & (task.state.group_of_face == body["group"]))
        return {"faces": list(runs_of_faces(faces)), "atoms": [], "operations": []}

    def warnings(self, task: MockTask) -> dict[str, Any]:
        """Parts without a name, once anything is named."""
        state = task.state
        unnamed = [int(g) for g in state.groups if int(g) not in state.names] if state.names else []
        suggestions = task.suggestions if self.ranked is None else self.ranked
        found = [{"code": "unnamed", "message": f"{len(unnamed)} parts unnamed", "groups": unnamed}]
        return {"warnings": found if unnamed else [], "suggestions": suggestions}

    def post(self, path: list[str], body: dict[str, Any]) -> dict[str, Any]:
        """Answer a request that changes something."""
        match path:
            case ["login"]:
                if body.get("password") != "secret" and body.get("token") != "token":
                    raise Refusal(401, "wrong_credentials", "name or password are wrong")
                self.user = {"name": body.get("name", "local"), "role": "reviewer"}
                return {"user": self.user}
            case ["logout"]:
                self.user = None
                return {"ok": True}
            case ["claim"]:
                return self.claim()
            case ["tasks", number, verb] if verb in ("gold", "force-release"):
                self.released.append((int(number), verb))
                return {"ok": True}
            case ["tasks", number, verb]:
                return self.work(self.task(number), verb, body)
        raise Refusal(404, "not_found", "/".join(path))

    def work(self, task: MockTask, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """Answer a request about a task."""
        match verb:
            case "operations":
                return self.save(task, body)
            case "submit":
                return self.submit(task, body)
            case "preview":
                return self.preview(task, body)
            case "release":
                self.released.append((task.number, body["kind"]))
                self.tasks.append(self.tasks.pop(self.tasks.index(task)))
                return {"ok": True}
            case "reopen":
                task.done = False
                return {"ok": True}
            case "heartbeat":
                return {"lease_until": "2100-01-01T00:00:00Z"}
        raise Refusal(404, "not_found", verb)

    def get(self, path: list[str]) -> Any:
        """Answer a request that only reads."""
        match path:
            case ["session"]:
                return {"user": self.user}
            case ["tasks", number, "warnings"]:
                return self.warnings(self.task(number))
            case _ if "/".join(path) in self.figures:
                return self.figures["/".join(path)]
        raise Refusal(404, "not_found", "/".join(path))


def edit(operations: Iterable[Operation]) -> dict[str, Any]:
    """An edit that the page may make as it is."""
    return {"faces": [], "atoms": [], "operations": [operation_to_json(one) for one in operations]}


class Handler(BaseHTTPRequestHandler):
    """The wire."""

    protocol_version = "HTTP/1.1"
    review: MockReview

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith(API + "blobs/"):
            data = self.review.files[path.removeprefix(API + "blobs/")]
            self.answer(200, data, "application/octet-stream", cache="immutable, max-age=31536000")
        elif path.startswith(API):
            self.call(lambda: self.review.get(path.removeprefix(API).split("/")))
        else:
            self.file(path)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        path = self.path.removeprefix(API).split("/")
        is_save = path[-1] == "operations"
        with self.review.lock:
            if is_save and self.review.fail > 0:
                self.review.fail -= 1
                self.answer(503, b"", "text/plain")
                return
            if is_save and self.review.lose > 0:
                self.review.lose -= 1
                self.review.post(path, body)
                self.answer(502, b"", "text/plain")
                return
        self.call(lambda: self.review.post(path, body))

    def call(self, work: Any) -> None:
        try:
            with self.review.lock:
                status, found = 200, work()
        except Refusal as refusal:
            status, found = refusal.status, refusal.body
        self.answer(status, json.dumps(found).encode(), "application/json")

    def file(self, path: str) -> None:
        found = STATIC / (path.lstrip("/") or "index.html")
        if not found.is_file():
            self.answer(404, b"", "text/plain")
            return
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        self.answer(200, found.read_bytes(), kind)

    def answer(self, status: int, data: bytes, kind: str, *, cache: str = "no-store") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", cache)
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(review: MockReview, *, port: int = 0) -> Iterator[str]:
    """The server on a free port of this machine; its address."""
    handler = type("BoundHandler", (Handler,), {"review": review})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    shown = [knot(int(sys.argv[1]))] if len(sys.argv) > 1 else [chair(f"chair {n}") for n in "abc"]
    with serving(MockReview(shown), port=8123) as address:
        sys.stdout.write(f"{address}\n")
        threading.Event().wait()
