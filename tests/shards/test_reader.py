"""The reader on what the stage writes, and what stands beside it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import webdataset

from shards import reader
from shards.reader import (
    Draws,
    ShardDataset,
    ShardIndex,
    StepBatches,
    decode_image,
    decode_json,
    decode_points,
    stream,
)
from tests.shards.made import make_root

UIDS = [f"obj{number}" for number in range(8)]
# A package is imported by its submodules too, so all of the reader's are looked at.
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "concepts" / "reading.md"
MODULES = sorted(Path(reader.__file__).parent.glob("*.py"))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = str(tmp_path_factory.mktemp("root"))
    make_root(folder, UIDS)
    return folder


def shards(root: str) -> list[str]:
    return sorted(str(path) for path in Path(root, "shards").glob("*.tar"))


def test_the_shards_folder_is_as_good_as_the_root(root: str) -> None:
    assert ShardIndex(f"{root}/shards/").url == ShardIndex(root).url


def test_members_decode(root: str) -> None:
    index = ShardIndex(root)
    assert index.checks
    assert sorted(key for split in index.splits() for key in index.keys(split)) == UIDS
    assert index.part_count("obj3") == 6
    sample = index.read("obj2", ["json", "points.npz", "object.00.webp", "boxes.01.webp"])
    assert decode_json(sample["json"])["uid"] == "obj2"
    points = decode_points(sample["points.npz"])
    assert points.part_surface.shape == (6, 64, 6)
    assert decode_image(sample["object.00.webp"]).shape == (48, 48, 4)
    assert decode_image(sample["boxes.01.webp"]).shape == (48, 48, 3)


def test_every_member_of_every_sample_decodes_and_none_is_damaged(root: str) -> None:
    index = ShardIndex(root)
    for split in index.splits():
        assert not list(index.damaged(split))
        for sample in stream(index, split=split, members=["*"], on_damage="raise"):
            assert set(sample) == {"__key__", *index.members(sample["__key__"])}


def test_random_access_agrees_with_webdataset(root: str) -> None:
    index = ShardIndex(root)
    seen = []
    for sample in webdataset.WebDataset(shards(root), shardshuffle=False):
        key = sample["__key__"]
        seen.append(key)
        own = {name: data for name, data in sample.items() if not name.startswith("__")}
        assert own == index.read(key, index.members(key))
    assert sorted(seen) == UIDS


def test_webdataset_reads_and_decodes_without_us(root: str) -> None:
    """As docs/concepts/reading.md shows it."""
    dataset = webdataset.WebDataset(shards(root), shardshuffle=False).decode("rgba8")
    for sample in dataset.to_tuple("json", "points.npz", "object.00.webp"):
        record, points, view = sample
        assert len(record["parts"]) == len(points["part_surface"]) == 6
        assert (view.shape, view.dtype) == ((48, 48, 4), "uint8")


def test_the_documentation_runs(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its pieces of code one after another, on this training set."""
    blocks = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert len(blocks) == 5
    assert "shards.reader" not in blocks[0]
    dataset = ShardDataset(ShardIndex(root), split="train", members=["json"])
    draws = Draws(len(dataset), seed=0)
    state = StepBatches(draws, batch_size=8).state_dict(step=3)
    names: dict[str, Any] = {"rank": 0, "world": 1, "checkpoint": {"batches": state}}
    names["steps_done"] = 4
    for block in blocks:
        code = block.replace("data/samples", root).replace("s3://bucket/run1", root)
        exec(code, names)
        if "loader" in names:
            loader = names.pop("loader")
            batches = list(islice(loader, 4))
            assert batches[0][0]["points.npz"].part_surface.shape == (6, 64, 6)
            endless = "__place__" in batches[0][0]
            assert sum(len(batch) for batch in batches) == (4 * 8 if endless else len(dataset))
    assert names["checkpoint"]["batches"]["place"] == 32
    assert capsys.readouterr().out.count("(6, 64, 6) (48, 48, 4)") == len(dataset)


def test_it_stands_alone() -> None:
    """It imports no other module of the project, directly or through another, and no torch."""
    assert len(MODULES) > 10
    names = {
        name.split(".")[0]
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    needed = {"fsspec", "numpy", "pyarrow", "PIL"}
    assert names - set(sys.stdlib_module_names) == {*needed, "torch", "shards"}
    code = (
        "import sys, shards.reader\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('partworks', 'shards', 'torch')"
        " and not m.startswith('shards.reader.')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['shards', 'shards.reader']"
