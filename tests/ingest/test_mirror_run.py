"""A pull from a mirror that misbehaves, killed in the middle, through the command line."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from ingest.samples import SAMPLES, build_sample
from partworks.geometry.glb import write_glb
from partworks.ledger import Ledger
from partworks.records import Attempt
from partworks.store import Store
from tests.ingest.mirror import Manner, Mirror, add_objaverse, serving
from tests.shared_assets import requires_shared, shared


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Manners of one kind: their share in `of` objects, and the reason they end with, if any."""

    share: int
    manner: Manner
    reason: str = ""


CASES = (
    Case(share=4, manner=Manner(kind="not_found"), reason="fetch_not_found"),
    Case(share=2, manner=Manner(kind="refused"), reason="fetch_refused"),
    Case(share=2, manner=Manner(kind="rate_limited"), reason="fetch_rate_limited"),
    Case(share=3, manner=Manner(kind="server_error"), reason="fetch_server_error"),
    Case(share=3, manner=Manner(kind="truncated", versioned=False), reason="fetch_truncated"),
    Case(share=3, manner=Manner(kind="wrong"), reason="fetch_wrong_hash"),
    Case(share=2, manner=Manner(kind="stalled", versioned=False), reason="fetch_timeout"),
    Case(share=1, manner=Manner(kind="file"), reason="fetch_bad_response"),
    Case(share=6, manner=Manner(kind="rate_limited", times=1, retry_after=1)),
    Case(share=3, manner=Manner(kind="rate_limited", times=1, retry_after=1, date=True)),
    Case(share=8, manner=Manner(kind="server_error", times=2)),
    Case(share=8, manner=Manner(kind="truncated", times=2)),
    Case(share=8, manner=Manner(kind="wrong", times=1)),
    Case(share=4, manner=Manner(kind="stalled", times=1)),
)
FLAGS = {
    "attempts": "4", "read_s": "1", "connect_s": "5", "backoff_s": "0.1", "deadline_s": "60",
}  # fmt: skip


def distinct(glb: bytes, number: int) -> bytes:
    """The same object in bytes of its own: a number in the extras of its `asset`."""
    length = struct.unpack("<I", glb[12:16])[0]
    document = json.loads(glb[20 : 20 + length])
    document["asset"].setdefault("extras", {})
    document["asset"]["extras"] |= {"copy": number}
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    rest = glb[20 + length :]
    return b"".join(
        (b"glTF", struct.pack("<II", 2, 20 + len(text) + len(rest)),
         struct.pack("<I", len(text)), b"JSON", text, rest)
    )  # fmt: skip


@cache
def samples() -> tuple[bytes, ...]:
    made = sorted((write_glb(build_sample(name).mesh) for name in SAMPLES), key=len)
    return tuple(made[:2])


def objects(originals: tuple[bytes, ...], count: int) -> dict[str, bytes]:
    return {
        f"{number:04d}{'ab' * 14}": distinct(originals[number % len(originals)], number)
        for number in range(count)
    }


def misbehave(mirror: Mirror, lying: Mapping[str, str], *, every: int) -> dict[str, str]:
    """Give manners to every `every`th object or so, in turn; uid -> the reason it ends with."""
    manners = [case for case in CASES for _ in range(case.share)]
    uids = sorted(lying)
    chosen = uids[:: max(1, every)] if every else uids
    step = len(manners) / len(chosen)
    ends = {}
    for place, uid in enumerate(chosen):
        case = manners[int(place * step)] if step >= 1 else manners[place % len(manners)]
        mirror.manners[lying[uid]] = case.manner
        if case.reason:
            ends[uid] = case.reason
    return ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """Runs of one root against one mirror."""

    root: Path
    home: Path
    mirror: Mirror

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "partworks.cli", "run", "--root", str(self.root)]
        command += ["--source", "objaverse:", "--stages", "ingest", "--run.workers", "2"]
        command += [
            word for key, value in FLAGS.items() for word in (f"--ingest.fetch.{key}", value)
        ]
        environment = {**os.environ, "HOME": str(self.home), "HF_ENDPOINT": self.mirror.url}
        return subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
        )

    def finish(self, *, code: int) -> None:
        process = self.start()
        _, errors = process.communicate(timeout=900)
        assert process.returncode == code, errors.decode()[-3000:]

    def sources(self) -> dict[str, bytes]:
        folder = self.root / "sources"
        return {path.stem: path.read_bytes() for path in folder.glob("*/*.glb")}

    def attempts(self) -> Iterator[Attempt]:
        yield from Ledger(Store(str(self.root))).attempts("ingest")


def requests(mirror: Mirror) -> Counter[str]:
    """uid -> how often its bytes were asked for."""
    lying = (path for path in mirror.paths() if path.startswith("/lying/"))
    return Counter(Path(path).stem for path in lying)


def check_pull(
    tmp_path: Path,
    originals: tuple[bytes, ...],
    *,
    count: int,
    every: int,
    kill_at: int,
    again: bool,
) -> None:
    """Pull, kill, pull to the end, and if asked for pull once more."""
    wanted = objects(originals, count)
    assert len({*wanted.values()}) == count
    with serving(Mirror()) as mirror:
        ends = misbehave(mirror, add_objaverse(mirror, wanted, per_folder=64), every=every)
        pull = Pull(root=tmp_path / "root", home=tmp_path / "home", mirror=mirror)
        pull.home.mkdir()

        killed = pull.start()
        while len(pull.sources()) < kill_at and killed.poll() is None:
            time.sleep(0.05)
        killed.send_signal(signal.SIGKILL)
        _, errors = killed.communicate()
        assert killed.returncode == -signal.SIGKILL, errors.decode()[-3000:]
        wait_for_quiet(mirror)
        there = pull.sources()
        assert kill_at <= len(there) < count - len(ends), "it was killed in the middle"
        mirror.forget()

        pull.finish(code=1)
        asked = requests(mirror)
        assert not {*asked} & {*there}, "nobody asks again for what is there"
        rows = {attempt.uid: attempt for attempt in pull.attempts()}
        assert rows.keys() == wanted.keys()
        failed = {uid: row.reason for uid, row in rows.items() if row.status == "failed"}
        assert failed == ends
        assert pull.sources() == {uid: data for uid, data in wanted.items() if uid not in ends}
        for uid, reason in ends.items():
            row = rows[uid]
            tries = 1 if asked[uid] == 1 else FLAGS["attempts"]
            assert f"{uid}.glb: " in row.message and f"({tries} attempt" in row.message, reason
        if not again:
            return
        mirror.forget()

        pull.finish(code=1)
        assert {*requests(mirror)} <= {*ends}, "a second run asks only for what it has not got"
        assert not [path for path in mirror.paths() if path.endswith(".json.gz")]


def wait_for_quiet(mirror: Mirror) -> None:
    """Until what a killed run had begun has ended."""
    quiet = 0
    while quiet < 20:
        before = len(mirror.paths())
        time.sleep(0.1)
        quiet = quiet + 1 if len(mirror.paths()) == before and not mirror.at_once else 0


def test_a_short_pull(tmp_path: Path) -> None:
    check_pull(tmp_path, samples(), count=14, every=2, kill_at=3, again=False)


@requires_shared
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_hundred_objects(tmp_path: Path) -> None:
    originals = tuple(path.read_bytes() for path in sorted(shared("assets/dev").glob("*.glb")))
    check_pull(tmp_path, originals, count=200, every=2, kill_at=40, again=True)
