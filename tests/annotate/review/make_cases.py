"""Writes `cases/*.json`: logs with the state after every operation, for the page's own fold.

`python -m tests.annotate.review.make_cases`. The states are those of the slow `naive` rules, so the
cases stand apart from both folds that are tested with them.

A case is {name, base: {atom_of_face, tree: {children, heights, default_height}}, first, steps}.
A step is {operation, state}, or {operation, error} for one that is refused and changes nothing.
A state is {version, group_of_atom, atom_runs: [atom, length, …], names: {group: name}, dropped,
can_undo, can_redo, hash}.
"""

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from annotate.review.base import Base
from annotate.review.wire import operation_from_json, operation_to_json
from tests.annotate.review.naive import Naive
from tests.annotate.review.objects import identifier, six
from tests.annotate.review.strategies import logs
from tests.annotate.review.test_checks import REFUSED

CASES = Path(__file__).parent / "cases"

TALK: list[dict[str, Any]] = [
    {"kind": "merge", "groups": [4, 0]},
    {"kind": "rename", "group": 0, "name": "pied arrière – 脚 🪑"},
    {"kind": "drop", "group": 5, "dropped": True},
    {"kind": "refine", "atom": 0, "faces": [0, 1, 15, 1], "method": "geodesic", "apart": False},
    {"kind": "undo"},
    {"kind": "undo"},
    {"kind": "redo"},
    {"kind": "redo"},
    {"kind": "cleave", "group": 0, "atoms": [[0, 6], [4]]},
    {"kind": "undo"},
    {"kind": "level", "count": 2},
    {"kind": "level", "count": 6},
    {"kind": "undo"},
    {"kind": "undo"},
    {"kind": "refine", "atom": 2, "faces": [6, 2], "method": "brush", "apart": True},
    {"kind": "assign", "atoms": [7, 0], "group": 5},
    {"kind": "merge", "groups": [1, 0]},
    {"kind": "undo"},
    {"kind": "undo"},
    {"kind": "undo"},
    {"kind": "redo"},
    {"kind": "rename", "group": 0, "name": ""},
]


def state_of(naive: Naive, version: int) -> dict[str, Any]:
    of = {atom: part.id for part in naive.parts for atom in part.atoms}
    owner = {face: atom for atom, faces in enumerate(naive.faces) for face in faces}
    runs: list[int] = []
    for face in range(len(owner)):
        if runs and runs[-2] == owner[face]:
            runs[-1] += 1
        else:
            runs += [owner[face], 1]
    return {
        "version": version,
        "group_of_atom": [of[atom] for atom in range(len(naive.faces))],
        "atom_runs": runs,
        "names": {str(p.id): p.name for p in sorted(naive.parts, key=lambda p: p.id) if p.name},
        "dropped": sorted(part.id for part in naive.parts if part.dropped),
        "can_undo": bool(naive.history),
        "can_redo": bool(naive.future),
        "hash": naive.hash(),
    }


def case(name: str, start: Base, steps: list[dict[str, Any]]) -> dict[str, Any]:
    """Play the operations, JSON objects; those with a key `error` beside are refused."""
    naive, played, version = Naive.of(start), [], 0
    for entry in steps:
        if "error" in entry:
            played.append(entry)
            continue
        naive.do(operation_from_json(entry["operation"]))
        version += 1
        played.append({**entry, "state": state_of(naive, version)})
    return {
        "name": name,
        "base": {"atom_of_face": start.atom_of_face.tolist(), "tree": start.tree_to_json()},
        "first": state_of(Naive.of(start), 0),
        "steps": played,
    }


def stamped(number: int, fields: dict[str, Any]) -> dict[str, Any]:
    stamp = {"id": identifier(number), "at": 1_700_000_000_000 + number, "tool": "click"}
    return {**stamp, **fields}


def talk() -> dict[str, Any]:
    steps = [{"operation": stamped(number, fields)} for number, fields in enumerate(TALK)]
    return case("a review with every kind of operation", six(), steps)


def refusals() -> dict[str, Any]:
    steps = [
        {"operation": stamped(number, {"kind": kind, **fields}), "error": code}
        for number, (code, kind, fields) in enumerate(REFUSED)
    ]
    ok = stamped(500, {"kind": "level", "count": 2})
    steps += [{"operation": ok}, {"operation": ok, "error": "repeated_id"}]
    return case("operations that do not fit", six(), steps)


def drawn(count: int) -> list[dict[str, Any]]:
    """Cases that hypothesis thinks of; the longest are kept."""
    found: list[dict[str, Any]] = []

    @seed(7)
    @settings(
        max_examples=400,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(logs(most=30))
    def draw(log: Any) -> None:
        start, operations = log
        steps = [{"operation": operation_to_json(operation)} for operation in operations]
        found.append(case(f"drawn {len(found)}", start, steps))

    draw()
    # Of what differs in little one is enough: a case for each base, the fullest first.
    by_base = {str(entry["base"]): entry for entry in sorted(found, key=_fullness)}
    best = sorted(by_base.values(), key=_fullness, reverse=True)[:count]
    return [{**entry, "name": f"drawn {rank}"} for rank, entry in enumerate(best)]


def _fullness(entry: dict[str, Any]) -> tuple[int, int, int]:
    kinds = {step["operation"]["kind"] for step in entry["steps"]}
    states = {step["state"]["hash"] for step in entry["steps"]}
    return len(kinds), len(states), len(entry["steps"])


def write(name: str, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (CASES / name).write_text(text.replace(',"steps":', ',\n"steps":') + "\n", encoding="utf-8")


def main() -> None:
    CASES.mkdir(exist_ok=True)
    write("every_kind.json", talk())
    write("refused.json", refusals())
    for rank, entry in enumerate(drawn(12)):
        write(f"drawn_{rank:02}.json", entry)


if __name__ == "__main__":
    main()
