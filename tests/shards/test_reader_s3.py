"""The same reader over an object store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from partworks.store import Store
from shards.reader import ShardIndex, ShardsNotFoundError, stream
from tests.shards.reader_set import cut, write_set


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    fs = fsspec.filesystem("s3", skip_instance_cache=True)
    fs.makedirs("shards-test", exist_ok=True)
    type(fs).clear_instance_cache()
    yield "s3://shards-test"
    type(fs).clear_instance_cache()
    server.stop()


def upload(folder: Path, url: str) -> None:
    local, remote = Store(str(folder)), Store(url)
    for path in local.list(""):
        remote.write(path, local.read(path))


def test_s3_gives_what_a_folder_gives(bucket: str, tmp_path: Path) -> None:
    upload(write_set(tmp_path), f"{bucket}/run1/shards")
    here, there = ShardIndex(str(tmp_path)), ShardIndex(f"{bucket}/run1")
    assert there.url == f"{bucket}/run1/shards"
    keys = here.keys("train")
    assert there.keys("train") == keys
    assert here.read_many(keys, ["*"]) == there.read_many(keys, ["*"])
    assert here.read("s005", ["points.npz"]) == there.read("s005", ["points.npz"])
    streams = [
        [sample["__key__"] for sample in stream(index, members=["json"])] for index in (here, there)
    ]
    assert streams[0] == streams[1]


def test_samples_that_lie_together_are_one_request(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(write_set(tmp_path), f"{bucket}/run1/shards")
    index = ShardIndex(f"{bucket}/run1")
    index.read("s000", ["json"])
    asked: list[int] = []
    files = index._files._fs
    original = files.cat_ranges

    def cat_ranges(paths: list[str], *rest: Any, **options: Any) -> Any:
        asked.append(len(paths))
        return original(paths, *rest, **options)

    monkeypatch.setattr(files, "cat_ranges", cat_ranges)
    index.read_many(index.keys("train"), ["json", "points.npz"])
    assert asked == [3]  # as many as there are shards


def test_damage_in_a_bucket_is_found_as_in_a_folder(bucket: str, tmp_path: Path) -> None:
    folder = write_set(tmp_path)
    place = ShardIndex(str(folder)).locate("s006", "points.npz")
    cut(folder / "train-000001.tar", place.offset + 3)
    (folder / "train-000002.tar").unlink()
    upload(folder, f"{bucket}/run1")
    index = ShardIndex(f"{bucket}/run1")
    damaged = {error.sample: str(error) for error in index.damaged("train")}
    assert list(damaged) == ["s006", "s007", "s008", "s009", "s010", "s011"]
    assert all("ends before byte" in damaged[key] for key in ("s006", "s007", "s008"))
    assert all("is not there" in damaged[key] for key in ("s009", "s010", "s011"))


def test_an_empty_bucket_says_what_to_do(bucket: str) -> None:
    with pytest.raises(ShardsNotFoundError, match="no shards at s3://shards-test/nothing"):
        ShardIndex(f"{bucket}/nothing")
