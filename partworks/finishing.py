"""The files that belong to a data set as a whole: made by a stage, told of in `dataset.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from partworks import dataset
from partworks.dataset import Dataset, StageRecord
from partworks.records import Attempt, Output
from partworks.stage import AnyStage, Stage
from partworks.store import Store


def has_finish(stage_class: type[AnyStage]) -> bool:
    """Whether a stage makes anything of the data set as a whole."""
    return stage_class.finish is not Stage.finish


def digest(done: Sequence[Attempt], record: StageRecord) -> str:
    """SHA-256 over the rows and all settings, also those that change no object's output."""
    rows = [[attempt.uid, [output.sha256 for output in attempt.outputs]] for attempt in done]
    facts = [record.fingerprint, record.settings, rows]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def finish(stage: AnyStage, done: Sequence[Attempt], *, store: Store, known: Dataset) -> Dataset:
    """Write what a stage makes of `done`, and remove what it made earlier and makes no more.

    While it is under way `dataset.json` says of the files that they are made of nothing known, so
    that an interrupted one is done again.

    Returns:
        `known` with what was made, as it was saved.
    """
    record = known.stages[stage.name]
    earlier = {output.path: output for output in record.outputs} if record.made_of else {}
    known = _save(store, known, stage.name, outputs=record.outputs, made_of="")
    made: dict[str, Output] = {}
    for path, data in stage.finish(done):
        if data is not None:
            made[path] = store.write(path, data)
        else:
            made[path] = earlier.get(path) or _measure(store, path)
    for path in {*(output.path for output in record.outputs), *stage.leftovers()} - made.keys():
        store.delete(path)
    # By path: in which order they were written depends on what was there before.
    outputs = tuple(made[path] for path in sorted(made))
    return _save(store, known, stage.name, outputs=outputs, made_of=digest(done, record))


def _save(
    store: Store, known: Dataset, name: str, *, outputs: tuple[Output, ...], made_of: str
) -> Dataset:
    record = replace(known.stages[name], outputs=outputs, made_of=made_of)
    saved = replace(known, stages={**known.stages, name: record})
    dataset.save(store, saved)
    return saved


def _measure(store: Store, path: str) -> Output:
    """What a file is that a stage kept and no finished run has written down."""
    data = store.read(path)
    return Output(path=path, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
