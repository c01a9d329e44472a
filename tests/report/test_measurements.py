from __future__ import annotations

from pathlib import Path

from partworks.ledger import Ledger
from partworks.report.measurements import MANY_WORDS, measure
from partworks.store import Store
from tests.report.made import MadeRoot


def test_what_the_latest_good_attempts_say(tmp_path: Path) -> None:
    root = MadeRoot(Store(str(tmp_path)))
    root.add("ingest", "a", {"x/a": b"123", "y/a": b"4"}, faces=10, licence="CC0-1.0", note="")
    root.add("ingest", "b", {"x/b": b"12"}, faces=4, licence="CC0-1.0")
    root.add("ingest", "c", status="failed", reason="exception", faces=99)
    root.add("ingest", "a", {"x/a": b"12345"}, faces=12, licence="MIT")
    root.close()
    found = measure(Ledger(root.store), "ingest")
    assert found.seconds.tolist() == [1.25, 0.75]
    assert found.sizes.tolist() == [5, 2]
    assert found.numbers["faces"].tolist() == [4, 12]
    assert found.words == {"licence": {"CC0-1.0": 1, "MIT": 1}}
    assert found.tools == {"partworks": {"0.1.0": 2}}


def test_a_stage_that_never_ran(tmp_path: Path) -> None:
    found = measure(Ledger(Store(str(tmp_path))), "segment")
    assert (len(found.seconds), len(found.sizes), found.cost) == (0, 0, 0.0)
    assert not found.numbers and not found.words and not found.tools


def test_words_that_name_objects_are_left_out(tmp_path: Path) -> None:
    root = MadeRoot(Store(str(tmp_path)))
    for number in range(MANY_WORDS + 1):
        root.add("ingest", f"u{number}", name=f"object {number}", size="nan" if number else 1)
    root.close()
    found = measure(Ledger(root.store), "ingest")
    assert "name" not in found.words
    assert found.words["size"] == {"1": 1, "nan": MANY_WORDS}
    assert "size" not in found.numbers
    assert found.sizes.tolist() == [0] * (MANY_WORDS + 1)
