"""Fixtures for the whole suite."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from partworks import cluster, pipeline, stages
from tests.toy_stages import TOYS


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The table of stages holds two toys, and the source is a toy."""
    real = dict(stages.STAGES)
    stages.STAGES.clear()
    stages.STAGES.update(TOYS)
    monkeypatch.setattr(pipeline, "SOURCES", "tests.toy_stages:ToySource")
    yield
    stages.STAGES.clear()
    stages.STAGES.update(real)


@pytest.fixture(scope="module")
def ray_of_two() -> Iterator[None]:
    """A local Ray with two CPUs, kept from test to test because it takes seconds to start."""
    with cluster.session(None, workers=2):
        yield


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """An S3 server on loopback; one for all tests, because clients are kept by fsspec."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a root in a new bucket of that server."""
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"parts-{uuid.uuid4().hex[:8]}"
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket=name)
    return f"s3://{name}/run1"
