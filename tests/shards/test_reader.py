from __future__ import annotations

import ast
import io
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
import webdataset

from partworks.store import Store
from shards import reader
from shards.reader import (
    ShardDataset,
    ShardIndex,
    ShardsNotFoundError,
    decode_image,
    decode_json,
    decode_points,
)
from tests.shards.made import make_root, read_size

UIDS = [f"obj{number}" for number in range(8)]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = str(tmp_path_factory.mktemp("root"))
    make_root(folder, UIDS)
    return folder


def test_splits_keys_and_members(root: str) -> None:
    index = ShardIndex(root)
    assert index.splits() == ("train", "val")
    assert sorted(index.keys("train") + index.keys("val")) == UIDS
    assert index.keys("nonsense") == ()
    assert index.part_count("obj3") == 6
    assert index.members("obj3")[:3] == ("boxes.00.webp", "boxes.01.webp", "json")


def test_the_shards_folder_is_as_good_as_the_root(root: str) -> None:
    assert ShardIndex(f"{root}/shards/").url == ShardIndex(root).url


def test_members_decode(root: str) -> None:
    index = ShardIndex(root)
    sample = index.read("obj2", ["json", "points.npz", "object.00.webp", "boxes.01.webp"])
    assert decode_json(sample["json"])["uid"] == "obj2"
    points = decode_points(sample["points.npz"])
    assert points.part_surface.shape == (6, 64, 6)
    assert decode_image(sample["object.00.webp"]).shape == (48, 48, 4)
    assert decode_image(sample["boxes.01.webp"]).shape == (48, 48, 3)


def test_random_access_agrees_with_webdataset(root: str) -> None:
    shards = sorted(str(path) for path in Path(root, "shards").glob("*.tar"))
    assert len(shards) == 2
    stream = webdataset.WebDataset(shards, shardshuffle=False)
    index = ShardIndex(root)
    seen = []
    for sample in stream:
        key = sample["__key__"]
        seen.append(key)
        own = {name: data for name, data in sample.items() if not name.startswith("__")}
        assert own == index.read(key, index.members(key))
    assert tuple(seen) == index.keys("train") + index.keys("val")


def test_a_split_is_a_sequence(root: str) -> None:
    index = ShardIndex(root)
    dataset = ShardDataset(index, split="train", members=("json",))
    assert len(dataset) == 7
    assert [dataset[i]["__key__"] for i in (6, 0)] == [index.keys("train")[6], "obj1"]
    assert set(dataset[0]) == {"__key__", "json"}


def test_an_unknown_member_is_named_with_those_there_are(root: str) -> None:
    with pytest.raises(KeyError, match=r"obj1 has no member 'field.npz'; it has boxes.00.webp"):
        ShardIndex(root).read("obj1", ["field.npz"])


@pytest.mark.parametrize("folder", ["", "shards"])
def test_no_shards_says_what_to_do(tmp_path: Path, folder: str) -> None:
    Path(tmp_path, "shards").mkdir()
    with pytest.raises(ShardsNotFoundError, match="partworks run --root"):
        ShardIndex(str(tmp_path / folder))


def test_an_unknown_kind_of_url_says_so() -> None:
    with pytest.raises(ShardsNotFoundError, match="fsspec"):
        ShardIndex("nonsense://bucket/root")


def test_a_shorter_shard_is_noticed(root: str, tmp_path: Path) -> None:
    copy = Store(str(tmp_path))
    original = Store(root)
    for path in original.list("shards"):
        copy.write(path, original.read(path))
    index = ShardIndex(str(tmp_path))
    place = index.locate("obj7", "points.npz")
    copy.write(f"shards/{place.shard}", original.read(f"shards/{place.shard}")[: place.offset + 5])
    with pytest.raises(EOFError, match="not the file that the index was made for"):
        index.read("obj7", ["points.npz"])


def test_other_processes_read_through_it(root: str) -> None:
    index = ShardIndex(root)
    here = [read_size(index, key) for key in UIDS]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        there = list(pool.map(read_size, [index] * 8, UIDS))
    assert here == there
    again = pickle.loads(pickle.dumps(index))  # noqa: TID251
    assert again.keys("train") == index.keys("train")


def test_pickled_arrays_are_refused() -> None:
    buffer = io.BytesIO()
    objects = np.array([{}], object)
    np.savez(buffer, part_surface=objects, object_surface=objects, part_box=objects)
    with pytest.raises(ValueError, match="allow_pickle"):
        decode_points(buffer.getvalue())


def test_it_stands_alone() -> None:
    """It imports no other module of the project, directly or through another."""
    tree = ast.parse(Path(reader.__file__).read_text())
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names - set(sys.stdlib_module_names) == {"fsspec", "numpy", "pyarrow", "PIL"}
    code = (
        "import sys, shards.reader\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('partworks', 'shards')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['shards', 'shards.reader']"
