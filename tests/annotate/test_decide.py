from pathlib import Path

import numpy as np
import pytest

from annotate.decide import decide
from annotate.exchange.decided import Decided
from annotate.review.operations import Merge, Undo
from annotate.stage import Annotate
from partworks.artifacts.parts import Parts
from partworks.errors import Failed, Rejected
from partworks.store import Store
from tests.annotate.reviewing import DROP_TOP, PAIRS, decided_on, put_table, stamp


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def made(store: Store, decided: Decided) -> Parts:
    mesh, segments, _ = put_table(store)
    return decide(mesh, segments, decided=decided, generator=np.random.default_rng(0))


def test_operations_make_the_parts(store: Store) -> None:
    mesh, _, _ = put_table(store)
    parts = made(store, decided_on(store))
    assert parts.face_labels.tolist() == np.asarray([0, 1, 2, 1, 2])[mesh.face_node].tolist()
    assert parts.part_names[0] == "table top" and parts.part_names[1] == "left legs"
    assert parts.part_names[2] and parts.source == "ada, bob"
    assert parts.geometry_hash == mesh.geometry_hash


def test_what_was_undone_is_not_made(store: Store) -> None:
    put_table(store)
    operations = (*PAIRS, Merge(**stamp(5), groups=(0, 1, 2)), Undo(**stamp(6)))
    assert made(store, decided_on(store, made=operations)).count == 3


def test_dropped_parts_are_in_no_part(store: Store) -> None:
    mesh, _, _ = put_table(store)
    parts = made(store, decided_on(store, made=(*PAIRS, DROP_TOP)))
    assert parts.face_labels.tolist() == np.asarray([-1, 0, 1, 0, 1])[mesh.face_node].tolist()
    assert parts.part_names[0] == "left legs"


@pytest.mark.parametrize(
    ("changed", "reason", "words"),
    [
        ({"verdict": "reject", "reason": "scene", "note": "a kitchen"}, "scene", "ada: a kitchen"),
        ({"verdict": "reject", "reason": "scene"}, "scene", "ada"),
        ({"verdict": "reject", "reason": "ugly"}, "other", "ada (ugly)"),
        ({"verdict": "needs-better-atoms"}, "needs_better_atoms", "ada"),
        ({"verdict": "cannot-decide", "note": "?"}, "cannot_decide", "ada: ?"),
    ],
)
def test_a_no_has_the_reviewers_reason(
    store: Store, changed: dict[str, str], reason: str, words: str
) -> None:
    put_table(store)
    with pytest.raises(Rejected) as caught:
        made(store, decided_on(store, **changed))
    assert (caught.value.reason, caught.value.message) == (reason, words)
    assert reason in Annotate.reasons


def test_nothing_left_is_a_no(store: Store) -> None:
    put_table(store)
    everything = (*PAIRS, Merge(**stamp(5), groups=(0, 1, 2)), DROP_TOP)
    with pytest.raises(Rejected, match="no_parts"):
        made(store, decided_on(store, made=everything))


@pytest.mark.parametrize(
    "changed",
    [
        {"state_hash": "0" * 64},
        {"operations": ({"kind": "dance"},)},
        {"operations": ({"kind": "merge", **stamp(1), "groups": [0, 77]},)},
    ],
)
def test_operations_that_make_something_else_are_a_failure(
    store: Store, changed: dict[str, object]
) -> None:
    put_table(store)
    with pytest.raises(Failed, match="decision_mismatch"):
        made(store, decided_on(store, **changed))
