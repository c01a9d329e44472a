"""One attempt at one URL: ask, follow redirects, and take the bytes as they come."""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    IncompleteRead,
    LocationValueError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)

from ingest.fetch.body import Decoder
from ingest.fetch.clock import Clock, within
from ingest.fetch.config import FetchConfig
from ingest.fetch.partial import Partial
from ingest.fetch.retry_after import retry_after
from ingest.fetch.trouble import Trouble

CHUNK = 1 << 16
AGENT = "partworks (data engine; one polite client a machine)"
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What the host says of the file: SHA-256 in hex and bytes; empty and 0 where it does not.

    The Hugging Face hub states both for its large files, on the answer before the redirect to
    where they lie (`X-Linked-Etag`, `X-Linked-Size`).
    """

    sha256: str = ""
    size: int = 0


def transfer(url: str, partial: Partial, *, config: FetchConfig, clock: Clock, most: int) -> Stated:
    """Make `partial` whole, from where it stands if the host agrees.

    Args:
        most: bytes; more is `fetch_too_large`, announced, sent or unpacked.

    Raises:
        Trouble: what went wrong, after which `partial` holds what may be gone on from.
    """
    try:
        response, stated = _ask(url, partial, config=config, clock=clock)
        try:
            _check_status(response, config=config)
            _take(response, partial, config=config, clock=clock, most=most)
        finally:
            response.close()
    except HTTPError as error:
        raise _translate(error, url) from error
    return stated


def check_url(url: str) -> str:
    """Return `url` if it is one that we go to; raises Trouble('fetch_bad_response')."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        fine = False
    if not fine or any(ord(letter) < 33 for letter in url):
        raise Trouble(
            "fetch_bad_response", f"{url[:200]!r} is no http or https address", again=False
        )
    return url


def _ask(
    url: str, partial: Partial, *, config: FetchConfig, clock: Clock
) -> tuple[urllib3.BaseHTTPResponse, Stated]:
    """The first answer that is no redirect, its body unread."""
    headers = {"Accept-Encoding": "identity", "User-Agent": AGENT}
    if partial.size and partial.mark:
        headers |= {"Range": f"bytes={partial.size}-", "If-Range": partial.mark}
    stated = Stated()
    here = check_url(url)
    for _ in range(config.max_redirects + 1):
        response = _open(here, headers, config=config, clock=clock)
        stated = _stated(response.headers) if stated == Stated() else stated
        target = response.headers.get("Location")
        if response.status not in _REDIRECTS or target is None:
            return response, stated
        response.close()
        # Some hosts leave spaces in the address as they are.
        following = check_url(urljoin(here, target.strip().replace(" ", "%20")))
        if here.startswith("https:") and not following.startswith("https:"):
            raise Trouble(
                "fetch_bad_response", f"a redirect from https to {following[:200]}", again=False
            )
        here = following
    raise Trouble("fetch_bad_response", f"more than {config.max_redirects} redirects", again=False)


def _open(
    url: str, headers: Mapping[str, str], *, config: FetchConfig, clock: Clock
) -> urllib3.BaseHTTPResponse:
    left = max(clock.remaining, 0.001)
    timeout = urllib3.Timeout(connect=min(config.connect_s, left), read=min(config.read_s, left))

    def call() -> urllib3.BaseHTTPResponse:
        return _pool(_proxy(url)).request(
            "GET",
            url,
            headers=headers,
            timeout=timeout,
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )

    most = min(left, config.connect_s + config.read_s)
    host = urlsplit(url).netloc.rpartition("@")[2]
    return within(most, call, what=f"the answer of {host}", abandoned=lambda late: late.close())


@cache
def _pool(proxy: str) -> urllib3.PoolManager:
    return urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()


def _proxy(url: str) -> str:
    """The proxy that the environment names for a URL, or nothing."""
    parts = urlsplit(url)
    if urllib.request.proxy_bypass(parts.netloc.rpartition("@")[2]):
        return ""
    found = urllib.request.getproxies().get(parts.scheme, "")
    return found if not found or "://" in found else f"http://{found}"


def _stated(headers: Mapping[str, str]) -> Stated:
    sha256 = headers.get("X-Linked-Etag", "").strip('"').lower()
    size = headers.get("X-Linked-Size", "")
    return Stated(
        sha256=sha256 if _SHA256.fullmatch(sha256) else "",
        size=int(size) if re.fullmatch(r"[0-9]{1,15}", size) else 0,
    )


def _check_status(response: urllib3.BaseHTTPResponse, *, config: FetchConfig) -> None:
    status = response.status
    if status in (200, 206):
        return
    said = f"HTTP {status} {_phrase(status)}".rstrip() + _first_words(response)
    if status in (404, 410):
        raise Trouble("fetch_not_found", said, again=False)
    if status == 416:
        raise Trouble("fetch_truncated", said)
    if status in (408, 425):
        raise Trouble("fetch_timeout", said)
    if status == 429 or status >= 500:
        wait = retry_after(response.headers.get("Retry-After", ""), now=datetime.now(UTC))
        reason = "fetch_rate_limited" if status == 429 else "fetch_server_error"
        patient = wait is None or wait <= config.max_retry_after_s
        if not patient:
            said += f"; it asks for {wait:.0f} s, the limit is {config.max_retry_after_s:g} s"
        raise Trouble(reason, said, again=patient and status not in (501, 505), wait_s=wait)
    if 400 <= status < 500:
        raise Trouble("fetch_refused", said, again=False)
    raise Trouble("fetch_bad_response", said, again=False)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _first_words(response: urllib3.BaseHTTPResponse) -> str:
    """What the host says for itself, if it says it in text at once."""
    if not response.headers.get("Content-Type", "").startswith("text/plain"):
        return ""
    try:
        data = response.read1(300, decode_content=False)
    except HTTPError:
        return ""
    text = " ".join(data.decode("utf-8", "replace").split())
    return f": {text[:200]}" if text else ""


def _take(
    response: urllib3.BaseHTTPResponse,
    partial: Partial,
    *,
    config: FetchConfig,
    clock: Clock,
    most: int,
) -> None:
    """Read the body to its end, into `partial`."""
    resumed = response.status == 206
    if resumed:
        _check_range(response, partial)
    partial.begin(response.headers, resumed=resumed)
    _check_size(partial.size + _length(response.headers), most)
    decoder = Decoder(response.headers.get("Content-Encoding", ""))
    gauge = _Gauge(config)
    while True:
        data = within(
            min(clock.remaining, config.read_s),
            lambda: response.read1(CHUNK, decode_content=False),
            what=f"the next bytes after {partial.size}",
            abandoned=lambda _: response.close(),
        )
        if not data:
            break
        gauge.count(len(data))
        for piece in decoder.decode(data):
            partial.write(piece)
            _check_size(partial.size, most)
    decoder.check_end()


def _length(headers: Mapping[str, str]) -> int:
    text = headers.get("Content-Length", "")
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else 0


def _check_range(response: urllib3.BaseHTTPResponse, partial: Partial) -> None:
    said = response.headers.get("Content-Range", "")
    found = re.fullmatch(r"bytes ([0-9]+)-[0-9]+/(?:[0-9]+|\*)", said.strip())
    if found is None or int(found[1]) != partial.size:
        partial.clear()
        raise Trouble("fetch_bad_response", f"asked for a rest, got the range {said[:100]!r}")


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise Trouble("fetch_too_large", f"{size} bytes or more, the limit is {most}", again=False)


class _Gauge:
    """Ends a transfer that drips."""

    def __init__(self, config: FetchConfig) -> None:
        self._config = config
        self._since = time.monotonic()
        self._bytes = 0

    def count(self, amount: int) -> None:
        """Add bytes; raises Trouble('fetch_timeout') if too few came of late."""
        self._bytes += amount
        seconds = time.monotonic() - self._since
        if seconds < self._config.read_s:
            return
        if self._bytes < self._config.min_bytes_per_s * seconds:
            raise Trouble("fetch_timeout", f"{self._bytes} bytes in {seconds:.1f} s is too slow")
        self._since, self._bytes = time.monotonic(), 0


def _translate(error: HTTPError, url: str) -> Trouble:
    """A library's error as one of ours, with its own words kept."""
    words = " ".join(str(error).split())[:500]
    host = urlsplit(url).netloc.rpartition("@")[2]
    if isinstance(error, ReadTimeoutError | ConnectTimeoutError) and not isinstance(
        error, NewConnectionError
    ):
        return Trouble("fetch_timeout", f"{host} stalled: {words}")
    if isinstance(error, IncompleteRead):
        return Trouble("fetch_truncated", f"the body broke off: {words}")
    if isinstance(error, ProtocolError):
        # Also a connection that ends in the middle of an answer.
        return Trouble("fetch_truncated", f"the connection broke off: {words}")
    if isinstance(error, LocationValueError):
        return Trouble("fetch_bad_response", f"no address to go to: {words}", again=False)
    return Trouble("fetch_unreachable", f"{host} cannot be reached: {words}")
