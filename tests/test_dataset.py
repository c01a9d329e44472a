from __future__ import annotations

from pathlib import Path

import pytest

from partworks import dataset
from partworks.dataset import Dataset, SourceSummary, StageRecord
from partworks.errors import UsageError
from partworks.records import Output
from partworks.store import Store


def test_a_dataset_survives_its_file(tmp_path: Path) -> None:
    outputs = (Output(path="shards/a.tar", sha256="0" * 64, size=3),)
    made = Dataset(
        seed=7,
        source=SourceSummary(spec="samples", records=14, ignored={"md": 1}),
        stages={
            "ingest": StageRecord(version=1, settings={"min_faces": 4}, fingerprint="f" * 64),
            "shards": StageRecord(
                version=2, settings={}, fingerprint="e" * 64, outputs=outputs, made_of="d"
            ),
        },
    )
    store = Store(str(tmp_path))
    dataset.save(store, made)
    assert dataset.load(store) == made
    first = store.read("dataset.json")
    dataset.save(store, made)
    assert store.read("dataset.json") == first


def test_a_folder_without_one_is_no_root(tmp_path: Path) -> None:
    assert dataset.load(Store(str(tmp_path))) is None
    with pytest.raises(UsageError, match="partworks run --root"):
        dataset.require(Store(str(tmp_path)))
