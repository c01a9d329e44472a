"""Reaching Ray; what runs on it is tested in `test_engine.py` and `test_workers.py`."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from partworks.cli import main


@pytest.mark.usefixtures("toys")
@pytest.mark.timeout(60)
def test_an_address_where_nobody_listens_is_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    root = ["--root", str(tmp_path), "--source", "toy:ok"]
    assert main(["run", *root, "--ray", f"127.0.0.1:{port}"]) == 2
    assert f"nobody answers at --ray 127.0.0.1:{port}" in capsys.readouterr().err
