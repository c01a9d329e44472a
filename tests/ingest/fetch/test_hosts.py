from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.fetch import places
from ingest.fetch.clock import Clock
from ingest.fetch.hosts import pause, paused_for, slot
from ingest.fetch.trouble import Trouble

URL = "http://host.invalid:8/a"
HOLD = """
import random, sys, time
from ingest.fetch.clock import Clock
from ingest.fetch.hosts import slot
with slot(sys.argv[1], per_host=1, clock=Clock(60), generator=random.Random(0)):
    sys.stdout.write("held")
    sys.stdout.flush()
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("ingest.fetch.hosts.subfolder", lambda _: tmp_path)


def test_a_slot_goes_with_the_process_that_held_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"partworks-{os.getuid()}").mkdir(mode=0o700)
    folder = tmp_path / f"partworks-{os.getuid()}" / "hosts"
    folder.mkdir()
    monkeypatch.setattr("ingest.fetch.hosts.subfolder", lambda _: folder)
    holder = subprocess.Popen([sys.executable, "-c", HOLD, URL], stdout=subprocess.PIPE)
    assert holder.stdout is not None and holder.stdout.read(4) == b"held"
    with (
        pytest.raises(Trouble, match=r"fetch_timeout.*all 1 transfers from host.invalid:8"),
        slot(URL, per_host=1, clock=Clock(0.3), generator=random.Random(0)),
    ):
        pass
    with slot("http://other.invalid/", per_host=1, clock=Clock(0.3), generator=random.Random(0)):
        pass
    holder.kill()
    holder.communicate()
    with slot(URL, per_host=1, clock=Clock(5), generator=random.Random(0)):
        pass


def test_a_pause_is_the_hosts_and_ends() -> None:
    assert paused_for(URL) == 0
    pause(URL, 1000)
    assert 900 < paused_for("http://HOST.invalid:8/other?x=1") <= 1000
    assert paused_for("https://host.invalid:8/a") == paused_for("http://host.invalid/") == 0
    end = time.time() + 0.4
    pause(URL, 0.4)
    with slot(URL, per_host=1, clock=Clock(60), generator=random.Random(0)):
        assert time.time() >= end
    assert paused_for(URL) == 0


def test_a_folder_that_is_not_ours_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / f"partworks-{places.os.getuid()}").symlink_to("/etc")
    places.scratch.cache_clear()
    try:
        with pytest.raises(OSError, match="is not a folder of user"):
            places.scratch()
    finally:
        places.scratch.cache_clear()
