from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from partworks.errors import Failed, UsageError
from shards.check import check
from shards.published import open_index, read_columns, read_file, read_statistics
from tests.shards.made_shards import make_sample, write_shards


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    return write_shards(tmp_path / "set", {"a": make_sample("a"), "b": make_sample("b")})


def test_columns_come_as_plain_words(shards: Path) -> None:
    table = read_columns(open_index(str(shards)), ["key", "crc32"])
    assert table.column_names == ["key", "crc32"]
    assert set(table["key"].to_pylist()) == {"a", "b"}


def test_a_set_in_a_store_is_read_as_one_in_a_folder(shards: Path) -> None:
    memory = fsspec.filesystem("memory")
    for path in shards.glob("*.*"):
        memory.pipe_file(f"/published/{path.name}", path.read_bytes())
    index = open_index("memory://published")
    assert list(check(index)) == []
    assert read_file(index, "README.md") == (shards / "README.md").read_bytes()
    memory.rm("/published", recursive=True)


def test_no_set_and_a_damaged_one_are_told_apart(shards: Path) -> None:
    with pytest.raises(UsageError, match="no shards"):
        open_index(str(shards.parent))
    (shards / "index.parquet").write_bytes(b"")
    with pytest.raises(Failed, match="damaged_index"):
        open_index(str(shards))


def test_statistics_may_be_missing_but_not_damaged(shards: Path) -> None:
    index = open_index(str(shards))
    assert read_statistics(index)["name"] == "made"
    (shards / "statistics.json").write_bytes(b"{")
    with pytest.raises(Failed, match="damaged_statistics"):
        read_statistics(index)
    (shards / "statistics.json").unlink()
    assert read_statistics(index) == {}
