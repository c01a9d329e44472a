from __future__ import annotations

import pytest

from partworks.estimation import estimate_stages, sample_records
from partworks.records import Attempt, Output, SourceRecord


def attempt(stage: str, seconds: float, size: int, cost: float = 0.0) -> Attempt:
    return Attempt(
        uid="u",
        stage=stage,
        status="ok",
        fingerprint="f",
        seconds=seconds,
        cost=cost,
        outputs=(Output(path="x", sha256="0", size=size),),
    )


def test_the_sample_is_drawn_without_replacement_and_repeats() -> None:
    records = [SourceRecord(uid=f"u{number}", location="", ext="glb") for number in range(50)]
    first = sample_records(records, 10, seed=3)
    assert len({record.uid for record in first}) == 10
    assert first == sample_records(records, 10, seed=3)
    assert first != sample_records(records, 10, seed=4)
    assert sample_records(records, 99, seed=0) == tuple(records)


def test_everything_scales_with_the_number_of_objects() -> None:
    attempts = {
        "ingest": [attempt("ingest", 1.0, 100), attempt("ingest", 3.0, 300)],
        "caption": [attempt("caption", 2.0, 10, cost=0.01)],
    }
    ingest, caption = estimate_stages(attempts, sampled=2, total=200, extra={"ingest": {"a": 50}})
    assert (ingest.objects, ingest.worker_seconds, ingest.disk_bytes) == (200, 400.0, 45_000)
    # 1.645 × standard deviation √2 / √2 objects × 200 objects
    assert ingest.worker_seconds_error == pytest.approx(329.0)
    assert (caption.objects, caption.cost) == (100, pytest.approx(1.0))
