"""kill -9: what was answered is never asked, and never paid, again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from caption.vlm.captioner import VlmCaptioner
from partworks.store import Store
from tests.caption.server import Server
from tests.caption.vlm.subjects import config, facts, picture, pictures

PARTS = 30
HALF = 20
WORKER = """
import sys
from pathlib import Path
from tests.caption.vlm.test_kill import caption
caption(sys.argv[1], Path(sys.argv[2]))
"""


def caption(url: str, folder: Path) -> bytes:
    each = VlmCaptioner(
        config(url, timeout_s=60.0, budget=1e3), store=Store(str(folder)), max_words=15
    )
    found = each.caption(facts(PARTS), pictures(PARTS), picture(60_000))
    each.close()
    return found.to_bytes()


def test_a_killed_worker_has_what_was_answered(tmp_path: Path) -> None:
    with Server(hold_after=HALF) as server:
        process = subprocess.Popen([sys.executable, "-c", WORKER, server.url, str(tmp_path)])
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("requests/replies/*/*.json"))) < HALF:
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        answered = [seen.digest for seen in server.log if seen.answered]
        assert len(answered) == HALF
        server.hold_after = 10**9
        found = caption(server.url, tmp_path)
        paid = Counter(seen.digest for seen in server.log if seen.answered)
        assert max(paid.values()) == 1 and set(answered) < set(paid)
        assert len(paid) == 2 * (PARTS + 1) + 1
        # The same bytes as of a run that nobody has killed.
        assert caption(server.url, tmp_path / "other") == found
