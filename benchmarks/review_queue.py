"""Twenty reviewers at one server on this machine: how long requests take, on both databases.

The object has 200,000 faces and 200 atoms. Each task takes five merges, a brush stroke over 500
runs of faces, an undo and a redo. Reviewers pause for a second on average before each
request, which is several times faster than people are; then they do not pause at all.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from annotate.blobs.labels import pack_labels
from tests.annotate.database import postgres
from tests.annotate.server.live import LiveServer, Reviewer, work_all
from tests.annotate.server.scene import Scene
from tests.annotate.server.test_kill import sessions

FACES = 200_000
ATOMS = 200
REVIEWERS = 20
TASKS = 100
PAUSES = (1.0, 0.0)
WANTED_MS = 150


def tree() -> dict[str, Any]:
    """A chain: each row joins one more atom."""
    children = [[0, 1], *([ATOMS + k - 1, k + 1] for k in range(1, ATOMS - 1))]
    heights = np.linspace(0.1, 1.0, ATOMS - 1).tolist()
    return {"children": children, "heights": heights, "default_height": 0.0}


def operation(kind: str, **fields: Any) -> dict[str, Any]:
    """An operation with an id of its own."""
    return {"id": str(uuid.uuid4()), "at": 1, "tool": "benchmark", "kind": kind, **fields}


class Busy(Reviewer):
    """A reviewer who does what the module says."""

    def edits(self, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The same for every task."""
        assert not made
        # Atom 0 has every two-hundredth face; the stroke takes half of them.
        stroke = [number for k in range(500) for number in (k * ATOMS, 1)]
        return [
            *(operation("merge", groups=[2 * k + 2, 2 * k + 3]) for k in range(5)),
            operation("refine", atom=0, faces=stroke, method="brush", apart=True),
            operation("undo"),
            operation("redo"),
        ]


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """The URL of an empty database of each kind that there is."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        found = {"SQLite": f"sqlite:///{folder}/review.db"}
        if postgres.available():
            server = stack.enter_context(postgres.server())
            found["PostgreSQL"] = f"{server}/postgres"
        yield found


def measure(name: str, url: str) -> None:
    """Print the quantiles of each verb."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        scene = Scene(url, folder)
        # Interleaved: every brush stroke and every hash has many runs.
        labels = (np.arange(FACES) % ATOMS).astype(np.int32)
        data, ext = pack_labels(labels)
        atoms = scene.blobs.put(data, ext=ext).name
        uids = [f"t{k:04d}" for k in range(TASKS * len(PAUSES) + REVIEWERS)]
        scene.add(*uids, atoms=atoms, faces=FACES, details={"tree": tree()})
        server = LiveServer(url, folder)
        people = [
            Busy(server.port, one.name, one.cookie, seed=one.seed)
            for one in sessions(scene, REVIEWERS, port=server.port)
        ]
        scene.close()
        server.start()
        try:
            # Connections and the object are there once everybody has done a task.
            _work(people, tasks=1)
            for pause in PAUSES:
                _report(name, people, pause)
        finally:
            server.stop()


def _work(people: list[Busy], *, tasks: int) -> None:
    for one in people:
        one.seconds, one.decided = {}, {}
    for thread in work_all(list(people), most=tasks):
        thread.join()
    problems = [one.problem for one in people if one.problem]
    if problems:
        raise SystemExit(problems[0])


def _report(name: str, people: list[Busy], pause: float) -> None:
    for one in people:
        one.think_s = pause
    _work(people, tasks=TASKS // REVIEWERS)
    print(f"{name}, {REVIEWERS} reviewers, {pause:.1f} s pause:")
    for verb in ("claim", "operations", "submit"):
        seconds = np.asarray([s for one in people for s in one.seconds.get(verb, [])]) * 1000
        middle, high, worst = np.percentile(seconds, (50, 99, 100))
        note = f"  (wanted: 99 % under {WANTED_MS})" if verb == "operations" and pause else ""
        print(
            f"  {verb:<11}{len(seconds):>6} requests: median {middle:6.1f} ms, "
            f"99 % {high:6.1f} ms, worst {worst:6.1f} ms{note}"
        )


def main() -> None:
    """Both databases, one after the other."""
    with databases() as found:
        for name, url in found.items():
            measure(name, url)


if __name__ == "__main__":
    main()
