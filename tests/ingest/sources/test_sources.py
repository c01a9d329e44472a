from __future__ import annotations

import hashlib
import pickle
from dataclasses import replace

import pytest

from ingest.samples import SAMPLES, build_sample
from ingest.sources import fetch, open_source
from partworks.errors import Failed, UsageError
from partworks.geometry.glb import write_glb


@pytest.mark.parametrize(
    "spec", ["", "sample", "objavers:lvis=mug", "s3://bucket", "samples:chair"]
)
def test_an_unknown_source_names_the_known_ones(spec: str) -> None:
    with pytest.raises(UsageError, match="samples"):
        open_source(spec)


@pytest.mark.parametrize("spec", ["folder:", "folder:/no/such/place"])
def test_a_folder_must_exist(spec: str) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        open_source(spec)


def test_samples_are_listed_by_name_with_their_licence() -> None:
    source = open_source("samples")
    records = list(source.records())
    assert [record.location for record in records] == sorted(SAMPLES)
    assert {record.licence for record in records} == {"CC0-1.0"}
    assert {record.attribution for record in records} == {"Partworks contributors"}
    assert {record.ext for record in records} == {"glb"}
    assert source.duplicates == {} and source.ignored == {}
    assert records == list(open_source("samples").records())


def test_a_samples_uid_is_the_hash_of_what_is_fetched() -> None:
    for record in open_source("samples").records():
        data = fetch(record)
        assert record.uid == hashlib.sha256(data).hexdigest()[:32]
        assert data == write_glb(build_sample(record.location).mesh)


def test_records_travel() -> None:
    for record in open_source("samples").records():
        wire = pickle.dumps(record)
        assert len(wire) < 1000
        assert fetch(pickle.loads(wire)) == fetch(record)  # noqa: TID251


def test_bytes_other_than_those_listed_are_a_failure() -> None:
    record = next(open_source("samples").records())
    with pytest.raises(Failed, match="fetch_failed"):
        fetch(replace(record, uid="0" * 32))
