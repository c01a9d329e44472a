"""A review server in a process of its own, which tests may kill; and reviewers that survive it."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotate.database.rules import QueueRules
from annotate.server.serve import run
from annotate.server.settings import Limits, ServerSettings
from tests.annotate.server.scene import hash_of, merge

PATIENCE_S = 60.0


@dataclass
class LiveServer:
    """The process, restarted on the same port."""

    url: str
    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    killed: int = 0

    def __post_init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, "-m", __name__, self.url, str(self.folder), str(self.port)]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.folder / "server.log").read_text()[-3000:]
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        """The hard way, in the middle of whatever it does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.killed += 1

    def stop(self) -> None:
        """The gentle way."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None


@dataclass
class Reviewer:
    """A script at work: claims, edits, submits, and asks again when no answer comes.

    Attributes:
        decided: task -> the ids of its operations and the verdict, once the server has said yes.
        seconds: verb -> how long its requests took, those without an answer left out.
        think_s: mean pause before a request.
        lost: requests that got no answer.
    """

    port: int
    name: str
    cookie: str
    seed: int
    think_s: float = 0.0
    skips: float = 0.0
    decided: dict[int, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    skipped: list[int] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    lost: int = 0
    problem: str = ""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.connection: http.client.HTTPConnection | None = None

    def edits(self, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What is still to be done after what was made: two merges in all."""
        done = {one["groups"][0] for one in made}
        left = [groups for groups in ((0, 1), (2, 3), (4, 5), (6, 7)) if groups[0] not in done]
        return [merge(*groups) for groups in self.random.sample(left, 2 - len(made))]

    def run(self, most: int = 10**9) -> None:
        """Work until nothing is left, or for `most` tasks."""
        try:
            idle = 0
            while idle < 3 and len(self.decided) < most:
                if self.step():
                    idle = 0
                else:
                    idle += 1
                    time.sleep(0.2)
        except Exception as error:  # noqa: BLE001  a thread's error belongs to the test
            self.problem = f"{self.name}: {type(error).__name__}: {error}"

    def step(self) -> bool:
        """One task; whether there was one."""
        status, answer, _ = self.ask("claim", "claim", {})
        assert status == 200, answer
        task = answer["task"]
        if task is None:
            return False
        path = f"tasks/{task['id']}"
        made = list(task["operations"])
        if self.random.random() < self.skips:
            status, answer, again = self.ask(
                "release", f"{path}/release", {"epoch": task["epoch"], "kind": "skip"}
            )
            assert status == 200 or (again and answer["code"] == "lease_lost"), answer
            self.skipped.append(task["id"])
            return True
        state_hash = None
        for posted in self.edits(made):
            body = {"epoch": task["epoch"], "base_version": len(made), "operations": [posted]}
            status, answer, _ = self.ask("operations", f"{path}/operations", body)
            assert status == 200, answer
            made.append(posted)
            assert answer["version"] == len(made)
            state_hash = answer["state_hash"]
        verdict = self.random.choice(["accept", "accept", "reject"])
        body = {
            "epoch": task["epoch"],
            "version": len(made),
            "state_hash": state_hash or hash_of(made),
            "verdict": verdict,
            "reason": "scan" if verdict == "reject" else "",
            "active_ms": 1000,
        }
        status, answer, _ = self.ask("submit", f"{path}/submit", body)
        assert status == 200, answer
        assert task["id"] not in self.decided, "one task, decided twice by one reviewer"
        self.decided[task["id"]] = (tuple(one["id"] for one in made), verdict)
        return True

    def ask(self, verb: str, path: str, body: Any) -> tuple[int, Any, bool]:
        """POST until an answer comes: status, body, and whether it was asked more than once."""
        if self.think_s:
            time.sleep(self.random.expovariate(1 / self.think_s))
        deadline = time.monotonic() + PATIENCE_S
        again = False
        while True:
            start = time.perf_counter()
            try:
                status, answer = self._post(path, body)
            except (OSError, http.client.HTTPException):
                self.connection = None
                self.lost += 1
                again = True
                assert time.monotonic() < deadline, "no answer for a minute"
                time.sleep(0.1)
                continue
            self.seconds.setdefault(verb, []).append(time.perf_counter() - start)
            return status, answer, again

    def _post(self, path: str, body: Any) -> tuple[int, Any]:
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            self.connection.connect()
            # Head and body go in two writes; the second must not wait for an acknowledgement.
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.request(
            "POST",
            f"/api/v1/{path}",
            json.dumps(body),
            {"Content-Type": "application/json", "Cookie": f"partworks_session={self.cookie}"},
        )
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())


def work_all(reviewers: list[Reviewer], *, most: int = 10**9) -> list[threading.Thread]:
    """Start all of them, each in a thread."""
    threads = [threading.Thread(target=one.run, args=(most,)) for one in reviewers]
    for thread in threads:
        thread.start()
    return threads


def main(url: str, folder: str, port: str) -> None:
    """What runs in the process."""
    settings = ServerSettings(
        database=url,
        blobs=Path(folder) / "blobs",
        static=Path(folder) / "static",
        port=int(port),
        rules=QueueRules(gold_share=0.0, skips=1000),
        limits=Limits(writes=100_000, writes_per_second=10_000),
    )
    run(settings)


if __name__ == "__main__":
    main(*sys.argv[1:])
