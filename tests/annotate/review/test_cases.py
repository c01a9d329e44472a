"""The cases that this fold and the page's share; the page's own tests play them too."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotate.review.base import Base
from annotate.review.digest import state_hash
from annotate.review.errors import OperationError
from annotate.review.fold import fold, step
from annotate.review.state import State, first_state
from annotate.review.wire import operation_from_json
from tests.annotate.review.make_cases import CASES, refusals, talk

FILES = sorted(CASES.glob("*.json"))


def seen(state: State) -> dict[str, Any]:
    return {
        "version": state.version,
        "group_of_atom": state.group_of_atom.tolist(),
        "atom_runs": state.atom_runs.reshape(-1).tolist(),
        "names": {str(group): state.names[group] for group in sorted(state.names)},
        "dropped": sorted(state.dropped),
        "can_undo": state.can_undo,
        "can_redo": state.can_redo,
        "hash": state_hash(state),
    }


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_case(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    base = Base.from_json(np.asarray(case["base"]["atom_of_face"]), case["base"]["tree"])
    state, log = first_state(base), []
    assert seen(state) == case["first"]
    for entry in case["steps"]:
        operation = operation_from_json(entry["operation"])
        if "error" in entry:
            with pytest.raises(OperationError) as found:
                step(base, state, operation)
            assert found.value.code == entry["error"]
            continue
        state = step(base, state, operation)
        log.append(operation)
        assert seen(state) == entry["state"]
    assert seen(fold(base, log)) == seen(state)


def test_there_are_cases_of_every_kind() -> None:
    cases = [json.loads(path.read_text(encoding="utf-8")) for path in FILES]
    kinds = {step["operation"]["kind"] for case in cases for step in case["steps"]}
    assert kinds >= {"merge", "cleave", "refine", "level", "assign", "rename", "drop", "undo"}
    assert sum(len(case["steps"]) for case in cases) > 100


@pytest.mark.parametrize(("name", "made"), [("every_kind", talk), ("refused", refusals)])
def test_cases_are_as_they_are_written(name: str, made: Any) -> None:
    assert json.loads((CASES / f"{name}.json").read_text(encoding="utf-8")) == made()
