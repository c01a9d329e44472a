from __future__ import annotations

import pyarrow as pa
import pytest

from partworks.records import LEDGER_SCHEMA, Attempt, Output, SourceRecord


def test_an_attempt_survives_arrow() -> None:
    attempt = Attempt(
        uid="abc",
        stage="render",
        status="failed",
        fingerprint="f" * 64,
        reason="deadline",
        message="zu spät 🕰",
        outputs=(Output(path="a/b", sha256="0" * 64, size=3),),
        metrics={"views": 8, "share": 0.1, "backend": "raster", "one": "1e5x"},
        tools={"bpy": "4.5"},
        seconds=1.25,
    )
    table = pa.Table.from_pylist([attempt.to_row()], schema=LEDGER_SCHEMA)
    assert Attempt.from_row(table.to_pylist()[0]) == attempt


@pytest.mark.parametrize("uid", ["", "a/b", "..", "a.b", "x" * 65, "ü", "a b", "a\n"])
def test_a_uid_that_could_harm_is_refused(uid: str) -> None:
    with pytest.raises(ValueError, match="uid"):
        SourceRecord(uid=uid, location="", ext="glb")
