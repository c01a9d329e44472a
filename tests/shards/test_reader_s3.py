"""The same reader over an object store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from partworks.store import Store
from shards.reader import ShardIndex, ShardsNotFoundError
from tests.shards.made import make_root


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


def test_s3_gives_what_a_folder_gives(bucket: str, tmp_path: Path) -> None:
    make_root(str(tmp_path), ["obj1", "obj2"])
    local, remote = Store(str(tmp_path)), Store(f"{bucket}/run1")
    for path in local.list("shards"):
        remote.write(path, local.read(path))
    here, there = ShardIndex(str(tmp_path)), ShardIndex(f"{bucket}/run1")
    assert there.url == f"{bucket}/run1/shards"
    assert here.keys("train") == there.keys("train") == ("obj1", "obj2")
    names = here.members("obj2")
    assert here.read("obj2", names) == there.read("obj2", names)


def test_an_empty_bucket_says_what_to_do(bucket: str) -> None:
    with pytest.raises(ShardsNotFoundError, match="no shards at s3://shards-test/nothing"):
        ShardIndex(f"{bucket}/nothing")
