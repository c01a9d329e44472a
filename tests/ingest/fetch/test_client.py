from __future__ import annotations

import hashlib
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ingest.fetch.client import fetch_url
from ingest.fetch.config import FetchConfig
from ingest.fetch.hosts import paused_for
from ingest.fetch.places import subfolder
from ingest.fetch.trouble import REASONS
from partworks.errors import Failed, Rejected
from tests.ingest.mirror import ALWAYS, Kind, Manner, Mirror, serving

DATA = bytes(range(256)) * 1200  # enough to be worth keeping
QUICK = FetchConfig(attempts=4, backoff_s=0.02, read_s=1.0, connect_s=2.0, deadline_s=60.0)
MOST = 1 << 20


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with serving(Mirror(files={"/a": DATA})) as made:
        yield made


def get(mirror: Mirror, *, path: str = "/a", **other: Any) -> bytes:
    return fetch_url(mirror.url + path, **{"config": QUICK, "most": MOST, **other})


@pytest.mark.parametrize(
    "kind", ["fine", "rate_limited", "server_error", "truncated", "stalled", "gzip"]
)
def test_what_can_be_had_is_had(mirror: Mirror, kind: Kind) -> None:
    mirror.manners["/a"] = Manner(kind=kind, times=2)
    assert get(mirror) == DATA
    assert mirror.count("/a") == (1 if kind in ("fine", "gzip") else 3)


def test_a_wrong_file_is_fetched_again_where_its_sum_is_known(mirror: Mirror) -> None:
    mirror.manners["/a"] = Manner(kind="wrong", times=2)
    assert get(mirror, sha256=hashlib.sha256(DATA).hexdigest().upper()) == DATA
    assert mirror.count("/a") == 3


@pytest.mark.parametrize(
    ("manner", "reason", "requests", "words"),
    [
        (Manner(kind="not_found"), "fetch_not_found", 1, "HTTP 404 Not Found: no, 404"),
        (Manner(kind="not_found", status=410), "fetch_not_found", 1, "HTTP 410"),
        (Manner(kind="refused"), "fetch_refused", 1, "HTTP 403 Forbidden"),
        (Manner(kind="refused", status=451), "fetch_refused", 1, "HTTP 451"),
        (Manner(kind="rate_limited"), "fetch_rate_limited", 4, "HTTP 429 Too Many Requests"),
        (Manner(kind="server_error"), "fetch_server_error", 4, "HTTP 500 Internal Server Error"),
        (Manner(kind="server_error", status=503), "fetch_server_error", 4, "HTTP 503"),
        (Manner(kind="server_error", status=599), "fetch_server_error", 4, "HTTP 599"),
        (Manner(kind="truncated", versioned=False), "fetch_truncated", 4, "broke off"),
        (Manner(kind="wrong"), "fetch_wrong_hash", 4, "expected was"),
        (Manner(kind="stalled", versioned=False), "fetch_timeout", 4, "stalled|took more"),
        (Manner(kind="silent"), "fetch_timeout", 4, "stalled|took more"),
        (Manner(kind="brotli"), "fetch_bad_response", 1, "'br'"),
        (Manner(kind="bomb"), "fetch_too_large", 1, "the limit is 1048576"),
        (Manner(kind="elsewhere"), "fetch_bad_response", 1, "ftp://"),
        (Manner(kind="file"), "fetch_bad_response", 1, "file:///etc/passwd"),
        (Manner(kind="circle"), "fetch_bad_response", 6, "more than 5 redirects"),
        (Manner(kind="unasked_range"), "fetch_bad_response", 4, "asked for a rest"),
    ],
)
def test_what_cannot_be_had_says_why(
    mirror: Mirror, manner: Manner, reason: str, requests: int, words: str
) -> None:
    mirror.manners["/a"] = manner
    with pytest.raises((Failed, Rejected)) as caught:
        get(mirror, sha256=hashlib.sha256(DATA).hexdigest())
    error = caught.value
    assert isinstance(error, Failed | Rejected)
    assert error.reason == reason and reason in REASONS
    assert isinstance(error, Rejected) == (reason == "fetch_too_large")
    assert re.search(words, error.message), error.message
    assert mirror.count("/a") == requests
    attempts = 1 if manner.kind == "circle" else requests
    assert f"({attempts} attempt" in error.message
    assert error.message.startswith(f"{mirror.url}/a: ")


def test_a_transfer_that_drips_is_ended(mirror: Mirror) -> None:
    mirror.manners["/a"] = Manner(kind="dripping", times=1)
    assert get(mirror) == DATA
    first, second = mirror.asked
    assert len(DATA) // 2 <= int(second.range[6:-1]) < len(DATA) - 1000
    assert second.at > first.at + QUICK.read_s, "it was given its time"


def test_a_broken_transfer_goes_on_where_it_broke(mirror: Mirror) -> None:
    mirror.manners["/a"] = Manner(kind="truncated", times=2)
    assert get(mirror) == DATA
    half = len(DATA) // 2
    assert [asked.range for asked in mirror.asked] == [
        "",
        f"bytes={half}-",
        f"bytes={half + (len(DATA) - half) // 2}-",
    ]


def test_a_later_run_goes_on_too(mirror: Mirror) -> None:
    mirror.manners["/a"] = Manner(kind="truncated", times=1)
    once = FetchConfig(attempts=1)
    with pytest.raises(Failed, match="fetch_truncated"):
        get(mirror, config=once)
    assert get(mirror, config=once) == DATA
    assert mirror.asked[-1].range == f"bytes={len(DATA) // 2}-"
    assert get(mirror, config=once) == DATA
    assert mirror.asked[-1].range == "", "what has been had whole is not gone on from"


def test_bytes_of_two_versions_are_never_mixed(mirror: Mirror) -> None:
    mirror.manners["/a"] = Manner(kind="truncated", times=1)
    once = FetchConfig(attempts=1)
    with pytest.raises(Failed, match="fetch_truncated"):
        get(mirror, config=once)
    mirror.files["/a"] = DATA[::-1]
    assert get(mirror, config=once) == DATA[::-1]


@pytest.mark.parametrize("date", [False, True])
def test_a_host_that_asks_to_wait_is_waited_for(mirror: Mirror, date: bool) -> None:
    # A date counts whole seconds, so up to one of them may have passed already.
    mirror.manners["/a"] = Manner(kind="rate_limited", times=1, retry_after=2, date=date)
    assert get(mirror) == DATA
    first, second = mirror.asked
    assert second.at - first.at >= (1.0 if date else 2.0)


def test_nobody_waits_for_a_host_that_asks_for_too_much(mirror: Mirror) -> None:
    mirror.manners["/a"] = Manner(kind="rate_limited", retry_after=3600)
    with pytest.raises(Failed, match=r"asks for 3600 s, the limit is 60 s .1 attempt") as caught:
        get(mirror)
    assert caught.value.reason == "fetch_rate_limited"


def test_a_wait_holds_for_all_files_of_the_host(mirror: Mirror) -> None:
    mirror.files["/b"] = b"b"
    mirror.manners["/a"] = Manner(kind="rate_limited", times=1, retry_after=1)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(get, mirror)
        while not paused_for(mirror.url):
            time.sleep(0.01)
        assert get(mirror, path="/b") == b"b"
        assert first.result() == DATA
    before, *after = mirror.asked
    assert all(asked.at - before.at >= 1 for asked in after)
    assert sorted(mirror.paths()) == ["/a", "/a", "/b"]


def test_the_size_is_checked_before_and_while_it_comes(mirror: Mirror) -> None:
    with pytest.raises(Rejected, match="fetch_too_large"):
        get(mirror, most=len(DATA) - 1)
    assert get(mirror, most=len(DATA)) == DATA
    with pytest.raises(Failed, match="fetch_truncated") as short:
        get(mirror, size=len(DATA) + 1)
    assert f"{len(DATA)} bytes of {len(DATA) + 1}" in short.value.message
    with pytest.raises(Failed, match="fetch_wrong_hash"):
        get(mirror, size=len(DATA) - 1)


def test_the_hub_says_the_sum_before_it_redirects(mirror: Mirror) -> None:
    mirror.files["/hub"] = b"-> /a"
    assert get(mirror, path="/hub") == DATA
    mirror.manners["/a"] = Manner(kind="wrong", times=ALWAYS)
    with pytest.raises(Failed, match="fetch_wrong_hash"):
        get(mirror, path="/hub")


def test_no_more_than_so_many_at_once(mirror: Mirror) -> None:
    mirror.delay_s = 0.1
    config = FetchConfig(per_host=2)
    with ThreadPoolExecutor(6) as pool:
        results = [pool.submit(get, mirror, config=config) for _ in range(6)]
        assert all(result.result() == DATA for result in results)
    assert mirror.most_at_once == 2


def test_the_deadline_holds_for_all_attempts_together(mirror: Mirror) -> None:
    mirror.manners["/a"] = Manner(kind="silent")
    config = FetchConfig(attempts=50, read_s=0.3, backoff_s=0.01, deadline_s=1.5)
    with pytest.raises(Failed, match="fetch_timeout"):
        get(mirror, config=config)
    assert 1 <= mirror.count("/a") <= 5


def test_a_host_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Failed, match=r"fetch_unreachable.*refused.*4 attempts"):
        fetch_url(f"http://127.0.0.1:{port}/a", config=QUICK, most=MOST)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://host/a", "http:///a", "a.glb", "http://[/a", "http://h/ a"]
)
def test_only_the_web_is_gone_to(url: str) -> None:
    with pytest.raises(Failed, match="no http or https address") as caught:
        fetch_url(url, config=QUICK, most=MOST)
    assert caught.value.reason == "fetch_bad_response"


def test_a_proxy_of_the_environment_is_used(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", mirror.url)
    mirror.files["http://host.invalid/x"] = b"by proxy"
    assert fetch_url("http://host.invalid/x", config=QUICK, most=MOST) == b"by proxy"
    monkeypatch.setenv("no_proxy", "host.invalid")
    with pytest.raises(Failed, match="fetch_unreachable"):
        fetch_url("http://host.invalid/x", config=FetchConfig(attempts=1), most=MOST)


KILLED = """
import sys
from ingest.fetch.client import fetch_url
from ingest.fetch.config import FetchConfig
fetch_url(sys.argv[1], config=FetchConfig(read_s=60), most=1 << 30)
"""


def test_a_transfer_that_was_killed_goes_on(mirror: Mirror) -> None:
    mirror.files["/a"] = DATA * 8
    mirror.manners["/a"] = Manner(kind="stalled", times=1)
    process = subprocess.Popen([sys.executable, "-c", KILLED, f"{mirror.url}/a"])
    half = len(DATA) * 4
    name = hashlib.sha256(f"{mirror.url}/a\0".encode()).hexdigest()
    partial = subfolder("partial") / name
    until = time.monotonic() + 60
    while not partial.exists() or partial.stat().st_size < half // 2:
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.communicate()
    there = partial.stat().st_size
    assert get(mirror, most=1 << 30) == DATA * 8
    assert mirror.asked[-1].range == f"bytes={there}-"
    assert not partial.exists(), "what has served is removed"
