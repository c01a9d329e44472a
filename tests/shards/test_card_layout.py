from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from shards.card_layout import layout
from tests.shards.made_shards import make_sample, write_shards


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    buffer = io.BytesIO()
    surface = np.zeros((2, 5, 6), np.float32)
    arrays = {"part_surface": surface, "object_surface": surface[0]}
    boxes = np.zeros((2, 2, 3), np.float32)
    np.savez(buffer, part_box=boxes, part_center=boxes[:, 0], part_scale=boxes[:, 0, 0], **arrays)
    points = {"points.npz": buffer.getvalue()}
    return write_shards(
        tmp_path / "set", {"a": make_sample("a", points), "b": make_sample("b", points)}
    )


def test_the_code_of_the_card_runs(shards: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shards)
    blocks = re.findall(r"```python\n(.*?)```", (shards / "README.md").read_text(), re.S)
    assert len(blocks) == 2
    plain: dict[str, Any] = {}
    exec(blocks[0], plain)
    assert plain["record"]["uid"] == "b"
    assert plain["points"]["part_surface"].shape == (2, 5, 6)
    assert plain["view"] == b"view"
    indexed: dict[str, Any] = {}
    exec(blocks[1].replace("path/or/address/of/this/folder", str(shards)), indexed)
    assert indexed["points"].part_surface.shape == (2, 5, 6)


def test_every_file_beside_the_shards_is_explained(shards: Path) -> None:
    explained = layout()
    for path in shards.iterdir():
        if (
            path.is_file()
            and path.suffix != ".tar"
            and path.name not in ("README.md", ".gitattributes")
        ):
            assert f"`{path.name}`" in explained


def test_columns_that_are_named_are_there(shards: Path) -> None:
    row = next(line for line in layout().splitlines() if line.startswith("| `index.parquet`"))
    named = set(re.findall(r"`(\w+)`", row))
    assert named <= set(pq.read_schema(shards / "index.parquet").names)
